"""Housekeeping: what nobody needs any more goes, and what waits for a person is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.batch import Batch, Step, Work
from zeeguu_gamify.delivery.claims import NEVER
from zeeguu_gamify.delivery.webhooks import queue
from zeeguu_gamify.inbox import upkeep
from zeeguu_gamify.jobs import fence
from zeeguu_gamify.models import (
    DailyCount,
    EventReceipt,
    ExpAllowance,
    InboxMessage,
    OutboxMessage,
)
from zeeguu_gamify.mount import Mount

#: Ids of users whose rows are looked through in one transaction.
USERS = 1_000
#: So long after its date a row about a date is kept. What is told later finds the date untouched.
DAYS_KEPT = timedelta(days=90)

#: So long a webhook can be looked up and sent again; it is given up long before.
SENT_KEPT = timedelta(days=30)

#: In the summary: what went from inboxes.
NOTICES = "notices forgotten"

_RECEIPT: Any = EventReceipt.__table__
_OUTBOX: Any = OutboxMessage.__table__


@dataclass(frozen=True, slots=True)
class _Old:
    """The rows of a table, user by user, that nobody needs any more."""

    what: str  #: in the summary
    table: Any
    where: tuple[ColumnElement[bool], ...]


def tidy_up(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Drop messages parked for GAMIFY_PARKED_DAYS, old runs, old days and what inboxes are done
    with; receipts if wished.
    """
    parked_before = at - timedelta(days=mount.config.parked_days)
    old = list(_old(mount, at))

    def step(work: Work, after: int) -> Batch:
        counts = Counter({} if after else _first(work.session, parked_before, at))
        first = _next_user(work.session, old, after)
        if first is None:
            return Batch(None, counts)
        upto = first + USERS - 1
        for one in old:
            theirs = one.table.c.user_id.between(first, upto)
            counts[one.what] += _delete(work.session, one.table, theirs, *one.where)
        limit = mount.config.inbox_limit
        counts[NOTICES] += upkeep.cut(work.session, first, upto, limit)
        return Batch(upto, counts)

    return step


def _first(session: Session, parked_before: datetime, at: datetime) -> dict[str, int]:
    """What is done at once."""
    dropped = _delete(
        session, _OUTBOX, _OUTBOX.c.due_at >= NEVER, _OUTBOX.c.created_at < parked_before
    )
    parked = select(func.count()).where(_OUTBOX.c.due_at >= NEVER)
    return {
        "messages parked": session.connection().execute(parked).scalar_one(),
        "messages dropped": dropped,
        "runs forgotten": fence.forget_old(session, at),
        "webhooks forgotten": queue.forget(session, at - SENT_KEPT),
    }


def _old(mount: Mount, at: datetime) -> Iterator[_Old]:
    """What was earned on a date is in the ledger and the receipts, so its caps and counts may go.

    An object counts once for ever, so its receipt stays; as do those of events so young that a
    replay of them would not be refused as too late.
    """
    for model in (ExpAllowance, DailyCount):
        table: Any = model.__table__
        yield _Old("days forgotten", table, (table.c.local_date < (at - DAYS_KEPT).date(),))
    seen_before = at - timedelta(days=mount.config.inbox_days)
    yield _Old(NOTICES, InboxMessage.__table__, (upkeep.is_done_with(seen_before),))
    if mount.config.receipt_days:
        before = at - timedelta(days=mount.config.receipt_days)
        by_event = (_RECEIPT.c.object_id.is_(None), _RECEIPT.c.occurred_at < before)
        yield _Old("receipts pruned", _RECEIPT, by_event)


def _next_user(session: Session, old: Iterable[_Old], after: int) -> int | None:
    """The lowest id after that one of a user with rows; None when there is none."""
    lowest = (
        session.connection()
        .execute(select(func.min(one.table.c.user_id)).where(one.table.c.user_id > after))
        .scalar()
        for one in old
    )
    return min((user_id for user_id in lowest if user_id is not None), default=None)


def _delete(session: Session, table: Any, *where: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(*where)).rowcount
