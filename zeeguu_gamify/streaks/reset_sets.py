"""Lapsed streaks of all users, by sets: the host's columns and the gauges.

What broke is found by statements that lock nothing (the connection reads what is committed), and
written only where the row still is what was seen. So a practice at the same moment wins, and never
waits for a sweep that waits for it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Insert,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.events import Metric
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, Base, Streak, UserBadgeProgress
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.zones import Zoned, Zones, make_temporary, temporary

#: Ids that one statement covers.
IDS = 10_000

_STREAK = Base.metadata.tables[Streak.__tablename__]
_PROGRESS = Base.metadata.tables[UserBadgeProgress.__tablename__]

#: Rows of user_language that broke, as they were when they were looked at.
_BROKEN = temporary(
    "gamify_broken",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", Integer),
    Column("daily_streak", Integer),
    Column("last_practiced", DateTime),
)
#: Progress rows that are too high, the value they should have, and what they were.
_GAUGES = temporary(
    "gamify_gauge",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer),
    Column("seen", Integer),
    Column("seen_at", DateTime),
)


def reset_streaks(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Set what broke to 0 in the host's columns, and lower the gauges.

    Where the host owns the streaks, only the gauges; a host without languages has only them.
    """
    if mount.config.shadow:
        return nothing
    for table in (_BROKEN, _GAUGES):
        make_temporary(connection, table)
    zones = Zones(connection, mount, at)
    if mount.host.has(Group.LANGUAGE):
        return _Languages(mount, zones)
    return partial(_lower_batch, _overall_gauges(mount, zones))


class _Languages:
    """The step over user_language."""

    def __init__(self, mount: Mount, zones: Zones) -> None:
        self._table = mount.host.table("user_language")
        self._ours = not mount.config.host_owns_streaks
        self._mount = mount
        self._find = self._broken(zones.of(self._table.c.user_id))
        self._find_gauges = self._gauges(zones.of(_BROKEN.c.user_id))

    def __call__(self, work: Work, after: int) -> Batch:
        connection, studied = work.session.connection(), self._table.c
        first = connection.execute(select(func.min(studied.id)).where(studied.id > after)).scalar()
        if first is None:
            return Batch(None)
        upto = first + IDS - 1
        counts = {"languages reset": 0, "gauges lowered": 0}
        if connection.execute(self._find, {"first": first, "upto": upto}).rowcount:
            connection.execute(self._find_gauges)
            counts["languages reset"] = self._zero(connection)
            counts["gauges lowered"] = _lower(work.session)
            connection.execute(delete(_BROKEN))
        return Batch(upto, counts)

    def _broken(self, local: Zoned) -> Insert:
        """Fill `_BROKEN`; where the host owns the rows, only as long as the gauge stands."""
        studied = self._table.c
        found: Select[Any] = select(
            studied.id, studied.user_id, studied.daily_streak, studied.last_practiced
        )
        found = self._with_run(local.join(found.select_from(self._table)))
        if not self._ours:
            found = found.join(_PROGRESS, _gauge_of(self._mount, studied.user_id))
            found = found.where(_PROGRESS.c.value > 0)
        found = found.where(
            studied.id.between(bindparam("first"), bindparam("upto")),
            studied.daily_streak > 0,
            ~self._is_alive(local),
        )
        return insert(_BROKEN).from_select([column.name for column in _BROKEN.c], found)

    def _gauges(self, local: Zoned) -> Insert:
        """Fill `_GAUGES` with the users of `_BROKEN`: the longest streak that is alive."""
        studied = self._table.c
        stored = func.coalesce(_STREAK.c.current, studied.daily_streak)
        streak = stored if self._ours else studied.daily_streak
        value = func.max(case((self._is_alive(local), streak), else_=0))
        found: Select[Any] = select(
            _PROGRESS.c.id, value, _PROGRESS.c.value, _PROGRESS.c.updated_at
        )
        found = found.select_from(_BROKEN).join(self._table, studied.user_id == _BROKEN.c.user_id)
        found = self._with_run(local.join(found))
        found = (
            found.join(_PROGRESS, _gauge_of(self._mount, _BROKEN.c.user_id))
            .group_by(_PROGRESS.c.id, _PROGRESS.c.value, _PROGRESS.c.updated_at)
            .having(_PROGRESS.c.value > value)
        )
        return insert(_GAUGES).from_select([column.name for column in _GAUGES.c], found)

    def _with_run(self, found: Select[Any]) -> Select[Any]:
        """Join our streak of the language."""
        if not self._ours:
            return found
        of_row = and_(
            _STREAK.c.user_id == self._table.c.user_id,
            _STREAK.c.language_id == self._table.c.language_id,
        )
        return found.outerjoin(_STREAK, of_row)

    def _is_alive(self, local: Zoned) -> ColumnElement[bool]:
        """By our streak where there is one, else by the host's last practice."""
        practised = func.coalesce(self._table.c.last_practiced >= local.cutoff_at, False)
        if not self._ours:
            return practised
        return func.coalesce(_STREAK.c.covered_to >= local.cutoff, practised)

    def _zero(self, connection: Connection) -> int:
        if not self._ours:
            return 0
        studied = self._table.c
        return connection.execute(
            update(self._table)
            .where(
                studied.id == _BROKEN.c.id,
                studied.daily_streak == _BROKEN.c.daily_streak,
                studied.last_practiced.is_not_distinct_from(_BROKEN.c.last_practiced),
            )
            .values(daily_streak=0)
        ).rowcount


def _overall_gauges(mount: Mount, zones: Zones) -> Insert:
    """Fill `_GAUGES` with users whose overall streak broke."""
    local = zones.of(_STREAK.c.user_id)
    found: Select[Any] = select(
        _PROGRESS.c.id, literal(0), _PROGRESS.c.value, _PROGRESS.c.updated_at
    )
    found = local.join(found.select_from(_STREAK)).join(
        _PROGRESS, _gauge_of(mount, _STREAK.c.user_id)
    )
    found = found.where(
        _STREAK.c.user_id.between(bindparam("first"), bindparam("upto")),
        _STREAK.c.language_id == OVERALL,
        _STREAK.c.covered_to < local.cutoff,
        _PROGRESS.c.value > 0,
    )
    return insert(_GAUGES).from_select([column.name for column in _GAUGES.c], found)


def _lower_batch(find: Insert, work: Work, after: int) -> Batch:
    connection, user_id = work.session.connection(), _STREAK.c.user_id
    first = connection.execute(select(func.min(user_id)).where(user_id > after)).scalar()
    if first is None:
        return Batch(None)
    upto = first + IDS - 1
    connection.execute(find, {"first": first, "upto": upto})
    return Batch(upto, {"gauges lowered": _lower(work.session)})


def _gauge_of(mount: Mount, user_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The user's row of the STREAK_DAYS gauge; none, when no badge counts streaks."""
    family = mount.live.by_metric.get(Metric.STREAK_DAYS)
    return and_(
        _PROGRESS.c.user_id == user_id,
        _PROGRESS.c.badge_category_id == (family.id if family else None),
    )


def _lower(session: Session) -> int:
    """Lower the gauges of `_GAUGES`, and empty it."""
    connection = session.connection()
    done = connection.execute(
        update(_PROGRESS)
        .where(
            _PROGRESS.c.id == _GAUGES.c.id,
            _PROGRESS.c.value == _GAUGES.c.seen,
            _PROGRESS.c.updated_at.is_not_distinct_from(_GAUGES.c.seen_at),
        )
        .values(value=_GAUGES.c.value, updated_at=clock.now())
    )
    connection.execute(delete(_GAUGES))
    return done.rowcount
