"""How many friends a user has, and whether two users are friends."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount


def active_friends(session: Session, _mount: Mount, user_id: int) -> int:
    """The number of the user's friends; locks the rows, because the answer is written.

    Each side by its own index: asked with OR, a small table would be locked whole, and friendships
    of others would wait for each other.
    """
    friendship = Friendship.__table__.c
    connection = session.connection()
    return sum(
        len(
            connection.execute(
                select(friendship.id)
                .where(side == user_id, friendship.active == 1)
                .with_for_update(read=True)
            ).all()
        )
        for side in (friendship.user_a_id, friendship.user_b_id)
    )


def are_friends(session: Session, one: int, other: int) -> bool:
    """Whether two users are friends now; everybody is a friend of themself."""
    if one == other:
        return True
    friendship = Friendship.__table__.c
    low, high = sorted((one, other))
    pair = select(func.count()).where(
        friendship.user_a_id == low, friendship.user_b_id == high, friendship.active == 1
    )
    return bool(session.connection().execute(pair).scalar())
