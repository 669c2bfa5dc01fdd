"""Usernames for users who have none yet, in batches: what is done stays done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify.friends.usernames import draw
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once, is_duplicate


def nameless(session: Session, mount: Mount) -> int:
    """How many users have no username."""
    count = select(func.count()).select_from(mount.host.table("user")).where(_has_none(mount))
    return int(session.connection().execute(count).scalar_one())


def fill(session: Session, mount: Mount, batch: int) -> Iterator[int]:
    """Give all users without one a username, `batch` users at a time; yields how many got one.

    The caller commits after each batch. May be interrupted and started again, and run while
    others sign up. Works before and after the column is unique.
    """
    last_id = 0
    while ids := _next(session, mount, last_id, batch):
        last_id = ids[-1]
        names = _free(session, mount, len(ids))
        yield sum(_name(session, mount, *pair) for pair in zip(ids, names, strict=True))


def _has_none(mount: Mount) -> ColumnElement[bool]:
    mount.host.require(Group.NAMES)
    username = mount.host.table("user").c.username
    return or_(username.is_(None), username == "")


def _next(session: Session, mount: Mount, last_id: int, batch: int) -> Sequence[int]:
    begin_at_once(session)
    user = mount.host.table("user").c
    wanted = select(user.id).where(user.id > last_id, _has_none(mount))
    return session.connection().execute(wanted.order_by(user.id).limit(batch)).scalars().all()


def _free(session: Session, mount: Mount, count: int) -> list[str]:
    """`count` different names that nobody has: the column may not be unique yet."""
    names: set[str] = set()
    while len(names) < count:
        names |= {draw(mount) for _ in range(count - len(names))}
        username = mount.host.table("user").c.username
        is_taken = mount.host.folded(session, username).in_(names)
        taken = session.connection().execute(select(username).where(is_taken)).scalars()
        names -= {name.lower() for name in taken}
    return sorted(names)


def _name(session: Session, mount: Mount, user_id: int, name: str) -> int:
    """1 when the user is called `name` now; 0 when somebody else was quicker to name them."""
    user = mount.host.table("user")
    values: dict[Any, Any] = {user.c.username: name}
    named = update(user).where(user.c.id == user_id, _has_none(mount)).values(values)
    try:
        return int(session.connection().execute(named).rowcount)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return _name(session, mount, user_id, draw(mount))
