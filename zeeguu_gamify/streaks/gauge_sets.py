"""The STREAK_DAYS gauges of all users, by sets: they fall with the streaks. See `reset_sets`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Insert,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.delivery.outbox import put_all
from zeeguu_gamify.delivery.topics import STREAK_UPDATED
from zeeguu_gamify.events import Metric
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, Base, Streak, UserBadgeProgress
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.zones import Zoned, Zones
from zeeguu_gamify.temporary import make_temporary, temporary

#: Ids that one statement covers.
IDS = 10_000

_STREAK = Base.metadata.tables[Streak.__tablename__]
_PROGRESS = Base.metadata.tables[UserBadgeProgress.__tablename__]

#: Progress rows that are too high, the value they should have, and what they were.
_GAUGES = temporary(
    "gamify_gauge",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer),
    Column("seen", Integer),
    Column("seen_at", DateTime),
)


def lower_gauges(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Lower the gauges; nothing to do when no badge counts streaks."""
    family = mount.live.by_metric.get(Metric.STREAK_DAYS)
    if mount.config.shadow or family is None:
        return nothing
    make_temporary(connection, _GAUGES)
    with Session(connection) as session:
        is_opened = settings.STREAKS_OPENED in settings.read(session)
    return _Lower(mount, family.id, Zones(connection, mount, at), is_opened)


class _Lower:
    """The step, with its statements made once."""

    def __init__(self, mount: Mount, family_id: int, zones: Zones, is_opened: bool) -> None:
        self._mount = mount
        self._family_id = family_id
        self._is_opened = is_opened  #: then no row of the host tells what ours do not
        self._find = self._too_high(zones.of(_PROGRESS.c.user_id))
        self._lower = _to_lower()

    def __call__(self, work: Work, after: int) -> Batch:
        connection, row_id = work.session.connection(), _PROGRESS.c.id
        first = connection.execute(select(func.min(row_id)).where(row_id > after)).scalar()
        if first is None:
            return Batch(None)
        upto, lowered = first + IDS - 1, 0
        if connection.execute(self._find, {"first": first, "upto": upto}).rowcount:
            lowered = connection.execute(self._lower, {"now": clock.now()}).rowcount
            self._tell_broken(work.session)
            connection.execute(delete(_GAUGES))
        return Batch(upto, {"gauges lowered": lowered})

    def _tell_broken(self, session: Session) -> None:
        """Tell whose gauge fell to 0: no language is alive, so the overall streak is not either."""
        if self._mount.config.webhooks:
            fell = select(_PROGRESS.c.user_id).join(_GAUGES, _GAUGES.c.id == _PROGRESS.c.id)
            fell = fell.where(_GAUGES.c.value == 0, _PROGRESS.c.value == 0)
            told = [(one, {"streak": 0}) for one in session.connection().execute(fell).scalars()]
            if told:
                put_all(session, self._mount, STREAK_UPDATED, told)

    def _too_high(self, local: Zoned) -> Insert:
        """Fill `_GAUGES`."""
        found = local.join(
            select(
                _PROGRESS.c.id,
                self._value(local).label("value"),
                _PROGRESS.c.value.label("seen"),
                _PROGRESS.c.updated_at,
            ).select_from(_PROGRESS)
        ).where(
            _PROGRESS.c.id.between(bindparam("first"), bindparam("upto")),
            _PROGRESS.c.badge_category_id == self._family_id,
            _PROGRESS.c.value > 0,
        )
        looked = found.subquery("looked")
        return insert(_GAUGES).from_select(
            [column.name for column in _GAUGES.c],
            select(looked).where(looked.c.seen > looked.c.value),
        )

    def _value(self, local: Zoned) -> ColumnElement[Any]:
        """What the gauge should be: see `standing.Standing.value`."""
        overall = _longest(_STREAK.c.current, self._run(local, _STREAK.c.language_id == OVERALL))
        if not self._mount.host.has(Group.LANGUAGE):
            return overall
        return case((self._has_languages(), self._of_languages(local)), else_=overall)

    def _has_languages(self) -> ColumnElement[bool]:
        """Whether the user learns one, by the host's rows or, if they are ours to keep, by ours."""
        studied = self._mount.host.table("user_language")
        theirs = exists().where(studied.c.user_id == _PROGRESS.c.user_id)
        if self._mount.config.host_owns_streaks:
            return theirs
        ours = (_STREAK.c.user_id == _PROGRESS.c.user_id, _STREAK.c.language_id != OVERALL)
        return or_(theirs, exists().where(*ours).correlate_except(_STREAK))

    def _of_languages(self, local: Zoned) -> ColumnElement[Any]:
        """The longest streak of a language that is alive."""
        if self._mount.config.host_owns_streaks:
            return self._of_host(local, known=False)
        ours = _longest(_STREAK.c.current, self._run(local, _STREAK.c.language_id != OVERALL))
        if self._is_opened:
            return ours
        rest = self._of_host(local, known=True)
        return case((ours >= rest, ours), else_=rest)

    def _run(self, local: Zoned, which: ColumnElement[bool]) -> ColumnElement[bool]:
        """That a streak row is the user's, one of `which`, and alive."""
        return and_(
            _STREAK.c.user_id == _PROGRESS.c.user_id, which, _STREAK.c.covered_to >= local.cutoff
        )

    def _of_host(self, local: Zoned, *, known: bool) -> ColumnElement[Any]:
        """The longest of the host's rows that is alive; where `known`, but those that we know."""
        studied = self._mount.host.table("user_language").c
        ours = select(_STREAK.c.user_id).where(
            _STREAK.c.user_id == studied.user_id, _STREAK.c.language_id == studied.language_id
        )
        return _longest(
            studied.daily_streak,
            and_(
                studied.user_id == _PROGRESS.c.user_id,
                studied.last_practiced >= local.cutoff_at,
                *([~ours.correlate_except(_STREAK).exists()] if known else ()),
            ),
        )


def _longest(streak: ColumnElement[int], which: ColumnElement[bool]) -> ColumnElement[Any]:
    """The longest streak of the rows of its table for which `which` holds; else 0."""
    longest = select(func.max(streak)).where(which).correlate_except(streak.table)
    return func.coalesce(longest.scalar_subquery(), literal(0))


def _to_lower() -> Update:
    return (
        update(_PROGRESS)
        .where(
            _PROGRESS.c.id == _GAUGES.c.id,
            _PROGRESS.c.value == _GAUGES.c.seen,
            _PROGRESS.c.updated_at.is_not_distinct_from(_GAUGES.c.seen_at),
        )
        .values(value=_GAUGES.c.value, updated_at=bindparam("now"))
    )
