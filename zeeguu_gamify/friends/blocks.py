"""Blocking: to the blocked, the blocker looks like a user that there is not."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, exists, insert, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from zeeguu_gamify import clock
from zeeguu_gamify.models import UserBlock
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate


def visible_user_id(session: Session, mount: Mount, viewer_id: int, username: str) -> int | None:
    """The id of the user of that name, or None when there is none that the viewer may know of.

    Every route that takes a username asks here. Raises NotFound on a host without names.
    """
    user = mount.host.table("user")
    named = mount.host.is_named(session, username)
    wanted = select(user.c.id).where(named, ~hides(user.c.id, viewer_id))
    return session.connection().execute(wanted).scalar()


def hides(user_id: ColumnElement[int], viewer_id: int) -> ColumnElement[bool]:
    """SQL: whether the user has blocked the viewer."""
    return _is_blocked(by=user_id, whom=literal(viewer_id))


def keeps_apart(
    user_id: ColumnElement[int], viewer_id: int | ColumnElement[int]
) -> ColumnElement[bool]:
    """SQL: whether one of the two has blocked the other; not so for nobody (NULL)."""
    viewer = literal(viewer_id) if isinstance(viewer_id, int) else viewer_id
    return or_(_is_blocked(by=user_id, whom=viewer), _is_blocked(by=viewer, whom=user_id))


def _is_blocked(by: ColumnElement[int], whom: ColumnElement[int]) -> ColumnElement[bool]:
    block = aliased(UserBlock)  # so that it may stand in a query of blocks
    return exists().where(block.blocker_id == by, block.blocked_id == whom)


def blockers(session: Session, one: int, other: int) -> set[int]:
    """Which of the two has blocked the other."""
    return {blocker_id for blocker_id, _ in among(session, {one, other})}


def among(session: Session, user_ids: Collection[int]) -> set[tuple[int, int]]:
    """The blocks between these users: (who has blocked, whom)."""
    ids = sorted(user_ids)
    found = session.connection().execute(
        select(UserBlock.blocker_id, UserBlock.blocked_id).where(
            UserBlock.blocker_id.in_(ids), UserBlock.blocked_id.in_(ids)
        )
    )
    return {(row.blocker_id, row.blocked_id) for row in found}


def add(session: Session, blocker_id: int, blocked_id: int) -> bool:
    """Whether the block is new; the key decides."""
    row = {"blocker_id": blocker_id, "blocked_id": blocked_id, "created_at": clock.now()}
    try:
        session.connection().execute(insert(UserBlock), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def remove(session: Session, blocker_id: int, blocked_id: int) -> bool:
    """Whether there was a block. What it ended stays ended."""
    key = (UserBlock.blocker_id == blocker_id, UserBlock.blocked_id == blocked_id)
    return bool(session.connection().execute(delete(UserBlock).where(*key)).rowcount)
