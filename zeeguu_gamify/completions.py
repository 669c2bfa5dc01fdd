"""Completions that can be undone: an object counts once, and once more after it was undone.

A receipt that is undone stays, without its object. Were it deleted, the same event could count
again; and where many delete and insert a row at once, servers find deadlocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, func, insert, literal, update
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Event
from zeeguu_gamify.models import EventReceipt
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate

#: What the statement of MySQL hands to the driver about a receipt that is there.
_STANDS, _RETURNS = 1, 2
#: What a completion changes of a receipt that was undone; the object last, for the others ask it.
_RENEWED = ("amount", "occurred_at", "received_at", "object_id")


def id_of_object(event: Event) -> str:
    """The id of an event that has none but completes an object: the completion itself."""
    parts = f"{event.name}\0{event.user_id}\0{event.object_id}"
    return "object:" + sha256(parts.encode()).hexdigest()


def can_be_undone(mount: Mount, name: str) -> bool:
    """Whether some event undoes the event of that name."""
    return any(kind.undoes == name for kind in mount.events.values())


def take_away(session: Session, undone: str, event: Event) -> bool:
    """Undo the completion of the event's object by the event called `undone`; whether it stood.

    Looked for by the primary key first, which is how others complete it: whoever begins with the
    other key may meet them half-way, in a deadlock.
    """
    receipt = EventReceipt.__table__.c
    completion = (
        receipt.user_id == event.user_id,
        receipt.event == undone,
        receipt.object_id == event.object_id,
    )
    id_ = id_of_object(replace(event, name=undone))
    by_object = (receipt.source == event.source, receipt.event_id == id_)
    undo = update(EventReceipt).values(object_id=None)
    connection = session.connection()
    return bool(
        connection.execute(undo.where(*by_object, receipt.object_id.is_not(None))).rowcount
        or connection.execute(undo.where(*completion)).rowcount
    )


def claim(session: Session, row: Mapping[str, Any], *, may_return: bool) -> bool:
    """Whether the receipt `row` is new, or returns after it was undone, if it may.

    Raises IntegrityError, also for a duplicate.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _claim_on_sqlite(connection, row, may_return)
    done = connection.execute(_upsert(may_return), row)
    return done.lastrowid != _STANDS


def _claim_on_sqlite(connection: Connection, row: Mapping[str, Any], may_return: bool) -> bool:
    """It has one writer at a time, so two statements do as well as one."""
    try:
        connection.execute(insert(EventReceipt), row)
    except IntegrityError as error:
        if not (may_return and is_duplicate(error)):
            raise
    else:
        return True
    return renew(connection, row)


def renew(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Whether there was a receipt that was undone, and now stands again as `row` says."""
    receipt = EventReceipt.__table__.c
    undone = and_(
        receipt.source == row["source"],
        receipt.event_id == row["event_id"],
        receipt.object_id.is_(None),
    )
    renewed = update(EventReceipt).where(undone).values({name: row[name] for name in _RENEWED})
    return bool(connection.execute(renewed).rowcount)


@lru_cache(maxsize=2)
def _upsert(may_return: bool) -> mysql.Insert:
    """On a duplicate a plain INSERT shares the row's lock, which several may then hold who all
    want more: a deadlock. This one takes the row for itself.
    """
    statement = mysql.insert(EventReceipt)
    old, new = EventReceipt.__table__.c, statement.inserted
    returns = and_(old.object_id.is_(None), literal(may_return))
    told = func.LAST_INSERT_ID(func.IF(returns, _RETURNS, _STANDS))
    changes = [(name, func.IF(returns, new[name], old[name])) for name in _RENEWED]
    changes[0] = ("amount", func.IF(told == _RETURNS, new.amount, old.amount))
    return statement.on_duplicate_key_update(changes)
