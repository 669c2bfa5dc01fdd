"""Anniversaries: how many years users are with us, by their own dates, and telling of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.events import Event, Metric, emit_batch
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount

ANNIVERSARY = "cron.anniversary"
#: An anniversary is told up to so long afterwards, should no scheduler have run.
LOOK_BACK = timedelta(days=2)
#: Users whose day it may be that are looked at in a batch.
USERS = 500
#: Wider than any date can lie from the same date in another zone, or 28 February from 1 March.
_MARGIN = timedelta(days=3)


def years(joined: date, today: date) -> int:
    """How many whole years lie between two dates of a person."""
    return today.year - joined.year - (today < anniversary(joined, today.year))


def anniversary(joined: date, year: int) -> date:
    """The date in `year` on which the day of joining comes round.

    Who joined on 29 February has it on 28 February in other years: in the month of joining, and
    never a day late.
    """
    try:
        return joined.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def tell(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Emit `cron.anniversary` for whom it is the day, by their own date, once a user and year."""
    known = mount.host.has(Group.CREATED) and ANNIVERSARY in mount.events
    if mount.config.shadow or not known:
        return nothing
    created_at = mount.host.table("user").c.created_at
    first = connection.execute(select(func.min(created_at))).scalar()
    return nothing if first is None else _Tell(mount, at, first.year)


@dataclass(frozen=True)
class _Tell:
    """The step."""

    mount: Mount
    at: datetime
    first: int  #: the year in which the first user joined

    def __call__(self, work: Work, after: int) -> Batch:
        rows = work.session.connection().execute(self._candidates(after)).all()
        events = list(self._events(rows))
        outcomes = emit_batch(work.session, events) if events else []
        told = sum(not outcome.replayed for outcome in outcomes)
        return Batch(rows[-1].id if len(rows) == USERS else None, {"anniversaries": told})

    def _candidates(self, after: int) -> Any:
        """Who joined about this time of some year; a few days more than needed."""
        user = self.mount.host.table("user").c
        columns = [user.id, user.created_at]
        if self.mount.host.has(Group.ZONE):
            columns.append(user.timezone)
        near = or_(*self._windows(user.created_at))
        return select(*columns).where(user.id > after, near).order_by(user.id).limit(USERS)

    def _windows(self, created_at: Any) -> Iterator[ColumnElement[bool]]:
        for year in range(self.first - 1, self.at.year + 1):
            day = datetime.combine(anniversary(self.at.date(), year), datetime.min.time())
            yield and_(created_at >= day - LOOK_BACK - _MARGIN, created_at < day + _MARGIN)

    def _events(self, rows: Sequence[Any]) -> Iterator[Event]:
        for row in rows:
            if row.created_at is None or not self.mount.is_enabled_for(row.id):
                continue
            zone = self.mount.host.zone_from(row.id, getattr(row, "timezone", None))
            joined = clock.local_date(row.created_at, zone)
            today = clock.local_date(self.at, zone)
            count = years(joined, today)
            if count and today - anniversary(joined, joined.year + count) <= LOOK_BACK:
                yield Event(
                    name=ANNIVERSARY, user_id=row.id, value=count, source="cron",
                    event_id=f"anniversary:{row.id}:{count}",
                )  # fmt: skip


def by_joining(
    session: Session, mount: Mount, user_ids: Sequence[int], at: datetime
) -> dict[tuple[int, str], int]:
    """The ledger of TENURE_YEARS: the host's `created_at`; one SELECT."""
    if not mount.host.has(Group.CREATED) or Metric.TENURE_YEARS not in mount.live.by_metric:
        return {}
    user = mount.host.table("user").c
    columns = [user.id, user.created_at]
    if mount.host.has(Group.ZONE):
        columns.append(user.timezone)
    rows = session.connection().execute(select(*columns).where(user.id.in_(list(user_ids))))
    found = {}
    for row in rows:
        if row.created_at is not None:
            zone = mount.host.zone_from(row.id, getattr(row, "timezone", None))
            joined, today = clock.local_date(row.created_at, zone), clock.local_date(at, zone)
            found[row.id, str(Metric.TENURE_YEARS)] = max(years(joined, today), 0)
    return found
