"""Keeping inboxes short: what was seen goes after some time, and of too many the oldest go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify.inbox.messages import MESSAGE
from zeeguu_gamify.models import InboxMessage


def is_done_with(before: datetime) -> ColumnElement[bool]:
    """SQL: that a message is older than that (UTC), and seen or not shown."""
    seen = or_(MESSAGE.seen_at.is_not(None), MESSAGE.shown.is_(False))
    return and_(MESSAGE.created_at < before, seen)


def cut(session: Session, first_id: int, last_id: int, limit: int) -> int:
    """Leave each of these users the newest `limit` messages; how many went. Does not commit."""
    too_many = (
        select(MESSAGE.user_id)
        .where(MESSAGE.user_id.between(first_id, last_id))
        .group_by(MESSAGE.user_id)
        .having(func.count() > limit)
    )
    users = list(session.connection().execute(too_many).scalars())
    return sum(_cut(session, user_id, limit) for user_id in users)


def _cut(session: Session, user_id: int, limit: int) -> int:
    mine = MESSAGE.user_id == user_id
    newest = select(MESSAGE.id).where(mine).order_by(MESSAGE.id.desc())
    last = session.connection().execute(newest.offset(limit).limit(1)).scalar()
    if last is None:
        return 0
    gone = delete(InboxMessage).where(mine, MESSAGE.id <= last)
    return int(session.connection().execute(gone).rowcount)
