"""What one room puts into the outbox and another one reads."""

from __future__ import annotations

from datetime import date
from typing import Any

#: Entries of EXP were written; payload as `exp_moved`.
EXP_MOVED = "exp.moved"
#: To everybody who listens: boards may be asked for again; payload: boards.
REFRESHED = "leaderboard.refreshed"


def exp_moved(amount: int, local_date: date, language_id: int) -> dict[str, Any]:
    """What boards are told of entries of one user, date and language (0: none)."""
    return {"amount": amount, "local_date": local_date.isoformat(), "language_id": language_id}
