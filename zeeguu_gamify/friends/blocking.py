"""Blocking somebody ends what was between the two; unblocking restores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.friends import blocks, friendships, pair, requests
from zeeguu_gamify.friends.people import avatar_columns, name_columns
from zeeguu_gamify.models import UserAvatar, UserBlock
from zeeguu_gamify.mount import Mount

YOURSELF = "You cannot block yourself."
UNKNOWN = "User not found"


def block(session: Session, mount: Mount, user_id: int, other_id: int) -> bool:
    """Whether the other was not blocked yet. Must be the first of its transaction.

    Raises BadInput when it is the user, NotFound when the other was quicker to block: two who
    blocked each other would never find each other again to take it back.
    """
    if user_id == other_id:
        raise BadInput(YOURSELF)
    pair.lock(session, mount, user_id, other_id)
    if other_id in blocks.blockers(session, user_id, other_id):
        raise NotFound(UNKNOWN)
    friendships.end(session, user_id, other_id)
    requests.withdraw(session, user_id, other_id)
    requests.withdraw(session, other_id, user_id)
    return blocks.add(session, user_id, other_id)


def blocked(session: Session, mount: Mount, user_id: int) -> Sequence[Row[Any]]:
    """Whom the user has blocked, the latest first; without those who have blocked the user too."""
    user = mount.host.table("user")
    blocked_at: Any = UserBlock.created_at.label("blocked_at")
    rows: Select[Any] = (
        select(*name_columns(mount, user), *avatar_columns(), blocked_at)
        .join(user, user.c.id == UserBlock.blocked_id)
        .outerjoin(UserAvatar, UserAvatar.user_id == user.c.id)
        .where(UserBlock.blocker_id == user_id, ~blocks.hides(user.c.id, user_id))
        .order_by(UserBlock.created_at.desc(), UserBlock.blocked_id.desc())
    )
    return session.connection().execute(rows).all()
