"""Finding out what a change would do by doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from zeeguu_gamify.economy import statement
from zeeguu_gamify.mount import Mount

T = TypeVar("T")


def rehearse(
    session: Session, mount: Mount, user_id: int, work: Callable[[], T]
) -> tuple[T, dict[str, int]]:
    """What `work` returns, and how much of what it gives the user or takes; then it never was.

    Nothing is told to anybody, for that waits for a commit. Raises what `work` raises.
    """
    session.rollback()  # a lock with which `work` begins comes before all it reads
    try:
        result = work()
        after = _owned(session, mount, user_id)
    finally:
        session.rollback()
    before = _owned(session, mount, user_id)
    return result, {
        what: count - before[what] for what, count in after.items() if count != before[what]
    }


def _owned(session: Session, mount: Mount, user_id: int) -> dict[str, int]:
    has = statement.standing(session, mount, user_id)
    return {"EXP": has.exp, "Coins": has.coins, "Freezes": has.freezes}
