"""The calls of all rooms but badges that succeed in a world of six people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.models import FriendRequest, InboxMessage, Period, Reward, Season, SeasonState


class Call(NamedTuple):
    """What Ada sends."""

    method: str
    path: str
    json: dict[str, Any] | None = None
    query: Mapping[str, str] = MappingProxyType({})


CALLS = [
    Call("GET", "/my_friends"),
    Call("GET", "/get_friends"),
    Call("GET", "/friends_of/Bob"),
    Call("GET", "/get_friends/Bob"),
    Call("GET", "/get_number_of_received_friend_requests"),
    Call("GET", "/get_received_friend_requests"),
    Call("GET", "/get_sent_friend_requests"),
    Call("POST", "/send_friend_request", {"receiver_username": "Eve"}),
    Call("POST", "/delete_friend_request", {"receiver_username": "Dan"}),
    Call("POST", "/accept_friend_request", {"sender_username": "Cleo"}),
    Call("POST", "/reject_friend_request", {"sender_username": "Cleo"}),
    Call("POST", "/unfriend", {"receiver_username": "Bob"}),
    Call("GET", "/get_friend_details/Bob"),
    Call("GET", "/search_users"),
    Call("PUT", "/update_account", {"username": "Ada_2"}),
    Call("POST", "/block_user", {"username": "Eve"}),
    Call("POST", "/unblock_user", {"username": "Finn"}),
    Call("GET", "/blocked_users"),
    Call("GET", "/avatar_options"),
    Call("GET", "/user_avatar"),
    Call("PUT", "/user_avatar", {"image_name": "fox"}),
    Call("GET", "/daily_streak"),
    Call("GET", "/all_language_streaks"),
    Call("GET", "/language_streak_history"),
    Call("GET", "/friend_language_streak_history/Bob"),
    Call("GET", "/practice_calendar"),
    Call("GET", "/daily_goals"),
    Call("GET", "/api/v2/users/1/profile_badges"),
    Call("PUT", "/api/v2/badges/friends_1/pin", {"position": 1}),
    Call("GET", "/friends_leaderboard", query={"metric": "reading_time"}),
    Call("GET", "/cohort_leaderboard/1", query={"metric": "exercises_done", "limit": "3"}),
    Call("GET", "/class_overview/1"),
    Call("GET", "/class_overview/1.csv"),
    Call("GET", "/leaderboards"),
    Call("GET", "/leaderboards/exp"),
    Call("GET", "/seasons"),
    Call("GET", "/seasons/1"),
    Call("GET", "/board_visibility"),
    Call("PUT", "/board_visibility", {"listed": False}),
    Call("GET", "/gamify/profile"),
    Call("GET", "/gamify/rewards"),
    Call("POST", "/gamify/rewards/hat/redeem", {"idempotency_key": "k"}),
    Call("GET", "/gamify/ledger"),
    Call("GET", "/gamify/inbox"),
    Call("POST", "/gamify/inbox/seen", {"ids": [1]}),
    Call("DELETE", "/gamify/inbox/1"),
    Call("GET", "/gamify/inbox/preferences"),
    Call("PUT", "/gamify/inbox/preferences", {"badge": {"in_app": False}}),
    Call("GET", "/gamify/stream", query={"boards": "exp:week:everybody"}),
]

#: A reward that costs nothing.
HAT = {"code": "hat", "name": "A hat", "kind": "hat", "cost": 0}

#: What the first message in Ada's inbox is.
MESSAGE = {
    "kind": "level", "payload": {"level": 2, "reward": 0}, "dedupe_key": "level:2",
    "created_at": NOW,
}  # fmt: skip

#: For a test that is to hold for each of them.
every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")

#: Which of them are for users for whom gamification is off, too (docs/contract.md §1.1).
UNGATED = {call.path for call in CALLS if "streak" in call.path}


def settle(world: World) -> Person:
    """Ada, with a badge, a friend Bob, requests from Cleo and to Dan, and Finn blocked; Eve too.

    She teaches a class, in which Bob is, and has a message. There is a hat to be had for nothing.
    """
    ada, bob, cleo, dan, _eve, finn = (
        world.person(name) for name in ("Ada", "Bob", "Cleo", "Dan", "Eve", "Finn")
    )
    world.befriend(ada, bob)
    world.hold(ada, "friends_1")
    for sender, receiver in ((cleo, ada), (ada, dan)):
        row = {"sender_id": sender.id, "receiver_id": receiver.id}
        world.add(FriendRequest.__table__, row)
    ada.post("/block_user", json={"username": finn.username})
    week = {"board": "exp", "period": Period.WEEK, "starts": NOW.date(), "ends": NOW.date()}
    world.add(Season.__table__, {**week, "state": SeasonState.OPEN, "closes_at": NOW})
    world.add(Reward.__table__, HAT)
    world.add(InboxMessage.__table__, {**MESSAGE, "user_id": ada.id})
    bob.put("/user_avatar", json={"image_name": "owl"})
    class_id = world.add(world.tables["cohort"], {"name": "German for all"})
    for role, person in (("teacher", ada), ("user", bob)):
        row = {"user_id": person.id, "cohort_id": class_id}
        world.add(world.tables[f"{role}_cohort_map"], row)
    return ada
