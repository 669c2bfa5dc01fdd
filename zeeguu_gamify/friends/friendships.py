"""Friendships: made, ended, and counted for both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.friends import pair
from zeeguu_gamify.friends.count import count_friends
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate


def make(
    session: Session, mount: Mount, user_id: int, friend_id: int, at: datetime | None = None
) -> int:
    """Make the two friends, whom `pair.lock` holds, at `at` (UTC; None: now); gives the id.

    When they are friends already, that friendship stays.
    """
    low, high = sorted((user_id, friend_id))
    row = {"user_a_id": low, "user_b_id": high, "created_at": at or clock.now()}
    try:
        inserted = session.connection().execute(insert(Friendship), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return _existing(session, low, high)
    friendship_id = int(inserted.lastrowid)
    _tell(session, "friend.accepted", user_id, friend_id, friendship_id, at)
    return friendship_id


def _existing(session: Session, low: int, high: int) -> int:
    """The friendship that the key says is there; a plain SELECT may not see it yet."""
    friendship = select(Friendship.id).where(
        Friendship.user_a_id == low, Friendship.user_b_id == high, Friendship.active == 1
    )
    locking = friendship.with_for_update(read=True)
    return int(session.connection().execute(locking).scalar_one())


def unfriend(session: Session, mount: Mount, user_id: int, friend_id: int) -> bool:
    """End the friendship, if there is one. Must be the first of its transaction."""
    pair.lock(session, mount, user_id, friend_id)
    return end(session, user_id, friend_id)


def end(session: Session, user_id: int, friend_id: int) -> bool:
    """Whether the two, whom `pair.lock` holds, were friends; the row stays as history."""
    friendship_id = pair.friendship_id(session, user_id, friend_id)
    if friendship_id is None:
        return False
    ended = update(Friendship).where(Friendship.id == friendship_id).values(deleted_at=clock.now())
    session.connection().execute(ended)
    _tell(session, "friend.removed", user_id, friend_id, friendship_id)
    return True


def _tell(
    session: Session,
    what: str,
    user_id: int,
    friend_id: int,
    friendship_id: int,
    at: datetime | None = None,
) -> None:
    """`what` happened, by the user; and both have another number of friends now."""
    context: dict[str, Any] = {"friendship_id": friendship_id, "friend_id": friend_id}
    counts = [
        Event(name="friendship.changed", user_id=one, value=count_friends(session, one), at=at)
        for one in (user_id, friend_id)
    ]
    emit_batch(session, [Event(name=what, user_id=user_id, context=context, at=at), *counts])
