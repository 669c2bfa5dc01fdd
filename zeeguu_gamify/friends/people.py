"""People as others see them, and what is between them and the viewer: one SELECT for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    Row,
    Select,
    SelectBase,
    and_,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from zeeguu_gamify.friends import pair
from zeeguu_gamify.friends.blocks import hides
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, FriendRequest, Friendship, Streak, UserAvatar
from zeeguu_gamify.mount import Mount

AVATAR = ("image_name", "character_color", "background_color")


def friends_of(session: Session, mount: Mount, user_id: int, viewer_id: int) -> Sequence[Row[Any]]:
    """The friends of a user whom the viewer may see, the oldest friendship first.

    Each row has what is between that friend and the viewer, see `_with_relation`.
    """
    user = mount.host.table("user")
    friends = _friends(user_id)
    wanted = _with_relation(mount, viewer_id, friends).where(~hides(user.c.id, viewer_id))
    in_order = wanted.order_by(friends.c.friendship_id)
    return session.connection().execute(in_order).all()


def by_id(
    session: Session, mount: Mount, user_ids: Sequence[int], viewer_id: int
) -> dict[int, Row[Any]]:
    """These users by id, with what is between each and the viewer."""
    user = mount.host.table("user")
    wanted = _with_relation(mount, viewer_id).where(user.c.id.in_(user_ids))
    return {row.user_id: row for row in session.connection().execute(wanted)}


def cards(mount: Mount, user_ids: SelectBase) -> Select[Any]:
    """SELECT id, names and avatar of the users that `user_ids` selects as `user_id`."""
    user, wanted = mount.host.table("user"), user_ids.subquery("wanted")
    return select(user.c.id, *name_columns(mount, user), *avatar_columns()).select_from(
        wanted.join(user, user.c.id == wanted.c.user_id).outerjoin(
            UserAvatar, UserAvatar.user_id == user.c.id
        )
    )


def avatar(row: Row[Any]) -> dict[str, str | None] | None:
    """The avatar in a row of people; None when the user has none."""
    if row.avatar_id is None:
        return None
    return {name: getattr(row, name) for name in AVATAR}


def name_columns(mount: Mount, user: FromClause, prefix: str = "") -> list[Label[Any]]:
    """`username` and `name`; the latter is NULL on a host that has none."""
    mount.host.require(Group.NAMES)
    name = user.c.name if mount.host.has(Group.FULL_NAMES) else null()
    return [user.c.username.label(f"{prefix}username"), name.label(f"{prefix}name")]


def avatar_columns() -> list[Label[Any]]:
    """The columns that `avatar` reads."""
    columns = UserAvatar.__table__.c
    return [columns.id.label("avatar_id"), *(columns[name].label(name) for name in AVATAR)]


def _friends(user_id: int) -> FromClause:
    """Derived table: a user's friends. Two halves, because OR would take neither index."""
    halves = [
        select(Friendship.id.label("friendship_id"), other.label("friend_id")).where(
            own == user_id, Friendship.active == 1
        )
        for own, other in (
            (Friendship.user_a_id, Friendship.user_b_id),
            (Friendship.user_b_id, Friendship.user_a_id),
        )
    ]
    return union_all(*halves).subquery("friends")


def _with_relation(mount: Mount, viewer_id: int, friends: FromClause | None = None) -> Select[Any]:
    """Users with avatar, and with the viewer: friendship, request, and both overall streaks.

    friends: only these, see `_friends`. Each joined row is found by a unique key.
    """
    user = mount.host.table("user")
    me = user.alias("me")
    mine, theirs = aliased(Streak, name="mine"), aliased(Streak, name="theirs")
    people: Any = user.join(me, me.c.id == viewer_id)
    if friends is not None:
        people = people.join(friends, friends.c.friend_id == user.c.id)
    joined = (
        people.outerjoin(UserAvatar, UserAvatar.user_id == user.c.id)
        .outerjoin(Friendship, pair.are_friends_now(user.c.id, viewer_id))
        .outerjoin(FriendRequest, pair.has_asked(user.c.id, viewer_id))
        .outerjoin(mine, _overall(mine, me.c.id))
        .outerjoin(theirs, _overall(theirs, user.c.id))
    )
    columns: Mapping[str, Any] = {
        "user_id": user.c.id,
        "created_at": user.c.created_at if mount.host.has(Group.CREATED) else null(),
        "zone": _zone(mount, user),
        "my_zone": _zone(mount, me),
        "friendship_id": Friendship.id,
        "friends_since": Friendship.created_at,
        "friend_streak": Friendship.friend_streak,
        "friend_streak_date": Friendship.friend_streak_date,
        "friend_streak_last_updated": Friendship.friend_streak_last_updated,
        "asked_by": FriendRequest.sender_id,
        "asked_at": FriendRequest.created_at,
        "started": theirs.started,
        "covered_to": theirs.covered_to,
        "my_started": mine.started,
        "my_covered_to": mine.covered_to,
    }
    return select(
        *name_columns(mount, user),
        *name_columns(mount, me, "my_"),
        *avatar_columns(),
        *(column.label(name) for name, column in columns.items()),
    ).select_from(joined)


def _overall(streak: Any, user_id: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(streak.user_id == user_id, streak.language_id == OVERALL)


def _zone(mount: Mount, user: FromClause) -> Any:
    """What the host's zone column says; `Host.zone_from` makes a zone of it."""
    return user.c.timezone if mount.host.has(Group.ZONE) else null()
