"""The stored events: what was counted, as far as receipts tell it, and earned, by the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Event
from zeeguu_gamify.models import Asset, EventReceipt, LedgerEntry, UserProfile
from zeeguu_gamify.mount import Mount


def sums(
    session: Session, user_ids: Iterable[int], events: Iterable[str], since: datetime | None
) -> dict[int, Counter[str]]:
    """User → event → the sum of its amounts since `since` (UTC; from the beginning when None).

    Only events with an id or an object were stored.
    """
    row = EventReceipt.__table__.c
    wanted = (
        select(row.user_id, row.event, func.sum(row.amount).label("amount"))
        .where(row.user_id.in_(list(user_ids)), row.event.in_(list(events)), *_since(since))
        .group_by(row.user_id, row.event)
    )
    found: dict[int, Counter[str]] = {}
    for it in session.connection().execute(wanted):
        found.setdefault(it.user_id, Counter())[it.event] = int(it.amount)
    return found


def _since(since: datetime | None) -> tuple[Any, ...]:
    return () if since is None else (EventReceipt.__table__.c.occurred_at >= since,)


def counted(session: Session, user_id: int, events: Iterable[Event]) -> set[tuple[str, str]]:
    """What among `events` counts no more: ("event", id) and (name, object); two SELECTs."""
    told = list(events)
    row = EventReceipt.__table__.c
    by_id = select(literal("event"), row.event_id).where(
        row.source.in_({event.source for event in told}),
        row.event_id.in_({event.event_id for event in told if event.event_id}),
    )
    by_object = select(row.event, row.object_id).where(
        row.user_id == user_id,
        row.object_id.in_({event.object_id for event in told if event.object_id}),
    )
    connection = session.connection()
    return {(kind, key) for each in (by_id, by_object) for kind, key in connection.execute(each)}


def exp_at(session: Session, user_ids: Iterable[int], at: datetime) -> dict[int, int]:
    """The EXP that the users had at `at` (UTC), as far as they had any; one SELECT."""
    entry, profile = LedgerEntry.__table__.c, UserProfile.__table__.c
    since = (
        select(func.coalesce(func.sum(entry.amount), 0))
        .where(entry.user_id == profile.user_id, entry.asset == Asset.EXP, entry.at >= at)
        .scalar_subquery()
    )
    wanted = select(profile.user_id, profile.exp - since).where(profile.user_id.in_(list(user_ids)))
    return {user_id: int(exp) for user_id, exp in session.connection().execute(wanted)}


class Earned(NamedTuple):
    """EXP that the ledger says were earned or lost by an event."""

    event: Event
    exp: int


def stored(
    session: Session, mount: Mount, user_ids: Iterable[int], since: datetime, until: datetime
) -> Iterator[tuple[int, Iterator[Event | Earned]]]:
    """What happened to each user from `since` until before `until` (UTC), in its order.

    What events told beside their amounts was not kept, nor was the value of a gauge. The rows come
    piece by piece: use the session for nothing else meanwhile.
    """
    users = list(user_ids)
    both = union_all(_receipts(users, since, until), _entries(users, since, until))
    in_order = both.order_by("user_id", "at", "kind", "received_at", "id", "event_id")
    found = session.connection().execute(in_order.execution_options(yield_per=1000))
    for user_id, mine in groupby(found, key=attrgetter("user_id")):
        yield (
            user_id,
            (_happened(it) for it in mine if it.kind == _ENTRY or it.name in mount.events),
        )


_RECEIPT, _ENTRY = 1, 0  #: of one instant, an event earns before badges are looked at


def _receipts(users: Sequence[int], since: datetime, until: datetime) -> Select[Any]:
    row = EventReceipt.__table__.c
    return select(
        row.user_id, row.occurred_at.label("at"), literal(_RECEIPT).label("kind"),
        row.event.label("name"), row.amount, row.event_id, row.object_id, row.source,
        row.received_at, literal(0).label("id"),
    ).where(row.user_id.in_(users), row.occurred_at >= since, row.occurred_at < until)  # fmt: skip


def _entries(users: Sequence[int], since: datetime, until: datetime) -> Select[Any]:
    row = LedgerEntry.__table__.c
    return select(
        row.user_id, row.at, literal(_ENTRY), row.reason, row.amount, null(), null(), null(),
        row.at, row.id,
    ).where(
        row.user_id.in_(users), row.asset == Asset.EXP, row.at >= since, row.at < until
    )  # fmt: skip


def _is_known(row: Any, mount: Mount) -> bool:
    return row.kind == _ENTRY or row.name in mount.events


def _happened(row: Any) -> Event | Earned:
    if row.kind == _ENTRY:
        return Earned(Event(name=row.name, user_id=row.user_id, at=row.at), row.amount)
    return Event(
        name=row.name,
        user_id=row.user_id,
        amount=row.amount,
        event_id=row.event_id,
        object_id=row.object_id,
        source=row.source,
        at=row.at,
    )
