"""Two users: the order of their ids, and the lock under which what is between them changes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.models import FriendRequest, Friendship
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once


def lock(session: Session, mount: Mount, one: int, other: int) -> None:
    """Let everybody else wait who is about to change what is between these two, or one's friends.

    Locks the rows of both users, the smaller id first. They exist, so no gap is locked, and that
    order cannot deadlock. It must be the first of its transaction: what is read after it is then
    what the lock protects. Raises UnknownUser when one of them is gone.
    """
    begin_at_once(session)
    user = mount.host.table("user")
    for user_id in sorted((one, other)):
        row = select(user.c.id).where(user.c.id == user_id).with_for_update()
        if session.connection().execute(row).first() is None:
            raise UnknownUser(user_id)


def are_friends_now(one: ColumnElement[int], other: int) -> ColumnElement[bool]:
    """SQL: that a friendship is the active one of the two; by its unique key."""
    return and_(
        Friendship.user_a_id == case((one < other, one), else_=other),
        Friendship.user_b_id == case((one < other, other), else_=one),
        Friendship.active == 1,
    )


def has_asked(one: ColumnElement[int], other: int) -> ColumnElement[bool]:
    """SQL: that a request is one of these two, whoever asked; by its unique key."""
    return and_(
        FriendRequest.low_id == case((one < other, one), else_=other),
        FriendRequest.high_id == case((one < other, other), else_=one),
    )


def friendship_id(session: Session, one: int, other: int) -> int | None:
    """The active friendship of the two, if they are friends."""
    low, high = sorted((one, other))
    friendship = select(Friendship.id).where(
        Friendship.user_a_id == low, Friendship.user_b_id == high, Friendship.active == 1
    )
    return session.connection().execute(friendship).scalar()
