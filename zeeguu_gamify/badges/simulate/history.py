"""The stored events: what was counted, as far as the receipts tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Event
from zeeguu_gamify.models import EventReceipt
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


def stored(
    session: Session, mount: Mount, user_ids: Iterable[int], since: datetime, until: datetime
) -> Iterator[tuple[int, Iterator[Event]]]:
    """The events of each user from `since` until before `until` (UTC), in their order.

    What they told beside their amounts was not kept, nor was the value of a gauge. The rows come
    piece by piece: use the session for nothing else meanwhile.
    """
    row = EventReceipt.__table__.c
    wanted = (
        select(EventReceipt.__table__)
        .where(
            row.user_id.in_(list(user_ids)), row.occurred_at >= since, row.occurred_at < until
        )
        .order_by(row.user_id, row.occurred_at, row.received_at, row.event_id)
    )  # fmt: skip
    found = session.connection().execute(wanted.execution_options(yield_per=1000))
    for user_id, mine in groupby(found, key=attrgetter("user_id")):
        yield user_id, (_event(it) for it in mine if it.event in mount.events)


def _event(row: Any) -> Event:
    return Event(
        name=row.event,
        user_id=row.user_id,
        amount=row.amount,
        event_id=row.event_id,
        object_id=row.object_id,
        source=row.source,
        at=row.occurred_at,
    )
