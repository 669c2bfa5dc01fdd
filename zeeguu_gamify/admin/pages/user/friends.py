"""A user's friends, and the requests that wait for an answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, column, null, select, union_all

from zeeguu_gamify.admin.lists import Filter, ListPage, instant, number
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.models import FriendRequest, Friendship

_FRIENDSHIP: Any = Friendship.__table__
_REQUEST: Any = FriendRequest.__table__

ENDED, SENT, RECEIVED = "ended", "sent", "received"


def _friends(asked: Asked) -> Select[Any]:
    """Friendships, or what waits for an answer, seen from this user's side."""
    mine, what = asked.path["user_id"], asked.filters.get("what")
    if what == SENT:
        found = _requests(_REQUEST.c.sender_id == mine, _REQUEST.c.receiver_id)
    elif what == RECEIVED:
        found = _requests(_REQUEST.c.receiver_id == mine, _REQUEST.c.sender_id)
    else:
        low, high = _FRIENDSHIP.c.user_a_id, _FRIENDSHIP.c.user_b_id
        found = union_all(
            _friendships(low == mine, high, what == ENDED),
            _friendships(high == mine, low, what == ENDED),
        ).subquery("other")
    user = asked.mount.host.table("user")
    name = name_column(asked.mount, user)
    people = select(found, name).join_from(found, user, user.c.id == found.c.user_id)
    return select(people.subquery("friend"))


def _friendships(mine: Any, other: Any, ended: bool) -> Select[Any]:
    row = _FRIENDSHIP.c
    over = row.deleted_at.is_not(None) if ended else row.deleted_at.is_(None)
    return select(
        row.id, other.label("user_id"), row.created_at, row.deleted_at,
        row.friend_streak.label("streak"),
    ).where(mine, over)  # fmt: skip


def _requests(mine: Any, other: Any) -> Any:
    row = _REQUEST.c
    nothing = (null().label("deleted_at"), null().label("streak"))
    return (
        select(row.id, other.label("user_id"), row.created_at, *nothing)
        .where(mine)
        .subquery("other")
    )


users.add_tab(
    "friends",
    ListPage(
        name="user_friend_list",
        path="/users/<int:user_id>/friends",
        title="Friends",
        empty="This user has no friends yet.",
        columns=(
            person(),
            instant("Since", lambda row: row.created_at),
            number("Friend streak", lambda row: row.streak),
            instant("Ended", lambda row: row.deleted_at),
        ),
        filters=(
            Filter(
                "what", "Show",
                lambda _: [
                    (ENDED, "ended friendships"), (SENT, "requests sent"),
                    (RECEIVED, "requests received"),
                ],
            ),
        ),
        source=BySelect(_friends, keys=(column("id", Integer),)),
        has_page=False,
    ),
)  # fmt: skip
