"""Somebody's profile (docs/contract.md §1.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hosts import Person, World


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


@pytest.fixture
def bob(world: World) -> Person:
    return world.person("Bob", name=None, created_at=None)


def details(person: Person, username: str) -> dict[str, Any]:
    answer = person.get(f"/get_friend_details/{username}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return dict(answer.get_json())


def test_a_stranger_is_shown_without_a_friendship(world: World, ada: Person, bob: Person) -> None:
    assert details(bob, "ada") == {
        "name": "Ada",
        "username": "Ada",
        "created_at": "2025-01-01T00:00:00",
        "user_avatar": None,
    }
    assert details(ada, "Bob") == {
        "name": None,
        "username": "Bob",
        "created_at": None,
        "user_avatar": None,
    }


def test_the_avatar_is_shown(ada: Person, bob: Person) -> None:
    bob.put("/user_avatar", json={"image_name": "fox", "background_color": "#FFF9C7"})
    assert details(ada, "Bob")["user_avatar"] == {
        "image_name": "fox",
        "character_color": None,
        "background_color": "#FFF9C7",
    }


def test_ones_own_profile_works_too(ada: Person) -> None:
    assert details(ada, "ADA").keys() == {"name", "username", "created_at", "user_avatar"}


@pytest.mark.core
def test_a_friend_is_shown_with_the_friendship(world: World, ada: Person, bob: Person) -> None:
    world.befriend(bob, ada)
    assert details(ada, "Bob")["friendship"] == {
        "friend_streak": 0,
        "friend_streak_last_updated": None,
        "is_accepted": True,
        "created_at": "2025-01-01T00:00:00",
    }


@pytest.mark.core
def test_a_request_shows_to_both_who_asked_whom(ada: Person, bob: Person) -> None:
    ada.post("/send_friend_request", json={"receiver_username": "Bob"})
    friendship = {
        "sender_username": "Ada",
        "receiver_username": "Bob",
        "friend_streak": 0,
        "friend_streak_last_updated": None,
        "is_accepted": False,
        "created_at": "2026-11-20T12:00:00",
    }
    assert details(ada, "Bob")["friendship"] == details(bob, "Ada")["friendship"] == friendship


def test_a_friendship_that_has_ended_is_none(world: World, ada: Person, bob: Person) -> None:
    world.befriend(ada, bob, ended=True)
    assert "friendship" not in details(ada, "Bob")


@pytest.mark.parametrize("username", ["Nobody", "%", "A_a", ".", "%00", "x" * 5000, "%F0%9F%A6%89"])
def test_a_user_whom_there_is_not_is_not_found(ada: Person, username: str) -> None:
    answer = ada.get(f"/get_friend_details/{username}")
    assert answer.status_code == 404
    if username != ".":  # which is no part of a path
        message = "Not friends with this user or user not found."
        assert answer.json == {"message": message}
