"""Receipts: an event with an id counts once per source, an object once per user, for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.events import Emitted, Event
from zeeguu_gamify.models import EventReceipt
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate, is_missing_parent, savepoint


class ReceiptSubscriber:
    """Marks what was counted before as replayed; the other subscribers then never see it."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One insert for one event; for a batch one look and one insert. Raises UnknownUser."""
        wanting = [item for item in emitted if item.event.event_id or item.event.object_id]
        if len(wanting) == 1:
            _claim_one(session, wanting[0])
        elif wanting:
            _claim_many(session, wanting)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Give the receipts back: what they stood for was not counted."""
        for source, group in _by_source(emitted):
            ids = [_row(item.event)["event_id"] for item in group]
            receipt = EventReceipt.__table__.c
            session.connection().execute(
                delete(EventReceipt).where(receipt.source == source, receipt.event_id.in_(ids))
            )


def _claim_one(session: Session, item: Emitted) -> None:
    """The unique keys decide: a duplicate was counted before."""
    try:
        session.connection().execute(insert(EventReceipt), _row(item.event))
    except IntegrityError as error:
        if is_missing_parent(error):
            raise UnknownUser(item.event.user_id) from error
        if not is_duplicate(error):
            raise
        item.outcome.replayed = True


def _claim_many(session: Session, emitted: Sequence[Emitted]) -> None:
    """Leave out what the batch doubles or the table has, insert the rest at once.

    An object completed before, or a race with another process, shows as a duplicate; then none
    of the rows may stay, and each event is claimed by itself, in the order given.
    """
    fresh: dict[tuple[str, str], Emitted] = {}
    for source, group in _by_source(emitted):
        counted = _counted(session, source, [_row(item.event)["event_id"] for item in group])
        for item in group:
            key = (source, _row(item.event)["event_id"])
            item.outcome.replayed = key[1] in counted or key in fresh
            if not item.outcome.replayed:
                fresh[key] = item
    try:
        if rows := [_row(fresh[key].event) for key in sorted(fresh)]:  # all batches lock in order
            with savepoint(session) as connection:
                connection.execute(insert(EventReceipt), rows)
    except IntegrityError:
        for item in fresh.values():
            _claim_one(session, item)


def _counted(session: Session, source: str, ids: list[str]) -> set[str]:
    receipt = EventReceipt.__table__.c
    found = session.connection().execute(
        select(receipt.event_id).where(receipt.source == source, receipt.event_id.in_(ids))
    )
    return set(found.scalars())


def _by_source(emitted: Sequence[Emitted]) -> Iterator[tuple[str, list[Emitted]]]:
    wanting = [item for item in emitted if item.event.event_id or item.event.object_id]
    ordered = sorted(wanting, key=lambda item: item.event.source)
    for source, group in groupby(ordered, key=lambda item: item.event.source):
        yield source, list(group)


def _row(event: Event) -> dict[str, Any]:
    return {
        "source": event.source,
        "event_id": event.event_id or _id_of_object(event),
        "user_id": event.user_id,
        "event": event.name,
        "object_id": event.object_id,
        "amount": event.amount,
        "occurred_at": event.at,
        "received_at": clock.now(),
    }


def _id_of_object(event: Event) -> str:
    """The id of an event that has none but completes an object: the completion itself."""
    parts = f"{event.name}\0{event.user_id}\0{event.object_id}"
    return "object:" + sha256(parts.encode()).hexdigest()
