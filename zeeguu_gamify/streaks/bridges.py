"""Bridges: freezes, repairs, amnesties and journeys keep a streak alive over missed dates."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, datetime
from itertools import takewhile
from typing import Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import whole_number
from zeeguu_gamify.holding import hold
from zeeguu_gamify.models import (
    OVERALL,
    Asset,
    BridgeKind,
    LedgerEntry,
    Streak,
    StreakBridge,
    UserProfile,
)
from zeeguu_gamify.streaks import calendar, freezes, ledger, travel
from zeeguu_gamify.streaks.ledger import Ledger
from zeeguu_gamify.streaks.travel import Stay
from zeeguu_gamify.transaction import AnySession, plain


class Standing(Protocol):
    """Where an overall streak stands."""

    @property
    def freezes(self) -> int:
        """Freezes that the user has."""

    @property
    def last_zone(self) -> str | None:
        """The zone of the last practice."""


def fill_gap(
    session: Session, user_id: int, seen: Standing, day: date, zone: str, at: datetime
) -> bool:
    """Bridge what was not practised before `day`, as far as a journey or freezes reach.

    Returns whether anything is bridged now that was not before.

    Costs nothing when the user has no freeze and is where they were. What is bridged is decided
    before any bridge is read locking: two users who did that at once would lock each other's gap.
    """
    travelled = seen.last_zone is not None and travel.has_moved(seen.last_zone, zone, at)
    if not seen.freezes and not travelled:
        return False
    overall = session.connection().execute(
        select(Streak.covered_to, Streak.last_date)
        .where(Streak.user_id == user_id, Streak.language_id == OVERALL)
        .with_for_update()
    ).one()  # fmt: skip
    known = ledger.read(session, user_id, locking=False)
    missed = calendar.between(overall.last_date, day, zone)
    new: Sequence[date] = ()
    if travelled:
        explained = travel.explained({**known.stays(), day: Stay(zone, at, at)}, known.bridges)
        new = [date for date in missed if date in explained]
        _bridge_journeys(session, user_id, known, new)
    if not new and seen.freezes:
        missed = [date for date in missed if date > overall.covered_to]
        new = _frozen(session, user_id, known, missed, zone)
    _cover(session, user_id, overall.covered_to, _reached(missed, {*known.bridges, *new}))
    return bool(new)


def _frozen(
    session: Session, user_id: int, known: Ledger, missed: Sequence[date], zone: str
) -> Sequence[date]:
    """Freezes for the first of the missed dates, as the nightly job would have used them."""
    not_bridged = [day for day in missed if day not in known.bridges]
    dates = freezes.due(session, user_id, not_bridged, zone)
    if dates:
        spend_freezes(session, user_id, dates)
        _insert(session, user_id, dates, BridgeKind.FREEZE)
    return dates


def _reached(missed: Sequence[date], bridged: AbstractSet[date]) -> date | None:
    """The last of the missed dates before which all are bridged, if the first one is."""
    return max(takewhile(bridged.__contains__, missed), default=None)


def explain(session: Session, user_id: int, known: Ledger) -> Ledger:
    """Bridge what journeys explain; the ledger as it is then."""
    dates = sorted(travel.explained(known.stays(), known.bridges))
    _bridge_journeys(session, user_id, known, dates)
    return replace(known, bridges={**known.bridges, **dict.fromkeys(dates, BridgeKind.TRAVEL)})


def _bridge_journeys(session: Session, user_id: int, known: Ledger, dates: Sequence[date]) -> None:
    for day in dates:
        if known.bridges.get(day) is BridgeKind.FREEZE:
            give_back(session, user_id, day)
    if dates:
        _insert(session, user_id, dates, BridgeKind.TRAVEL)


def cover(
    session: Session,
    user_id: int,
    covered_to: date,
    dates: Sequence[date],
    kind: BridgeKind,
) -> None:
    """Bridge `dates`, right behind `covered_to`, for every language alive until then."""
    _insert(session, user_id, dates, kind)
    _cover(session, user_id, covered_to, dates[-1])


def _insert(session: Session, user_id: int, dates: Sequence[date], kind: BridgeKind) -> None:
    now = clock.now()
    session.connection().execute(
        insert(StreakBridge),
        [{"user_id": user_id, "local_date": day, "kind": kind, "created_at": now} for day in dates],
    )


def _cover(session: Session, user_id: int, covered_to: date, reached: date | None) -> None:
    if reached is None or reached <= covered_to:
        return
    session.connection().execute(
        update(Streak)
        .where(Streak.user_id == user_id, Streak.covered_to >= covered_to)
        .values(covered_to=reached, bridged=reached)
    )


def give_freezes(session: AnySession, user_id: int, amount: int, reason: str) -> None:
    """Give the user freezes; does not commit. Raises UnknownUser, BadInput for less than one."""
    whole_number("amount", amount, at_least=1)
    session = plain(session)
    hold(session.connection(), user_id)
    _move_freezes(session, user_id, amount, reason)


def take_freezes(session: Session, user_id: int, amount: int, reason: str) -> None:
    """Take freezes away; does not commit. Raises BadInput when the user has not so many."""
    _move_freezes(session, user_id, -amount, reason)


def spend_freezes(session: Session, user_id: int, dates: Sequence[date]) -> None:
    """Use a freeze for each of `dates`."""
    days = ", ".join(day.isoformat() for day in dates)
    _move_freezes(session, user_id, -len(dates), f"used for {days}")


def give_back(session: Session, user_id: int, day: date) -> None:
    """A frozen date turned out to need no freeze."""
    lift(session, user_id, day)
    refund(session, user_id, 1, f"given back for {day.isoformat()}")


def lift_unneeded(session: Session, user_id: int, day: date, known: Ledger) -> Ledger:
    """Practice on `day` came to light: a freeze or a journey is not needed for it any more.

    Gives the ledger as it is then.
    """
    kind = known.bridges.get(day)
    if kind is BridgeKind.FREEZE:
        give_back(session, user_id, day)
    elif kind is BridgeKind.TRAVEL:
        lift(session, user_id, day)
    else:
        return known
    return replace(known, bridges={date: of for date, of in known.bridges.items() if date != day})


def lift(session: Session, user_id: int, day: date) -> None:
    """Take the bridge over `day` away, of whatever kind."""
    bridge = StreakBridge.__table__.c
    session.connection().execute(
        delete(StreakBridge).where(bridge.user_id == user_id, bridge.local_date == day)
    )


def refund(session: Session, user_id: int, amount: int, reason: str) -> None:
    """Give freezes back that were used in vain."""
    _move_freezes(session, user_id, amount, reason)


def has_freezes(session: Session, user_id: int) -> bool:
    """Whether the user has a freeze left; locks them."""
    owned = select(UserProfile.freezes).where(UserProfile.user_id == user_id).with_for_update()
    return bool(session.connection().execute(owned).scalar())


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
