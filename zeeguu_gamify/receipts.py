"""Receipts: an event with an id counts once per source, an object once per user, for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, completions
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.events import Emitted, Event, revoked_at
from zeeguu_gamify.models import EventReceipt
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate, is_missing_parent, savepoint


class ReceiptSubscriber:
    """Marks what was counted before as replayed; the other subscribers then never see it."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One insert for one event; for a batch one look and one insert. Raises UnknownUser.

        An event that undoes another one takes the receipt of that one away.
        """
        wanting = [item for item in emitted if item.event.event_id or item.event.object_id]
        undoing = any(mount.events[item.event.name].undoes for item in wanting)
        if len(wanting) == 1 or undoing:  # doing and undoing: in the order given
            for item in wanting:
                _take(session, mount, item)
        elif wanting:
            _claim_many(session, mount, wanting)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Give the receipts back: what they stood for was not counted."""
        for source, group in _by_source(emitted):
            ids = [_row(item.event)["event_id"] for item in group]
            receipt = EventReceipt.__table__.c
            session.connection().execute(
                delete(EventReceipt).where(receipt.source == source, receipt.event_id.in_(ids))
            )


def _take(session: Session, mount: Mount, item: Emitted) -> None:
    """Claim an event; of one that undoes, take the completion of its object away.

    Whoever takes it away has undone it; for others there is nothing left to undo.
    """
    undone, object_id = mount.events[item.event.name].undoes, item.event.object_id
    if undone is None or object_id is None:
        _claim_one(session, mount, item)
        return
    if item.event.event_id:
        _claim_one(session, mount, Emitted(replace(item.event, object_id=None), item.outcome))
    if not item.outcome.replayed:
        item.outcome.replayed = not completions.take_away(session, undone, item.event)


def _claim_one(session: Session, mount: Mount, item: Emitted) -> None:
    """The unique keys decide: a duplicate was counted before."""
    row = _row(item.event)
    try:
        if revoked_at(item.event):  # the grant itself may not have been counted yet
            item.outcome.replayed = not completions.renew(session.connection(), row)
        elif item.event.object_id and completions.can_be_undone(mount, item.event.name):
            may_return = item.event.event_id is None
            item.outcome.replayed = not completions.claim(session, row, may_return=may_return)
        else:
            session.connection().execute(insert(EventReceipt), row)
    except IntegrityError as error:
        if is_missing_parent(error):
            raise UnknownUser(item.event.user_id) from error
        if not is_duplicate(error):
            raise
        item.outcome.replayed = True


def _claim_many(session: Session, mount: Mount, emitted: Sequence[Emitted]) -> None:
    """Leave out what the batch doubles or the table has, insert the rest at once.

    An object completed before, or a race with another process, shows as a duplicate; then none
    of the rows may stay, and each event is claimed by itself, in the order given.
    """
    fresh: dict[tuple[str, str], Emitted] = {}
    for source, group in _by_source(emitted):
        counted = _counted(session, source, group)
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
            _claim_one(session, mount, item)


def _counted(session: Session, source: str, emitted: Sequence[Emitted]) -> set[str]:
    """Which of the ids are counted; not what stands for an object that was undone since."""
    may_return = {_row(one.event)["event_id"]: not one.event.event_id for one in emitted}
    receipt = EventReceipt.__table__.c
    wanted = select(receipt.event_id, receipt.object_id).where(
        receipt.source == source, receipt.event_id.in_(may_return)
    )
    return {
        row.event_id
        for row in session.connection().execute(wanted)
        if row.object_id is not None or not may_return[row.event_id]
    }


def _by_source(emitted: Sequence[Emitted]) -> Iterator[tuple[str, list[Emitted]]]:
    wanting = [item for item in emitted if item.event.event_id or item.event.object_id]
    ordered = sorted(wanting, key=lambda item: item.event.source)
    for source, group in groupby(ordered, key=lambda item: item.event.source):
        yield source, list(group)


def _row(event: Event) -> dict[str, Any]:
    now = clock.now()
    return {
        "source": event.source,
        "event_id": event.event_id or completions.id_of_object(event),
        "user_id": event.user_id,
        "event": event.name,
        "object_id": event.object_id,
        "amount": event.amount,
        "occurred_at": event.at or now,
        "received_at": now,
    }
