"""Who a user's friends are, how many, and whether two users are friends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Metric
from zeeguu_gamify.friends import pair
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount


def friend_ids(session: Session, user_id: int, *, locking: bool = False) -> list[int]:
    """The ids of the user's friends; `locking`: as it is now, not as the transaction first saw it.

    Each side by its own index: asked with OR, a small table would be locked whole, and friendships
    of others would wait for each other.
    """
    friendship = Friendship.__table__.c
    sides = (friendship.user_a_id, friendship.user_b_id)
    found: list[int] = []
    for own, other in (sides, sides[::-1]):
        friends = select(other).where(own == user_id, friendship.active == 1)
        friends = friends.with_for_update(read=True) if locking else friends
        found += session.connection().execute(friends).scalars()
    return found


def active_friends(session: Session, _mount: Mount, user_id: int) -> int:
    """The number of the user's friends; locks the rows, because the answer is written."""
    return len(friend_ids(session, user_id, locking=True))


def count_friends(session: Session, user_id: int) -> int:
    """The number of the user's friends, for those who hold the user's lock: it locks nothing."""
    halves = [
        select(func.count())
        .where(side == user_id, Friendship.active == 1)
        .correlate(None)
        .scalar_subquery()
        for side in (Friendship.user_a_id, Friendship.user_b_id)
    ]
    return int(session.connection().execute(select(halves[0] + halves[1])).scalar_one())


def by_friendships(
    session: Session, _mount: Mount, user_ids: Sequence[int], _at: datetime
) -> dict[tuple[int, str], int]:
    """The ledger of FRIENDS: the active friendships of users who ever had one; two SELECTs."""
    found: Counter[tuple[int, str]] = Counter()
    friendship = Friendship.__table__.c
    for side in (friendship.user_a_id, friendship.user_b_id):
        rows = session.connection().execute(
            select(side.label("user_id"), func.count(friendship.active).label("friends"))
            .where(side.in_(list(user_ids)))
            .group_by(side)
        )
        for row in rows:
            found[row.user_id, str(Metric.FRIENDS)] += row.friends
    return dict(found)


def are_friends(session: Session, one: int, other: int) -> bool:
    """Whether two users are friends now; everybody is a friend of themself."""
    return one == other or pair.friendship_id(session, one, other) is not None
