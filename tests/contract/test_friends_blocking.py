"""Blocking: to the blocked, the blocker looks like an unknown user everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.contract.hosts import NOW, Person, World
from tests.contract.people import sign_up
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.friends import blocking, requests
from zeeguu_gamify.testing import SessionClient


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


@pytest.fixture
def bob(world: World) -> Person:
    return world.person("Bob")


def block(person: SessionClient, username: str) -> tuple[int, Any]:
    answer = person.post("/block_user", json={"username": username})
    return answer.status_code, answer.json


def unblock(person: SessionClient, username: str) -> tuple[int, Any]:
    answer = person.post("/unblock_user", json={"username": username})
    return answer.status_code, answer.json


def test_blocking_twice_succeeds_once(ada: Person, bob: Person) -> None:
    assert block(ada, "bob") == (200, {"success": True})
    assert block(ada, "Bob") == (200, {"success": False})
    assert unblock(ada, "BOB") == (200, {"success": True})
    assert unblock(ada, "Bob") == (200, {"success": False})


@pytest.mark.core
def test_the_blocked_are_listed_latest_first(world: World, ada: Person, bob: Person) -> None:
    bob.put("/user_avatar", json={"image_name": "owl"})
    world.person("Cleo")
    block(ada, "Bob")
    with time_machine.travel(f"{(NOW + timedelta(seconds=5)).isoformat()}Z", tick=False):
        block(ada, "Cleo")
    assert ada.get("/blocked_users").json == [
        {
            "name": "Cleo",
            "username": "Cleo",
            "avatar": None,
            "blocked_at": "2026-11-20T12:00:05",
        },
        {
            "name": "Bob",
            "username": "Bob",
            "avatar": {"image_name": "owl", "character_color": None, "background_color": None},
            "blocked_at": "2026-11-20T12:00:00",
        },
    ]
    assert bob.get("/blocked_users").json == []


@pytest.mark.parametrize("path", ["/block_user", "/unblock_user"])
@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "Missing username"),
        ({"username": ""}, 400, "Missing username"),
        ({"username": None}, 400, "Missing username"),
        ({"username": 7}, 400, "username: Not a valid string."),
        ({"username": "Bob", "user": "Bob"}, 400, "user: Unknown field."),
        ({"username": "Nobody"}, 404, "User not found"),
    ],
)
def test_wrong_input_is_refused(
    ada: Person, bob: Person, path: str, body: dict[str, Any], status: int, message: str
) -> None:
    answer = ada.post(path, json=body)
    assert (answer.status_code, answer.json) == (status, {"message": message})
    assert ada.get("/blocked_users").json == []


@pytest.mark.core
def test_of_two_who_block_each_other_the_first_does(world: World, ada: Person, bob: Person) -> None:
    block(bob, "Ada")
    assert block(ada, "Bob") == (404, {"message": "User not found"})
    with world.app.app_context(), pytest.raises(NotFound, match=r"^User not found$"):
        blocking.block(world.db.session(), world.mount, ada.id, bob.id)  # seen a moment ago
    assert unblock(bob, "Ada") == (200, {"success": True})
    assert block(ada, "Bob") == (200, {"success": True})


def test_nobody_can_block_oneself(ada: Person) -> None:
    assert block(ada, "ada") == (400, {"message": "You cannot block yourself."})


def test_a_block_ends_the_friendship_for_both(world: World, ada: Person, bob: Person) -> None:
    ada.post("/send_friend_request", json={"receiver_username": "Bob"})
    bob.post("/accept_friend_request", json={"sender_username": "Ada"})
    block(bob, "Ada")
    for person in (ada, bob):
        assert person.get("/my_friends").json == []
        values = {
            each["name"]: each["current_value"] for each in person.get("/my_badges").get_json()
        }
        assert values["Friends"] == 0


@pytest.mark.parametrize("asked_by_blocker", [True, False])
@pytest.mark.core
def test_a_block_ends_a_request(ada: Person, bob: Person, asked_by_blocker: bool) -> None:
    sender, receiver = (ada, bob) if asked_by_blocker else (bob, ada)
    sender.post("/send_friend_request", json={"receiver_username": receiver.username})
    block(ada, "Bob")
    assert receiver.get("/get_number_of_received_friend_requests").json == 0
    assert sender.get("/get_sent_friend_requests").json == []


#: What the blocked may try, and how it is answered for somebody whom there is not.
CALLS: list[Callable[[SessionClient, str], Any]] = [
    lambda me, name: me.get(f"/get_friend_details/{name}"),
    lambda me, name: me.get(f"/friends_of/{name}"),
    lambda me, name: me.get(f"/get_friends/{name}"),
    lambda me, name: me.get(f"/friend_badges/{name}"),
    lambda me, name: me.get(f"/badges/{name}"),
    lambda me, name: me.get("/search_users", query=name),
    lambda me, name: me.post("/send_friend_request", json={"receiver_username": name}),
    lambda me, name: me.post("/delete_friend_request", json={"receiver_username": name}),
    lambda me, name: me.post("/accept_friend_request", json={"sender_username": name}),
    lambda me, name: me.post("/reject_friend_request", json={"sender_username": name}),
    lambda me, name: me.post("/unfriend", json={"receiver_username": name}),
    lambda me, name: me.post("/block_user", json={"username": name}),
    lambda me, name: me.post("/unblock_user", json={"username": name}),
]


@pytest.mark.parametrize("call", CALLS)
def test_the_blocker_is_answered_like_nobody(
    world: World, ada: Person, bob: Person, call: Callable[[SessionClient, str], Any]
) -> None:
    world.befriend(ada, bob)
    block(ada, "Bob")
    blocker, nobody = call(bob, "Ada"), call(bob, "Nobody")
    assert (blocker.status_code, blocker.data) == (nobody.status_code, nobody.data)


def test_so_it_is_with_the_history_of_streaks(demo: Flask, learner: SessionClient) -> None:
    ben = sign_up(demo, "ben")
    name, his = (one.get("/get_user_details").get_json()["username"] for one in (learner, ben))
    path = "/friend_language_streak_history/"
    assert ben.get(path + name).json != []
    block(learner, his)
    assert ben.get(path + name).json == []


def test_badges_by_id_are_refused_as_those_of_any_stranger(
    world: World, ada: Person, bob: Person
) -> None:
    world.befriend(ada, bob)
    assert bob.get(f"/api/v2/users/{ada.id}/badges").status_code == 200
    block(ada, "Bob")
    hidden = bob.get(f"/api/v2/users/{ada.id}/badges")
    unknown = bob.get("/api/v2/users/999/badges")
    assert (hidden.status_code, hidden.data) == (unknown.status_code, unknown.data)


@pytest.mark.core
def test_the_blocker_is_not_among_the_friends_of_a_friend(
    world: World, ada: Person, bob: Person
) -> None:
    cleo = world.person("Cleo")
    for person in (ada, bob):
        world.befriend(cleo, person)
    block(ada, "Bob")
    names = [friend["username"] for friend in bob.get("/friends_of/Cleo").get_json()]
    assert names == ["Bob"]
    assert len(cleo.get("/my_friends").get_json()) == 2


def test_the_blocker_sees_a_stranger_but_finds_and_asks_them_no_more(
    ada: Person, bob: Person
) -> None:
    block(ada, "Bob")
    assert ada.get("/get_friend_details/Bob").status_code == 200
    assert ada.get("/friend_badges/Bob").status_code == 403
    assert ada.get("/search_users", query="Bob").json == []
    answer = ada.post("/send_friend_request", json={"receiver_username": "Bob"})
    assert (answer.status_code, answer.json) == (400, {"message": "You have blocked this user."})


def test_who_is_blocked_in_the_moment_of_asking_is_told_the_same(
    world: World, ada: Person, bob: Person
) -> None:
    block(ada, "Bob")  # after Bob's request has found her
    with world.app.app_context(), pytest.raises(BadInput, match=r"^Receiver user not found$"):
        requests.send(world.db.session(), world.mount, bob.id, ada.id)


def test_unblocking_restores_nothing_but_lets_them_meet_again(
    world: World, ada: Person, bob: Person
) -> None:
    world.befriend(ada, bob)
    block(ada, "Bob")
    unblock(ada, "Bob")
    assert ada.get("/my_friends").json == []
    assert bob.get("/get_friend_details/Ada").get_json().keys() >= {"username"}
    assert bob.post("/send_friend_request", json={"receiver_username": "Ada"}).status_code == 200
