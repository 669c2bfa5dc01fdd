"""The daily streak as the host keeps it in `user_language` (docs/contract.md §3.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount


def shown(stored: int, last_practiced: datetime | None, zone: str, at: datetime) -> int:
    """The streak to show at `at` (UTC): 0 once a whole local day of the user was missed."""
    if last_practiced is None:
        return 0
    yesterday = clock.local_date(at, zone) - timedelta(days=1)
    return stored if clock.local_date(last_practiced, zone) >= yesterday else 0


def longest_current(session: Session, mount: Mount, user_id: int) -> int:
    """The longest current streak over the user's languages; 0 when the host has no languages."""
    if not mount.host.has(Group.LANGUAGE):
        return 0
    zone = mount.host.zone_name(session, user_id)
    studied = mount.host.table("user_language").c
    rows = session.connection().execute(
        select(studied.daily_streak, studied.last_practiced).where(studied.user_id == user_id)
    )
    now = clock.now()
    return max((shown(row.daily_streak, row.last_practiced, zone, now) for row in rows), default=0)
