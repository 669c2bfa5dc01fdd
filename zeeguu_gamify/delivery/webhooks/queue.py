"""What waits for the endpoints: claimed, noted when it is sent, tried for days, sent again.

As in the outbox, a guarded UPDATE decides who has a row, so any number of processes may send.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.claims import ERROR_LENGTH
from zeeguu_gamify.models import WebhookDelivery

#: So many are sent to an endpoint by one process at a time.
BATCH = 100
#: So long a process may be silent before another takes its rows over; longer than a batch takes.
LEASE = timedelta(minutes=15)
#: So long after each failure it is tried again, and up to a fifth longer, so that what failed
#: together does not come back together. Then it is given up.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 86400)
)

_delivery: Any = WebhookDelivery.__table__


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent now."""

    id: int
    message_id: str
    payload: Mapping[str, Any]
    attempts: int


def claim(session: Session, name: str, endpoint_id: int) -> list[Due]:
    """What is due for the endpoint, the oldest first, for the process of that name alone.

    Commits.
    """
    now = clock.now()
    free = or_(_delivery.c.claimed_by.is_(None), _delivery.c.lease_until < now)
    due = (_delivery.c.endpoint_id == endpoint_id, _delivery.c.due_at <= now, free)
    wanted = select(_delivery.c.id).where(*due).order_by(_delivery.c.due_at, _delivery.c.id)
    ids = list(session.connection().execute(wanted.limit(BATCH)).scalars())
    if ids:
        mine = {"claimed_by": name, "lease_until": now + LEASE}
        found = (_delivery.c.id.in_(sorted(ids)), _delivery.c.due_at <= now, free)
        session.connection().execute(update(_delivery).where(*found).values(mine))
    taken = select(*(_delivery.c[one] for one in ("id", "message_id", "payload", "attempts")))
    rows = session.connection().execute(
        taken.where(_delivery.c.id.in_(ids), _delivery.c.claimed_by == name).order_by(
            _delivery.c.id
        )
    )
    claimed = [Due(*row) for row in rows] if ids else []
    session.commit()
    return claimed


def received(session: Session, name: str, due: Due, status: int | None) -> None:
    """The endpoint has it. Does not commit."""
    done = {"delivered_at": clock.now(), "due_at": None, "status": status, "error": None}
    _note(session, name, due, done)


def failed(
    session: Session, name: str, due: Due, status: int | None, error: str, at_least: timedelta
) -> bool:
    """The endpoint has it not: later again, or given up; whether it is. Does not commit.

    at_least: so long it wishes to be left alone.
    """
    given_up = due.attempts >= len(PAUSES)
    due_at = None if given_up else clock.now() + _with_jitter(max(PAUSES[due.attempts], at_least))
    _note(session, name, due, {"due_at": due_at, "status": status, "error": error[:ERROR_LENGTH]})
    return given_up


def let_go(session: Session, name: str, ids: Collection[int]) -> None:
    """Let anybody have these at once; does not commit."""
    if ids:
        free = {"claimed_by": None, "lease_until": None}
        session.connection().execute(update(_delivery).where(_mine(name, ids)).values(free))


def put_off(session: Session, endpoint_id: int, pause: timedelta) -> None:
    """Leave the endpoint alone for so long, with all that nobody has. Does not commit."""
    until = clock.now() + pause
    waits = (_delivery.c.endpoint_id == endpoint_id, _delivery.c.due_at < until)
    later = update(_delivery).where(*waits, _delivery.c.claimed_by.is_(None))
    session.connection().execute(later.values(due_at=until))


def again(session: Session, *which: ColumnElement[bool]) -> int:
    """Send these now, as if for the first time; how many. Does not commit.

    The id stays the same, so a receiver that has it knows that.
    """
    anew = {
        "due_at": clock.now(), "attempts": 0, "delivered_at": None, "claimed_by": None,
        "lease_until": None,
    }  # fmt: skip
    return int(session.connection().execute(update(_delivery).where(*which).values(anew)).rowcount)


def forget(session: Session, before: datetime) -> int:
    """Drop what was made before that; how much that was. Does not commit."""
    old = delete(_delivery).where(_delivery.c.created_at < before)
    return int(session.connection().execute(old).rowcount)


def _note(session: Session, name: str, due: Due, values: Mapping[str, Any]) -> None:
    """Of what is not ours any more nothing is noted: it is sent twice, by the same id."""
    free = {"claimed_by": None, "lease_until": None, "attempts": due.attempts + 1}
    changed = update(_delivery).where(_mine(name, [due.id])).values(**free, **values)
    session.connection().execute(changed)


def _mine(name: str, ids: Collection[int]) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = _delivery.c.id.in_(sorted(ids)) & (_delivery.c.claimed_by == name)
    return mine


def _with_jitter(pause: timedelta) -> timedelta:
    fifth = int(pause.total_seconds()) // 5
    return pause + timedelta(seconds=secrets.randbelow(fifth + 1))
