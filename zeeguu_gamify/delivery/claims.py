"""Claims: of all publishers, one has a message at a time, and a user's messages keep their order.

A publisher looks for messages that are due, takes those that are still free by a guarded UPDATE,
and gives back those that another message of the same user stands before. It searches without
locks, and locks only rows that it found, by their key in one order: whoever locks while it searches
waits for hosts whose transactions are open.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    TextClause,
    bindparam,
    func,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.models import OutboxMessage

#: So long a publisher may be silent before another takes its messages over.
LEASE = timedelta(seconds=30)
#: So many messages are delivered in one transaction.
BATCH = 100
#: After so many failures a message is parked: it waits for a person and holds nobody up.
TRIES = 8
#: When a parked message is due.
NEVER = datetime(9999, 1, 1)
#: So much is kept of an error.
ERROR_LENGTH = 255

_outbox: Any = OutboxMessage.__table__


class LostClaim(GamifyError):
    """A message is not ours any more: taken over from one silent for too long, or erased."""


def publisher_name() -> str:
    """A name that no other publisher has, here or elsewhere."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim(session: Session, name: str, waited: timedelta = timedelta()) -> list[Message]:
    """The next messages, in order, for the publisher of that name alone; commits.

    waited: leave those that are due for less than that to publishers who are nearer.
    Empty once there is none left that may be delivered now.
    """
    claimed: list[Message] = []
    passed: set[int] = set()  # users whose first message is not yet due for us
    while not claimed and (found := _candidates(session, clock.now() - waited, passed)):
        taken = _take(session, name, found)
        early = _with_somebody_before(session, taken)
        let_go(session, name, early)
        session.commit()
        claimed = [message for message in taken if message.id not in early]
        passed.update(m.user_id for m in taken if m.user_id and m.id in early)
    session.commit()
    return claimed


def finish(session: Session, name: str, messages: Sequence[Message]) -> None:
    """The messages are delivered; raises LostClaim if one is not ours any more. No commit."""
    ids, connection = sorted(message.id for message in messages), session.connection()
    gone = connection.execute(_gone(connection.dialect.name), {"ids": ids, "name": name})
    if gone.rowcount != len(ids):
        raise LostClaim


@lru_cache(maxsize=2)
def _gone(dialect: str) -> TextClause:
    """By the key alone: of a short table the server would rather read all, and a DELETE that does
    so waits for what hosts have not committed. MySQL takes the hint in this form only.
    """
    hinted = "outbox_message FROM outbox_message FORCE INDEX (PRIMARY)"
    whence = "FROM outbox_message" if dialect == "sqlite" else hinted
    which = "WHERE id IN :ids AND claimed_by = :name"
    return text(f"DELETE {whence} {which}").bindparams(bindparam("ids", expanding=True))


def fail(session: Session, name: str, message: Message, error: Exception) -> bool:
    """The message could not be delivered: later again, 1, 2, 4, … seconds from now, or parked.

    Whether it is parked. Raises LostClaim if it is not ours any more. Does not commit.
    """
    mine = (_outbox.c.id == message.id, _outbox.c.claimed_by == name)
    before = session.connection().execute(select(_outbox.c.attempts).where(*mine)).scalar()
    if before is None:
        raise LostClaim
    parked = before + 1 >= TRIES
    session.connection().execute(
        update(_outbox)
        .where(*mine)
        .values(
            attempts=before + 1,
            due_at=NEVER if parked else clock.now() + timedelta(seconds=2**before),
            error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH],
            claimed_by=None,
            lease_until=None,
        )
    )
    return bool(parked)


def let_go(session: Session, name: str, ids: Collection[int]) -> None:
    """Let anybody have these messages at once; does not commit."""
    if ids:
        mine = (_outbox.c.id.in_(sorted(ids)), _outbox.c.claimed_by == name)
        free = {"claimed_by": None, "lease_until": None}
        session.connection().execute(update(_outbox).where(*mine).values(free))


def any_left(session: Session) -> bool:
    """Whether messages wait, whoever has them, without those that are parked."""
    return (
        session.connection().execute(select(_outbox.c.id).where(_waits()).limit(1)).first()
        is not None
    )


def _waits() -> ColumnElement[bool]:
    """Not parked."""
    waits: ColumnElement[bool] = _outbox.c.due_at < NEVER
    return waits


def _candidates(session: Session, due_by: datetime, passed: Collection[int]) -> list[int]:
    """The ids of messages that may be delivered now, in order.

    Not those of users for whom somebody has one, or of whom one is to be tried later, or who were
    `passed` over: there could be enough of them to hide everybody else's.
    """
    found = _free(session, due_by)
    held = _held(session).union(passed) if found else frozenset()
    if not held.isdisjoint(user_id for _, user_id in found):
        found = _free(session, due_by, held)
    return [id_ for id_, _ in found]


def _free(
    session: Session, due_by: datetime, held: Collection[int] = ()
) -> Sequence[tuple[int, int | None]]:
    """(id, user id) of the first messages that are due and that nobody has."""
    wanted = select(_outbox.c.id, _outbox.c.user_id).where(
        _outbox.c.due_at <= due_by, _nobodys(clock.now())
    )
    if held:
        others = _outbox.c.user_id.not_in(sorted(held))
        wanted = wanted.where(or_(_outbox.c.user_id.is_(None), others))
    rows = session.connection().execute(wanted.order_by(_outbox.c.id).limit(BATCH))
    return [(row.id, row.user_id) for row in rows]


def _held(session: Session) -> frozenset[int]:
    """The users with a message that somebody has, or that is to be tried later."""
    now = clock.now()
    later, somebodys = (
        select(_outbox.c.user_id).where(_outbox.c.user_id.is_not(None), condition)
        for condition in (
            (_outbox.c.due_at > now) & _waits(),
            _outbox.c.lease_until >= now,
        )
    )
    return frozenset(session.connection().execute(union(later, somebodys)).scalars())


def _nobodys(now: datetime) -> ColumnElement[bool]:
    """Free; said so that no index has it, for an UPDATE must lock by the key and nothing else.

    With an index of what is free, MySQL locks along that, and publishers deadlock.
    """
    return or_(_outbox.c.claimed_by.is_(None), _outbox.c.lease_until < now)


def _take(session: Session, name: str, ids: Collection[int]) -> list[Message]:
    """Those of the messages that nobody was quicker to take."""
    now = clock.now()
    wanted = _outbox.c.id.in_(ids)
    mine = {"claimed_by": name, "lease_until": now + LEASE}
    session.connection().execute(update(_outbox).where(wanted, _nobodys(now)).values(mine))
    columns = [_outbox.c[field] for field in ("id", "user_id", "topic", "payload", "created_at")]
    taken = select(*columns).where(wanted, _outbox.c.claimed_by == name).order_by(_outbox.c.id)
    return [Message(*row) for row in session.connection().execute(taken)]


def _with_somebody_before(session: Session, mine: Sequence[Message]) -> set[int]:
    """Those of my messages before which an undone one of the same user stands that is not mine.

    Whether somebody has that one does not matter: he may be taking it at this moment.
    """
    users = {message.user_id for message in mine if message.user_id is not None}
    if not users:
        return set()
    others = (
        select(_outbox.c.user_id, func.min(_outbox.c.id))
        .where(
            _outbox.c.user_id.in_(sorted(users)),
            _outbox.c.id < mine[-1].id,
            _outbox.c.id.not_in([message.id for message in mine]),
            _waits(),
        )
        .group_by(_outbox.c.user_id)
    )
    first: dict[int, int] = dict(session.connection().execute(others).all())
    return {m.id for m in mine if m.user_id in first and m.id > first[m.user_id]}


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that failed too often."""

    id: int
    user_id: int | None
    topic: str
    created_at: datetime
    error: str | None


def parked(session: Session) -> list[Parked]:
    """What waits for a person, oldest first."""
    columns = [_outbox.c[field] for field in ("id", "user_id", "topic", "created_at", "error")]
    wanted = select(*columns).where(_outbox.c.due_at == NEVER).order_by(_outbox.c.id)
    return [Parked(*row) for row in session.connection().execute(wanted)]


def retry(session: Session, message_id: int | None = None) -> int:
    """Let what is parked be delivered now, or one such message; how many. Does not commit."""
    again = {"due_at": clock.now(), "attempts": 0}
    waits = update(_outbox).where(_outbox.c.due_at == NEVER).values(again)
    if message_id is not None:
        waits = waits.where(_outbox.c.id == message_id)
    return int(session.connection().execute(waits).rowcount)


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many messages wait, and when the oldest of them was owed (UTC)."""
    wanted = select(func.count(), func.min(_outbox.c.created_at)).where(_waits())
    count, oldest = session.connection().execute(wanted).one()
    return count, oldest
