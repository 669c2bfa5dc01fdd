"""What one room puts into the outbox and another one reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeeguu_gamify.events import Emitted

#: Entries of EXP were written; payload as `exp_moved`.
EXP_MOVED = "exp.moved"
#: The overall streak of a user moved; payload: streak, its days as they show then.
STREAK_UPDATED = "streak.updated"
#: To everybody who listens: boards may be asked for again; payload: boards.
REFRESHED = "leaderboard.refreshed"
#: A season is settled; payload as `season_settled`, about no user.
SEASON_SETTLED = "season.settled"


def exp_moved(amount: int, local_date: date, language_id: int) -> dict[str, Any]:
    """What boards are told of entries of one user, date and language (0: none)."""
    return {"amount": amount, "local_date": local_date.isoformat(), "language_id": language_id}


def streaks_updated(emitted: Sequence[Emitted]) -> dict[int, dict[str, Any]]:
    """By user, what is told of the streaks that these events moved; of several the last is true.

    Ours say what the overall streak is then; of a host that says none, it is the value.
    """
    return {
        item.event.user_id: {"streak": item.event.context.get("streak", item.event.value)}
        for item in emitted
        if item.event.name == "streak.changed"
    }


def season_settled(season_id: int, after: int = 0) -> dict[str, Any]:
    """What the inbox is told of a season: to tell those who stood in it, from that user id on."""
    return {"season_id": season_id, "after": after}
