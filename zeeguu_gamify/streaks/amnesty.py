"""Amnesties: nobody's streak ends for an outage. Every local date it touched is bridged.

Both ways go through the users in batches, one user a transaction; interrupted, the same command
goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.batch import Batch, Job, Step, Work
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.holding import hold_if_there
from zeeguu_gamify.models import OVERALL, Amnesty, BridgeKind, PracticeDay, Streak, StreakBridge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import bridges, calendar, gaps, ledger, rows
from zeeguu_gamify.streaks.repair import check_reason
from zeeguu_gamify.streaks.reset import recompute
from zeeguu_gamify.transaction import begin_at_once

#: Users in a batch.
USERS = 200
#: An outage of more days than this is a mistake in the command.
MAX_DAYS = 31
#: On a bridge that took the place of a freeze.
FOR_A_FREEZE = "instead of a freeze"
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Window:
    """An outage, in UTC; `until` is excluded."""

    since: datetime
    until: datetime
    id: int | None = None  #: of the amnesty, once it is declared

    @classmethod
    def of(cls, row: Any) -> Window:
        """Of a row of `amnesty`."""
        return cls(row.from_utc, row.to_utc, row.id)

    def dates(self, zone: str) -> list[date]:
        """The local dates that it touched."""
        first = clock.local_date(self.since, zone)
        last = clock.local_date(self.until - timedelta(seconds=1), zone)
        return [first, *calendar.between(first, last + calendar.DAY, zone)]


def check(window: Window, reason: str) -> None:
    """Raise BadInput for a window that is no outage of the past, or a reason that is none."""
    check_reason(reason)
    if window.until <= window.since:
        raise BadInput("to: must be after from")
    if window.until > clock.now():
        raise BadInput("to: must not be in the future; declare it when it is over")
    if window.until - window.since > timedelta(days=MAX_DAYS):
        raise BadInput(f"to: at most {MAX_DAYS} days after from")


def declare(session: Session, window: Window, reason: str, actor: str) -> Window:
    """Write the amnesty, or find it when it is there already; does not commit."""
    connection = session.connection()
    same = (
        Amnesty.from_utc == window.since, Amnesty.to_utc == window.until,
        Amnesty.undone_at.is_(None),
    )  # fmt: skip
    row = {
        "from_utc": window.since, "to_utc": window.until, "reason": reason.strip(),
        "actor": actor[:64], "created_at": clock.now(),
    }  # fmt: skip
    if connection.execute(select(Amnesty.id).where(*same)).first() is None:
        connection.execute(insert(Amnesty), row)
    return Window.of(connection.execute(select(Amnesty.__table__).where(*same)).first())


def take_back(session: Session, amnesty_id: int) -> Window:
    """Mark the amnesty as undone; does not commit. Raises NotFound."""
    connection = session.connection()
    this = Amnesty.id == amnesty_id
    row = connection.execute(select(Amnesty.__table__).where(this)).first()
    if row is None:
        raise NotFound(f"There is no amnesty {amnesty_id}.")
    if row.undone_at is None:
        connection.execute(update(Amnesty).where(this).values(undone_at=clock.now()))
    return Window.of(row)


def every(session: Session) -> Sequence[Row[Any]]:
    """All amnesties, the newest last."""
    return session.connection().execute(select(Amnesty.__table__).order_by(Amnesty.id)).all()


def covering(window: Window) -> Job:
    """Bridge what the window touched, for everybody whose run was alive the day before."""
    return Job("amnesty", "bridge an outage", lambda *_: partial(_cover_batch, window))


def undoing(window: Window) -> Job:
    """Take the bridges of an amnesty away again."""
    return Job("amnesty.undo", "take an amnesty back", partial(_start_undoing, window))


def _cover_batch(window: Window, work: Work, after: int) -> Batch:
    streak = Streak.__table__.c
    in_reach = select(streak.user_id).where(
        streak.user_id > after,
        streak.language_id == OVERALL,
        streak.covered_to >= window.since.date() - _MARGIN,
    )
    wanted = in_reach.order_by(streak.user_id).limit(USERS)
    ids = work.session.connection().execute(wanted).scalars().all()
    counts = {"users": 0, "dates bridged": 0, "freezes refunded": 0}
    for user_id in _who_missed_something(work.session, window, ids):
        work.save()
        bridged, refunded = _cover(work.session, work.mount, user_id, window)
        if bridged or refunded:
            recompute(work.session, work.mount, user_id, work.at)
            counts["users"] += 1
        counts["dates bridged"] += bridged
        counts["freezes refunded"] += refunded
    return Batch(ids[-1] if len(ids) == USERS else None, counts)


def _who_missed_something(session: Session, window: Window, ids: Sequence[int]) -> list[int]:
    """Without those who practised on every date near the window, wherever they were."""
    first, last = window.since.date() - calendar.DAY, window.until.date() + calendar.DAY
    day = PracticeDay.__table__.c
    wanted = select(day.user_id, day.local_date).where(
        day.user_id.in_(ids), day.local_date.between(first, last)
    )
    practised = {(row.user_id, row.local_date) for row in session.connection().execute(wanted)}
    near = [first + number * calendar.DAY for number in range((last - first).days + 1)]
    return [one for one in ids if not all((one, day) in practised for day in near)]


def _cover(session: Session, mount: Mount, user_id: int, window: Window) -> tuple[int, int]:
    """Bridge what one user missed: dates bridged anew, and freezes refunded."""
    begin_at_once(session)
    connection = session.connection()
    hold_if_there(connection, user_id)
    rows.locked(session, user_id)
    known = ledger.read(session, user_id)
    zone = gaps.zone_on(known, window.since.date(), mount.host.zone_name(session, user_id))
    touched = window.dates(zone)
    missed = gaps.missed(known, touched, zone)
    if missed:
        bridge = {"user_id": user_id, "kind": BridgeKind.AMNESTY, "amnesty_id": window.id}
        now = clock.now()
        connection.execute(
            insert(StreakBridge),
            [{**bridge, "local_date": day, "created_at": now} for day in missed],
        )
    frozen = [day for day in touched if known.bridges.get(day) is BridgeKind.FREEZE]
    for day in frozen:
        values = {"kind": BridgeKind.AMNESTY, "amnesty_id": window.id, "reason": FOR_A_FREEZE}
        connection.execute(update(StreakBridge).where(*_this(user_id, day)).values(values))
        bridges.refund(session, user_id, 1, f"refunded for {day.isoformat()} by an amnesty")
    return len(missed), len(frozen)


def _start_undoing(window: Window, connection: Connection, _mount: Mount, _at: datetime) -> Step:
    """Where two outages touched a date, it stays bridged for the other."""
    others = connection.execute(
        select(Amnesty.__table__).where(
            Amnesty.id != window.id,
            Amnesty.undone_at.is_(None),
            Amnesty.from_utc < window.until + _MARGIN,
            Amnesty.to_utc > window.since - _MARGIN,
        )
    )
    return partial(_undo_batch, window, [Window.of(row) for row in others])


def _undo_batch(window: Window, others: Sequence[Window], work: Work, after: int) -> Batch:
    bridge = StreakBridge.__table__.c
    bridged = (
        select(bridge.user_id)
        .distinct()
        .where(bridge.user_id > after, bridge.amnesty_id == window.id)
    )
    wanted = bridged.order_by(bridge.user_id).limit(USERS)
    ids = work.session.connection().execute(wanted).scalars().all()
    dates = 0
    for user_id in ids:
        work.save()
        dates += _uncover(work.session, user_id, window)
        for other in others:
            _cover(work.session, work.mount, user_id, other)
        recompute(work.session, work.mount, user_id, work.at)
    done = ids[-1] if len(ids) == USERS else None
    return Batch(done, {"users": len(ids), "dates no longer bridged": dates})


def _uncover(session: Session, user_id: int, window: Window) -> int:
    """Take a user's bridges away; a freeze is used again, as far as there is one left."""
    begin_at_once(session)
    connection = session.connection()
    hold_if_there(connection, user_id)
    rows.locked(session, user_id)
    bridge = StreakBridge.__table__.c
    of_window = (bridge.user_id == user_id, bridge.amnesty_id == window.id)
    frozen = select(bridge.local_date).where(*of_window, bridge.reason == FOR_A_FREEZE)
    for day in connection.execute(frozen.order_by(bridge.local_date)).scalars().all():
        if bridges.has_freezes(session, user_id):
            bridges.spend_freezes(session, user_id, [day])
            values = {"kind": BridgeKind.FREEZE, "amnesty_id": None, "reason": None}
            connection.execute(update(StreakBridge).where(*_this(user_id, day)).values(values))
    return connection.execute(delete(StreakBridge).where(*of_window)).rowcount


def _this(user_id: int, day: date) -> tuple[Any, Any]:
    return StreakBridge.user_id == user_id, StreakBridge.local_date == day
