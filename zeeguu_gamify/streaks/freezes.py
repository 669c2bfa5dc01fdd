"""Which missed dates the freezes of a user are for.

A date is frozen iff the user had a freeze left when it ended. So it makes no difference whether
job, login or practice comes first, and a freeze given after a streak broke is kept for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Asset, LedgerEntry, UserProfile
from zeeguu_gamify.streaks import calendar


def due(session: Session, user_id: int, missed: Sequence[date], zone: str) -> list[date]:
    """The first of the missed dates (none of them bridged), as far as freezes reach.

    Locks the user's freezes.
    """
    owned = select(UserProfile.freezes).where(UserProfile.user_id == user_id)
    left = session.connection().execute(owned.with_for_update()).scalar() or 0
    if not left:
        return []
    given, spent = _entries(session, user_id)
    dates: list[date] = []
    for day in missed:
        ended = calendar.begins(calendar.after(day, zone), zone)
        in_time = sum(amount for at, amount in given if at < ended)
        if min(left, in_time - spent) <= len(dates):
            break
        dates.append(day)
    return dates


def _entries(session: Session, user_id: int) -> tuple[list[tuple[datetime, int]], int]:
    """When how many freezes were given, and how many were spent."""
    entry = LedgerEntry.__table__.c
    wanted = (
        select(entry.at, entry.amount)
        .where(entry.user_id == user_id, entry.asset == Asset.FREEZES)
        .with_for_update(read=True)
    )
    entries = [(row.at, row.amount) for row in session.connection().execute(wanted)]
    return [item for item in entries if item[1] > 0], -sum(min(amount, 0) for _, amount in entries)
