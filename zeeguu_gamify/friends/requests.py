"""Friend requests: a row exists while a request waits for an answer (docs/contract.md §1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.events import emit
from zeeguu_gamify.friends import blocks, friendships, pair
from zeeguu_gamify.friends.people import avatar_columns, name_columns
from zeeguu_gamify.models import FriendRequest, UserAvatar
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate

NO_RECEIVER = "Receiver user not found"
NO_REQUEST = "No friend request found to accept"
ALREADY_FRIENDS = "You are already friends."
ALREADY_ASKED = "A friend request already exists between these users."
BLOCKED_BY_YOU = "You have blocked this user."


def send(session: Session, mount: Mount, sender_id: int, receiver_id: int) -> int:
    """Ask the receiver to be friends; the id of the request.

    Must be the first of its transaction, as all that locks a pair. Raises BadInput when they are
    friends, either has asked, or either has blocked the other.
    """
    pair.lock(session, mount, sender_id, receiver_id)
    blockers = blocks.blockers(session, sender_id, receiver_id)
    if receiver_id in blockers:
        raise BadInput(NO_RECEIVER)
    if sender_id in blockers:
        raise BadInput(BLOCKED_BY_YOU)
    if pair.friendship_id(session, sender_id, receiver_id) is not None:
        raise BadInput(ALREADY_FRIENDS)
    request_id = _insert(session, sender_id, receiver_id)
    context = {"friend_id": receiver_id}
    emit(session, "friend.requested", user_id=sender_id, context=context)
    return request_id


def _insert(session: Session, sender_id: int, receiver_id: int) -> int:
    row = {"sender_id": sender_id, "receiver_id": receiver_id, "created_at": clock.now()}
    try:
        inserted = session.connection().execute(insert(FriendRequest), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise BadInput(ALREADY_ASKED) from error
    return int(inserted.lastrowid)


def accept(session: Session, mount: Mount, user_id: int, sender_id: int) -> int:
    """Become friends with the sender of a request, which is gone then; the id of the friendship.

    Must be the first of its transaction. Raises NotFound when there is no such request.
    """
    pair.lock(session, mount, user_id, sender_id)
    if not withdraw(session, sender_id, user_id):
        raise NotFound(NO_REQUEST)
    return friendships.make(session, mount, user_id, sender_id)


def withdraw(session: Session, sender_id: int, receiver_id: int) -> bool:
    """Whether there was a request of the sender to the receiver; it is gone now."""
    request = select(FriendRequest.id).where(
        FriendRequest.sender_id == sender_id, FriendRequest.receiver_id == receiver_id
    )
    found = session.connection().execute(request).scalar()
    if found is None:
        return False
    by_id = delete(FriendRequest).where(FriendRequest.id == found)
    return bool(session.connection().execute(by_id).rowcount)


def count_received(session: Session, user_id: int) -> int:
    """How many requests wait for the user's answer."""
    count = select(func.count()).where(FriendRequest.receiver_id == user_id)
    return int(session.connection().execute(count).scalar_one())


def received(session: Session, mount: Mount, user_id: int) -> Sequence[Row[Any]]:
    """The requests that wait for the user's answer, the newest first."""
    return _list(session, mount, FriendRequest.receiver_id == user_id)


def sent(session: Session, mount: Mount, user_id: int) -> Sequence[Row[Any]]:
    """The user's own requests, the newest first."""
    return _list(session, mount, FriendRequest.sender_id == user_id)


def one(session: Session, mount: Mount, request_id: int) -> Row[Any]:
    """A request that exists."""
    return _list(session, mount, FriendRequest.id == request_id)[0]


def _list(session: Session, mount: Mount, wanted: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Requests with the names of both and the avatar of the sender: one SELECT."""
    user = mount.host.table("user")
    sender, receiver = user.alias("sender"), user.alias("receiver")
    rows = (
        select(
            FriendRequest.created_at,
            *name_columns(mount, sender, "sender_"),
            *name_columns(mount, receiver, "receiver_"),
            *avatar_columns(),
        )
        .join(sender, sender.c.id == FriendRequest.sender_id)
        .join(receiver, receiver.c.id == FriendRequest.receiver_id)
        .outerjoin(UserAvatar, UserAvatar.user_id == FriendRequest.sender_id)
        .where(wanted)
        .order_by(FriendRequest.created_at.desc(), FriendRequest.id.desc())
    )
    return session.connection().execute(rows).all()
