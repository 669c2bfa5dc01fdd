"""Broken streaks of all users, by sets: `daily_streak` in the host's table becomes 0.

What broke is found by a statement that locks nothing (the connection reads what is committed), and
written only where the row still is what was seen. So a practice at the same moment wins, and never
waits for a sweep that waits for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Insert,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import Base, Streak
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.zones import Zoned, Zones
from zeeguu_gamify.temporary import make_temporary, temporary

#: Ids that one statement covers.
IDS = 10_000

_STREAK = Base.metadata.tables[Streak.__tablename__]

#: Rows of user_language that broke, as they were when they were looked at.
_BROKEN = temporary(
    "gamify_broken",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("daily_streak", Integer),
    Column("last_practiced", DateTime),
)


def reset_streaks(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Nothing to do where the host owns the rows, or has no languages."""
    if mount.config.host_owns_streaks or not mount.host.has(Group.LANGUAGE):
        return nothing
    make_temporary(connection, _BROKEN)
    return _Reset(mount, Zones(connection, mount, at))


class _Reset:
    """The step, with its statements made once."""

    def __init__(self, mount: Mount, zones: Zones) -> None:
        self._table = mount.host.table("user_language")
        self._find = self._broken(zones.of(self._table.c.user_id))
        self._zero = self._to_zero()

    def __call__(self, work: Work, after: int) -> Batch:
        connection, row_id = work.session.connection(), self._table.c.id
        first = connection.execute(select(func.min(row_id)).where(row_id > after)).scalar()
        if first is None:
            return Batch(None)
        upto, reset = first + IDS - 1, 0
        if connection.execute(self._find, {"first": first, "upto": upto}).rowcount:
            reset = connection.execute(self._zero).rowcount
            connection.execute(delete(_BROKEN))
        return Batch(upto, {"languages reset": reset})

    def _broken(self, local: Zoned) -> Insert:
        """Fill `_BROKEN`: by our streak where there is one, else by the host's last practice.

        For who practised lately, wherever they were then, no streak has to be looked up.
        """
        studied = self._table.c
        run = and_(
            _STREAK.c.user_id == studied.user_id, _STREAK.c.language_id == studied.language_id
        )
        practised = func.coalesce(studied.last_practiced >= local.cutoff_at, False)
        lately = func.coalesce(studied.last_practiced >= local.alive_from, False)
        is_alive = func.coalesce(_STREAK.c.covered_to >= local.cutoff, practised)
        found: Select[Any] = select(studied.id, studied.daily_streak, studied.last_practiced)
        found = (
            local.join(found.select_from(self._table))
            .outerjoin(_STREAK, run)
            .where(
                studied.id.between(bindparam("first"), bindparam("upto")),
                studied.daily_streak > 0,
                ~lately,
                ~is_alive,
            )
        )
        return insert(_BROKEN).from_select([column.name for column in _BROKEN.c], found)

    def _to_zero(self) -> Update:
        studied = self._table.c
        return (
            update(self._table)
            .where(
                studied.id == _BROKEN.c.id,
                studied.daily_streak == _BROKEN.c.daily_streak,
                studied.last_practiced.is_not_distinct_from(_BROKEN.c.last_practiced),
            )
            .values(daily_streak=0)
        )
