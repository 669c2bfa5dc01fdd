"""People, friendships and requests as our routes answer them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from zeeguu_gamify import clock
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.friends import people
from zeeguu_gamify.friends.blocks import keeps_apart, visible_user_id
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks.display import Side, friend_streak_before_us, friend_streak_shown

NO_AVATAR = dict.fromkeys(people.AVATAR)


def user_id_called(username: str | None, viewer_id: int, unknown: GamifyError) -> int:
    """The id of the user of that name; raises `unknown` when the viewer knows of none."""
    mount = current_mount()
    found = visible_user_id(mount.db.session, mount, viewer_id, username or "")
    if found is None:
        raise unknown
    return found


def card(row: Row[Any]) -> dict[str, Any]:
    """Who it is, in a list."""
    return {"name": row.name, "username": row.username, "avatar": people.avatar(row)}


def member(row: Row[Any]) -> dict[str, Any]:
    """Who it is, on a board: the avatar is never null."""
    return {**card(row), "avatar": people.avatar(row) or NO_AVATAR}


def members(mount: Mount, user_ids: Iterable[int], viewer_id: int) -> dict[int, dict[str, Any]]:
    """Those of the users whom the viewer may see on a board, by id; one SELECT if there are any."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    user = mount.host.table("user").c
    visible = select(user.id.label("user_id")).where(
        user.id.in_(wanted), ~keeps_apart(user.id, viewer_id)
    )
    return {row.id: member(row) for row in mount.db.session.execute(people.cards(mount, visible))}


def friendship(mount: Mount, row: Row[Any], viewer_id: int) -> dict[str, Any] | None:
    """The friendship with the viewer, with the friend streak as it is now; None without one."""
    if row.friendship_id is None:
        return None
    return {
        "created_at": row.friends_since,
        "friend_streak": _friend_streak(mount, row, viewer_id),
        "friend_streak_last_updated": row.friend_streak_last_updated,
    }


def _friend_streak(mount: Mount, row: Row[Any], viewer_id: int) -> int:
    stored, last_shared, host = row.friend_streak or 0, row.friend_streak_date, mount.host
    if last_shared is None:  # of ours such a one is 0
        return friend_streak_before_us(stored, row.friend_streak_last_updated, clock.now())
    sides = (
        Side(host.zone_from(viewer_id, row.my_zone), row.my_started, row.my_covered_to),
        Side(host.zone_from(row.user_id, row.zone), row.started, row.covered_to),
    )
    return friend_streak_shown(stored, last_shared, sides, clock.now())


def asked(row: Row[Any]) -> dict[str, Any] | None:
    """The request between this user and the viewer; None without one."""
    if row.asked_by is None:
        return None
    them = {"name": row.name, "username": row.username}
    me = {"name": row.my_name, "username": row.my_username}
    sender, receiver = (them, me) if row.asked_by == row.user_id else (me, them)
    return {"sender": sender, "receiver": receiver, "created_at": row.asked_at}
