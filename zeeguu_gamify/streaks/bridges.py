"""Bridges: freezes, repairs, amnesties and journeys keep a streak alive over missed dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.models import (
    OVERALL,
    Asset,
    BridgeKind,
    LedgerEntry,
    PracticeDay,
    Streak,
    StreakBridge,
    UserProfile,
)
from zeeguu_gamify.streaks import calendar

#: A journey bridges a date at most once in so many days, and only between practices this close.
TRAVEL_EVERY_DAYS = 7
TRAVEL_WITHIN = timedelta(hours=36)


class Standing(Protocol):
    """Where an overall streak stands."""

    @property
    def freezes(self) -> int:
        """Freezes that the user has."""

    @property
    def last_zone(self) -> str | None:
        """The zone of the last practice."""


def missed_dates(covered_to: date, day: date, zone: str) -> list[date]:
    """The existing dates of the zone between the two, both excluded."""
    missed = []
    missing = calendar.after(covered_to, zone)
    while missing < day:
        missed.append(missing)
        missing = calendar.after(missing, zone)
    return missed


def fill_gap(
    session: Session, user_id: int, seen: Standing, day: date, zone: str, at: datetime
) -> None:
    """Bridge what was missed before `day`, as far as a journey or the user's freezes reach.

    Costs nothing when the user has no freeze and is where they were. Freezes are used for the
    first missed dates, one by one, as the nightly job would have done.
    """
    travelled = seen.last_zone is not None and _has_moved(seen.last_zone, zone, at)
    if not seen.freezes and not travelled:
        return
    overall = session.connection().execute(
        select(Streak.covered_to, Streak.last_date)
        .where(Streak.user_id == user_id, Streak.language_id == OVERALL)
        .with_for_update()
    ).one()  # fmt: skip
    missed = missed_dates(overall.covered_to, day, zone)
    if travelled and len(missed) == 1 and _is_journey(session, user_id, overall.last_date, day, at):
        cover(session, user_id, overall.covered_to, missed, BridgeKind.TRAVEL)
    elif frozen := missed[: seen.freezes]:
        spend_freezes(session, user_id, frozen)
        cover(session, user_id, overall.covered_to, frozen, BridgeKind.FREEZE)


def _has_moved(before: str, zone: str, at: datetime) -> bool:
    """Whether the clocks of the two zones differ: Berlin to Paris is no journey."""
    return clock.offset(at, before) != clock.offset(at, zone)


def _is_journey(session: Session, user_id: int, last_date: date, day: date, at: datetime) -> bool:
    """Whether the gap is short enough, and no journey bridged a date in the week before."""
    practised, bridge = PracticeDay.__table__.c, StreakBridge.__table__.c
    last_at = session.connection().execute(
        select(practised.first_at)
        .where(practised.user_id == user_id, practised.local_date == last_date)
        .order_by(practised.first_at.desc())
    ).scalars().first()  # fmt: skip
    if last_at is None or at - last_at >= TRAVEL_WITHIN:
        return False
    recent = select(bridge.local_date).where(
        bridge.user_id == user_id,
        bridge.kind == BridgeKind.TRAVEL,
        bridge.local_date > day - timedelta(days=TRAVEL_EVERY_DAYS + 1),
    )
    return session.connection().execute(recent).first() is None


def cover(
    session: Session,
    user_id: int,
    covered_to: date,
    dates: Sequence[date],
    kind: BridgeKind,
) -> None:
    """Bridge `dates`, right behind `covered_to`, for every language alive until then."""
    now = clock.now()
    session.connection().execute(
        insert(StreakBridge),
        [{"user_id": user_id, "local_date": day, "kind": kind, "created_at": now} for day in dates],
    )
    session.connection().execute(
        update(Streak)
        .where(Streak.user_id == user_id, Streak.covered_to >= covered_to)
        .values(covered_to=dates[-1], bridged=dates[-1])
    )


def give_freezes(session: Session, user_id: int, amount: int, reason: str) -> None:
    """Give the user freezes; does not commit. Raises BadInput for less than one."""
    if amount < 1:
        raise BadInput(f"amount must be at least 1, not {amount}")
    connection = session.connection()
    profile = UserProfile.__table__.c
    known = connection.execute(select(profile.user_id).where(profile.user_id == user_id)).first()
    if known is None:
        connection.execute(insert(UserProfile), {"user_id": user_id, "freezes": 0})
    _move_freezes(session, user_id, amount, reason)


def spend_freezes(session: Session, user_id: int, dates: Sequence[date]) -> None:
    """Use a freeze for each of `dates`."""
    days = ", ".join(day.isoformat() for day in dates)
    _move_freezes(session, user_id, -len(dates), f"used for {days}")


def give_back(session: Session, user_id: int, day: date) -> None:
    """Practice on a frozen date came to light: the freeze was not needed."""
    bridge = StreakBridge.__table__.c
    session.connection().execute(
        delete(StreakBridge).where(bridge.user_id == user_id, bridge.local_date == day)
    )
    _move_freezes(session, user_id, 1, f"given back for {day.isoformat()}")


def _move_freezes(session: Session, user_id: int, amount: int, reason: str) -> None:
    """Move balance and ledger together; the balance never falls below zero."""
    connection = session.connection()
    moved = connection.execute(
        update(UserProfile)
        .where(UserProfile.user_id == user_id, UserProfile.freezes >= -amount)
        .values(freezes=UserProfile.freezes + amount)
    )
    if not moved.rowcount:
        raise BadInput(f"freezes: user {user_id} has not got {-amount}")
    entry = {
        "user_id": user_id, "asset": Asset.FREEZES, "amount": amount, "at": clock.now(),
        "reason": reason,
    }  # fmt: skip
    connection.execute(insert(LedgerEntry), entry)
