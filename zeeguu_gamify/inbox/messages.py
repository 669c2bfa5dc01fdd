"""A user's inbox: a page of it, how much is unseen, marking as seen, dismissing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, null, select, true, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.friends.blocks import keeps_apart
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import Base, InboxMessage
from zeeguu_gamify.mount import Mount

_MESSAGE = Base.metadata.tables[InboxMessage.__tablename__]
MESSAGE: Any = _MESSAGE.c


def page(
    session: Session,
    mount: Mount,
    user_id: int,
    *,
    kind: str | None = None,
    unseen: bool = False,
    before: int | None = None,
    limit: int,
) -> list[Row[Any]]:
    """The user's messages, the newest first: of one kind, or all; older than that id.

    Not those about somebody whom a block keeps apart from the user.
    """
    wanted = with_username(mount).where(*_visible(user_id))
    if kind is not None:
        wanted = wanted.where(MESSAGE.kind == kind)
    if unseen:
        wanted = wanted.where(MESSAGE.seen_at.is_(None))
    if before is not None:
        wanted = wanted.where(MESSAGE.id < before)
    newest = wanted.order_by(MESSAGE.id.desc()).limit(limit)
    return list(session.connection().execute(newest))


def with_username(mount: Mount) -> Select[Any]:
    """Messages, each with the `username` of whom it is about; NULL for nobody."""
    if not mount.host.has(Group.NAMES):
        return select(_MESSAGE, null().label("username"))
    user = mount.host.table("user")
    joined = _MESSAGE.outerjoin(user, user.c.id == MESSAGE.about_id)
    return select(_MESSAGE, user.c.username.label("username")).select_from(joined)


def count_unseen(session: Session, user_id: int) -> int:
    """How many the user has not seen, of all kinds; read from an index alone."""
    unseen = select(func.count()).where(*_visible(user_id), MESSAGE.seen_at.is_(None))
    return int(session.connection().execute(unseen).scalar_one())


def see(
    session: Session, user_id: int, *, ids: Collection[int] = (), up_to: int | None = None
) -> int:
    """The user has seen these: by their ids, or all up to one; how many were unseen. No commit."""
    which = MESSAGE.id.in_(sorted(ids)) if up_to is None else MESSAGE.id <= up_to
    mine = (MESSAGE.user_id == user_id, MESSAGE.seen_at.is_(None), which)
    seen = update(_MESSAGE).where(*mine).values(seen_at=clock.now())
    return int(session.connection().execute(seen).rowcount)


def dismiss(session: Session, user_id: int, message_id: int) -> bool:
    """Whether the user had such a message; it is not shown again. Does not commit.

    The row stays for a while, so that what is delivered again does not bring it back.
    """
    mine = (MESSAGE.id == message_id, MESSAGE.user_id == user_id, MESSAGE.shown == true())
    hidden = update(_MESSAGE).where(*mine).values(shown=False)
    return bool(session.connection().execute(hidden).rowcount)


def _visible(user_id: int) -> tuple[ColumnElement[bool], ...]:
    apart = keeps_apart(MESSAGE.about_id, user_id)
    return (MESSAGE.user_id == user_id, MESSAGE.shown == true(), ~apart)
