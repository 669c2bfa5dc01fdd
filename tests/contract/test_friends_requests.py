"""Friend requests: sending, taking back, accepting, refusing (docs/contract.md §1.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Event
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.friends import requests
from zeeguu_gamify.models import FriendRequest, Friendship
from zeeguu_gamify.testing import statements

NOW_ISO = "2026-11-20T12:00:00"


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


@pytest.fixture
def bob(world: World) -> Person:
    return world.person("Bob")


def send(sender: Person, receiver: str) -> TestResponse:
    return sender.post("/send_friend_request", json={"receiver_username": receiver})


def accept(receiver: Person, sender: str) -> TestResponse:
    return receiver.post("/accept_friend_request", json={"sender_username": sender})


def answered(response: TestResponse) -> tuple[int, Any]:
    assert response.mimetype == "application/json"
    return response.status_code, response.json


def refused(status: int, message: str) -> tuple[int, Any]:
    return status, {"message": message}


def friends_value(person: Person) -> int:
    families = {family["name"]: family for family in person.get("/my_badges").get_json()}
    return int(families["Friends"]["current_value"])


def later(seconds: int) -> time_machine.travel:
    return time_machine.travel(f"{(NOW + timedelta(seconds=seconds)).isoformat()}Z", tick=False)


@pytest.mark.core
def test_a_request_names_both_and_the_moment(ada: Person, bob: Person) -> None:
    assert answered(send(ada, "Bob")) == (
        200,
        {
            "sender": {"name": "Ada", "username": "Ada"},
            "receiver": {"name": "Bob", "username": "Bob"},
            "created_at": NOW_ISO,
        },
    )


def test_the_receiver_is_found_whatever_the_case_and_named_as_stored(
    ada: Person, bob: Person
) -> None:
    assert send(ada, "bOB").get_json()["receiver"]["username"] == "Bob"


@pytest.mark.core
def test_the_receiver_sees_who_asks_with_the_avatar(ada: Person, bob: Person) -> None:
    ada.put("/user_avatar", json={"image_name": "owl", "character_color": "#6367FF"})
    send(ada, "Bob")
    avatar = {"image_name": "owl", "character_color": "#6367FF", "background_color": None}
    assert answered(bob.get("/get_received_friend_requests")) == (
        200,
        [
            {
                "sender": {"name": "Ada", "username": "Ada", "avatar": avatar},
                "receiver": {"name": "Bob", "username": "Bob"},
                "created_at": NOW_ISO,
            }
        ],
    )
    assert answered(bob.get("/get_number_of_received_friend_requests")) == (200, 1)


def test_the_sender_sees_it_without_an_avatar(ada: Person, bob: Person) -> None:
    sent = send(ada, "Bob").json
    assert answered(ada.get("/get_sent_friend_requests")) == (200, [sent])
    assert ada.get("/get_received_friend_requests").json == []
    assert ada.get("/get_number_of_received_friend_requests").json == 0
    assert bob.get("/get_sent_friend_requests").json == []


def test_who_has_no_avatar_is_shown_with_null(ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    [request] = bob.get("/get_received_friend_requests").get_json()
    assert request["sender"]["avatar"] is None


def test_requests_come_newest_first_and_of_one_second_the_last_sent(
    world: World, bob: Person
) -> None:
    for name, seconds in (("Cleo", 60), ("Ada", 0), ("Dan", 60)):
        sender = world.person(name)
        with later(seconds):
            send(sender, "Bob")
    received = bob.get("/get_received_friend_requests").get_json()
    assert [request["sender"]["username"] for request in received] == ["Dan", "Cleo", "Ada"]


@pytest.mark.parametrize("people", [0, 1, 50])
def test_received_requests_take_at_most_three_statements(
    world: World, bob: Person, people: int
) -> None:
    for number in range(people):
        row = {"sender_id": world.person(f"p{number}").id, "receiver_id": bob.id}
        world.add(FriendRequest.__table__, row | {"created_at": NOW})
    bob.get("/get_received_friend_requests")
    with world.app.app_context(), statements(world.db.engine) as ran:
        assert len(bob.get("/get_received_friend_requests").get_json()) == people
    assert len(ran) <= 3


@pytest.mark.parametrize(
    ("receiver", "message"),
    [
        ("Nobody", "Receiver user not found"),
        ("", "Missing receiver username"),
        (None, "Missing receiver username"),
        ("Ada", "cannot send friend request to yourself"),
        ("ADA", "cannot send friend request to yourself"),
        (5, "receiver_username: Not a valid string."),
        (["Bob"], "receiver_username: Not a valid string."),
    ],
)
@pytest.mark.parametrize("path", ["/send_friend_request", "/unfriend"])
def test_a_wrong_receiver_is_refused(
    ada: Person, bob: Person, path: str, receiver: object, message: str
) -> None:
    response = ada.post(path, json={"receiver_username": receiver})
    assert answered(response) == refused(400, message)
    assert bob.get("/get_received_friend_requests").json == []


@pytest.mark.parametrize(
    ("sender", "message"),
    [
        ("Nobody", "Sender user not found"),
        ("", "Missing sender username"),
        (None, "Missing sender username"),
        ("bob", "cannot send friend request to yourself"),
        ({}, "sender_username: Not a valid string."),
    ],
)
@pytest.mark.parametrize("path", ["/accept_friend_request", "/reject_friend_request"])
def test_a_wrong_sender_is_refused(bob: Person, path: str, sender: object, message: str) -> None:
    response = bob.post(path, json={"sender_username": sender})
    assert answered(response) == refused(400, message)


@pytest.mark.parametrize("receiver", ["Nobody", "", None])
def test_taking_back_from_nobody_is_not_found(ada: Person, receiver: str | None) -> None:
    response = ada.post("/delete_friend_request", json={"receiver_username": receiver})
    assert answered(response) == refused(404, "User not found")


NO_OBJECTS_OF_JSON: list[dict[str, Any]] = [
    {},
    {"data": {"receiver_username": "Bob", "sender_username": "Bob", "username": "Bob"}},
    {"data": '{"receiver_username": "Bob"}', "content_type": "text/plain"},
    {"data": '{"receiver_username": "Bob"', "content_type": "application/json"},
    {"data": b"\xff", "content_type": "application/json"},
    {"json": ["Bob"]},
    {"json": "Bob"},
    {"json": None},
    {"data": '{"receiver_username": "\\ud800"}', "content_type": "application/json"},
    {"data": "[" * 100_000, "content_type": "application/json"},
    {"data": '{"a":' * 100_000, "content_type": "application/json"},
]


@pytest.mark.parametrize(
    "path",
    [
        "/send_friend_request",
        "/delete_friend_request",
        "/accept_friend_request",
        "/reject_friend_request",
        "/unfriend",
        "/block_user",
        "/unblock_user",
    ],
)
def test_a_body_that_is_no_object_of_json_is_refused(
    world: World, ada: Person, bob: Person, path: str
) -> None:
    for body in NO_OBJECTS_OF_JSON:
        response = ada.post(path, **body)
        assert response.status_code == 400, body
        assert response.get_json()["message"].startswith("The body "), body
    assert bob.get("/get_received_friend_requests").json == []
    assert ada.get("/blocked_users").json == []


def test_what_else_is_sent_does_not_matter(ada: Person, bob: Person) -> None:
    body = {"receiver_username": "Bob", "receiver_id": 1, "session": "x", "junk": [None]}
    assert ada.post("/send_friend_request", json=body).status_code == 200


@pytest.mark.core
def test_a_second_request_is_refused_in_either_direction(ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    again = refused(400, "A friend request already exists between these users.")
    assert answered(send(ada, "Bob")) == again
    assert answered(send(bob, "Ada")) == again
    assert bob.get("/get_number_of_received_friend_requests").json == 1


def test_to_ask_a_friend_is_refused(world: World, ada: Person, bob: Person) -> None:
    world.befriend(ada, bob)
    for sender, receiver in ((ada, "Bob"), (bob, "Ada")):
        assert answered(send(sender, receiver)) == refused(400, "You are already friends.")
    assert ada.get("/get_received_friend_requests").json == []


@pytest.mark.core
def test_accepting_makes_friends_of_both_at_once(world: World, ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    with later(30):
        assert answered(accept(bob, "ada")) == (
            200,
            {
                "created_at": "2026-11-20T12:00:30",
                "friend_streak": 0,
                "friend_streak_last_updated": None,
            },
        )
    assert bob.get("/get_received_friend_requests").json == []
    assert [friend["username"] for friend in ada.get("/my_friends").get_json()] == ["Bob"]
    assert [friend["username"] for friend in bob.get("/my_friends").get_json()] == ["Ada"]
    assert (friends_value(ada), friends_value(bob)) == (1, 1)


def test_the_first_friend_earns_both_the_badge(world: World, ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    accept(bob, "Ada")
    for person in (ada, bob):
        assert person.get("/badges/count_unseen").json == 1


def test_only_the_receiver_can_accept(ada: Person, bob: Person) -> None:
    nothing = refused(404, "No friend request found to accept")
    assert answered(accept(bob, "Ada")) == nothing
    send(ada, "Bob")
    assert answered(accept(ada, "Bob")) == nothing
    assert ada.get("/my_friends").json == []
    accept(bob, "Ada")
    assert answered(accept(bob, "Ada")) == nothing


def test_when_counting_fails_nothing_of_an_accept_stays(
    world: World, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ada, "Bob")

    def fail(*_args: object) -> None:
        raise BadInput("the last subscriber has failed")

    last = world.mount.subscribers[-1]
    monkeypatch.setattr(type(last), "handle", fail)
    assert accept(bob, "Ada").status_code == 400
    monkeypatch.undo()
    assert bob.get("/get_number_of_received_friend_requests").json == 1
    assert bob.get("/my_friends").json == []
    assert (friends_value(ada), friends_value(bob)) == (0, 0)
    assert accept(bob, "Ada").status_code == 200


def test_refusing_and_taking_back_tell_whether_there_was_a_request(
    ada: Person, bob: Person
) -> None:
    def reject() -> tuple[int, Any]:
        return answered(bob.post("/reject_friend_request", json={"sender_username": "Ada"}))

    def take_back() -> tuple[int, Any]:
        return answered(ada.post("/delete_friend_request", json={"receiver_username": "Bob"}))

    for end in (reject, take_back):
        assert end() == (200, {"success": False})
        send(ada, "Bob")
        assert end() == (200, {"success": True})
        assert end() == (200, {"success": False})
        assert bob.get("/get_received_friend_requests").json == []


def test_nobody_can_refuse_or_take_back_what_the_other_sent(ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    wrong = [
        ada.post("/reject_friend_request", json={"sender_username": "Bob"}),
        bob.post("/delete_friend_request", json={"receiver_username": "Ada"}),
    ]
    assert [response.json for response in wrong] == [{"success": False}] * 2
    assert bob.get("/get_number_of_received_friend_requests").json == 1


def test_unfriending_ends_it_for_both_and_keeps_the_row(
    world: World, ada: Person, bob: Person
) -> None:
    send(ada, "Bob")
    accept(bob, "Ada")
    unfriend = {"receiver_username": "Ada"}
    assert answered(bob.post("/unfriend", json=unfriend)) == (200, {"success": True})
    assert answered(bob.post("/unfriend", json=unfriend)) == (200, {"success": False})
    assert ada.get("/my_friends").json == bob.get("/my_friends").json == []
    assert (friends_value(ada), friends_value(bob)) == (0, 0)
    assert world.scalar(select(Friendship.deleted_at)) == NOW


@pytest.mark.core
def test_friends_again_are_a_new_row_that_starts_anew(
    world: World, ada: Person, bob: Person
) -> None:
    for _ in range(2):
        send(ada, "Bob")
        accept(bob, "Ada")
        ada.post("/unfriend", json={"receiver_username": "Bob"})
    send(bob, "Ada")
    accept(ada, "Bob")
    assert world.scalar(select(func.count()).select_from(Friendship)) == 3
    [friend] = ada.get("/my_friends").get_json()
    assert friend["friendship"]["friend_streak"] == 0
    assert friends_value(ada) == 1


def test_a_badge_for_friends_stays_when_they_go(ada: Person, bob: Person) -> None:
    send(ada, "Bob")
    accept(bob, "Ada")
    ada.post("/unfriend", json={"receiver_username": "Bob"})
    assert ada.get("/badges/count_unseen").json == 1


def test_whoever_listens_is_told_what_happened_between_the_two(
    build: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build()
    ada, bob = world.person("Ada"), world.person("Bob")
    told: list[Event] = []

    class Listener:
        def handle(self, _session: object, _mount: object, emitted: list[Any]) -> None:
            told.extend(item.event for item in emitted)

        def undo(self, *_args: object) -> None: ...

    monkeypatch.setattr(world.mount, "subscribers", [*world.mount.subscribers, Listener()])
    send(ada, "Bob")
    accept(bob, "Ada")
    ada.post("/unfriend", json={"receiver_username": "Bob"})
    friendship = world.scalar(select(Friendship.id))
    assert [(event.name, event.user_id, event.value, event.context) for event in told] == [
        ("friend.requested", ada.id, None, {"friend_id": bob.id}),
        ("friend.accepted", bob.id, None, {"friend_id": ada.id, "friendship_id": friendship}),
        ("friendship.changed", bob.id, 1, {}),
        ("friendship.changed", ada.id, 1, {}),
        ("friend.removed", ada.id, None, {"friend_id": bob.id, "friendship_id": friendship}),
        ("friendship.changed", ada.id, 0, {}),
        ("friendship.changed", bob.id, 0, {}),
    ]


class Deadlock(Exception):
    """What the driver says when the server gave the transaction up for another one."""

    args = (1213, "Deadlock found when trying to get lock; try restarting transaction")


@pytest.mark.parametrize(("deadlocks", "status"), [(2, 200), (3, 503)])
def test_what_the_server_gave_up_is_done_again(
    world: World,
    ada: Person,
    bob: Person,
    monkeypatch: pytest.MonkeyPatch,
    deadlocks: int,
    status: int,
) -> None:
    send_once = requests.send
    to_come = [OperationalError("INSERT", {}, Deadlock())] * deadlocks

    def send_late(*args: Any) -> int:
        request_id = send_once(*args)
        if to_come:
            raise to_come.pop()
        return request_id

    monkeypatch.setattr(requests, "send", send_late)
    assert send(ada, "Bob").status_code == status
    received = bob.get("/get_number_of_received_friend_requests").json
    assert received == (1 if status == 200 else 0)
