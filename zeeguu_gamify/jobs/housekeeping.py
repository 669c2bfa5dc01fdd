"""Housekeeping: what nobody needs any more goes, and what waits for a person is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.batch import Batch, Step, Work
from zeeguu_gamify.delivery.claims import NEVER
from zeeguu_gamify.jobs import fence
from zeeguu_gamify.models import EventReceipt, OutboxMessage
from zeeguu_gamify.mount import Mount

#: Users whose receipts one statement looks through.
USERS = 1_000

_RECEIPT: Any = EventReceipt.__table__
_OUTBOX: Any = OutboxMessage.__table__


def tidy_up(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Drop messages parked for GAMIFY_PARKED_DAYS and old runs; prune receipts if so wished."""
    config = mount.config
    parked_before = at - timedelta(days=config.parked_days)
    told_before = at - timedelta(days=config.receipt_days) if config.receipt_days else None

    def step(work: Work, after: int) -> Batch:
        counts = {} if after else _first(work.session, parked_before, at)
        if told_before is None:
            return Batch(None, counts)
        upto, pruned = _prune(work.session, told_before, after)
        return Batch(upto, counts | {"receipts pruned": pruned})

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
    }


def _prune(session: Session, before: datetime, after: int) -> tuple[int | None, int]:
    """Prune the receipts of the next users; up to which one, and how many.

    An object counts once for ever, so its receipt stays; as do those of events so young that a
    replay of them would not be refused as too late.
    """
    user_id = _RECEIPT.c.user_id
    first = session.connection().execute(select(func.min(user_id)).where(user_id > after)).scalar()
    if first is None:
        return None, 0
    upto = first + USERS - 1
    old = (_RECEIPT.c.object_id.is_(None), _RECEIPT.c.occurred_at < before)
    return upto, _delete(session, _RECEIPT, user_id.between(first, upto), *old)


def _delete(session: Session, table: Any, *where: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(*where)).rowcount
