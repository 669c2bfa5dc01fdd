"""GET /friend_badges/<username>: what friends see of each other (docs/contract.md §1.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert

from tests.contract.hosts import NOW, Person, World
from tests.contract.test_badges import BADGE_KEYS
from zeeguu_gamify.models import FriendRequest

STRANGER = {"message": "You can only view badges for yourself or your friends."}


def badges_of(viewer: Person, username: str) -> list[dict[str, Any]]:
    answer = viewer.get(f"/friend_badges/{username}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json is not None
    return list(answer.json)


@pytest.fixture
def friends(world: World) -> tuple[Person, Person]:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob)
    return ada, bob


def test_a_friends_family_has_a_name_and_badges_but_no_progress(
    world: World, friends: tuple[Person, Person]
) -> None:
    ada, bob = friends
    world.hold(bob, "learned_words_2", datetime(2026, 5, 1))
    world.progress(bob, "LEARNED_WORDS", 11)
    [category] = badges_of(ada, "Bob")
    assert category.keys() == {"name", "badges"}
    [badge] = category["badges"]
    assert sorted(badge) == sorted(BADGE_KEYS)
    assert (badge["level"], badge["achieved"], badge["achieved_at"]) == (
        2,
        True,
        "2026-05-01T00:00:00",
    )


def test_only_achieved_badges_show_and_families_without_any_are_left_out(
    world: World, friends: tuple[Person, Person]
) -> None:
    ada, bob = friends
    world.hold(bob, "friends_3", datetime(2026, 5, 1))
    world.hold(bob, "friends_1", datetime(2026, 5, 2))
    world.hold(bob, "streak_days_5", datetime(2026, 5, 3))
    shown = [(family["name"], [b["level"] for b in family["badges"]])
             for family in badges_of(ada, "Bob")]  # fmt: skip
    assert shown == [("Streak", [5]), ("Friends", [1, 3])]


def test_families_of_one_instant_stand_in_the_order_of_the_catalog(
    world: World, friends: tuple[Person, Person]
) -> None:
    ada, bob = friends
    for code in ("friends_1", "translated_words_1", "streak_days_1"):
        world.hold(bob, code, NOW)
    names = [family["name"] for family in badges_of(ada, "Bob")]
    assert names == ["Translated words", "Streak", "Friends"]


def test_hidden_and_deprecated_badges_show_because_he_holds_them(
    world: World, friends: tuple[Person, Person]
) -> None:
    ada, bob = friends
    world.hold(bob, "friends_1")
    world.hold(bob, "friends_2")
    world.change_badge("friends_1", hidden=True)
    world.change_badge("friends_2", deprecated_at=NOW)
    [category] = badges_of(ada, "Bob")
    assert [badge["level"] for badge in category["badges"]] == [1, 2]


def test_a_revoked_badge_does_not_show(world: World, friends: tuple[Person, Person]) -> None:
    ada, bob = friends
    world.hold(bob, "friends_1", revoked_at=NOW)
    assert badges_of(ada, "Bob") == []


def test_friendship_works_both_ways(world: World, friends: tuple[Person, Person]) -> None:
    ada, bob = friends
    world.hold(ada, "friends_1")
    assert [family["name"] for family in badges_of(bob, "Ada")] == ["Friends"]


def test_ones_own_name_is_allowed_and_gives_what_friends_see(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    world.progress(ada, "FRIENDS", 1)
    [category] = badges_of(ada, "Ada")
    assert category.keys() == {"name", "badges"}
    assert len(category["badges"]) == 1


def test_an_unknown_user_has_no_badges(world: World) -> None:
    assert badges_of(world.person("Ada"), "Nobody") == []


def test_a_stranger_is_refused(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.hold(bob, "friends_1")
    answer = ada.get("/friend_badges/Bob")
    assert (answer.status_code, answer.mimetype) == (403, "application/json")
    assert answer.json == STRANGER


def test_a_friend_who_was_is_a_stranger(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob, ended=True)
    assert ada.get("/friend_badges/Bob").json == STRANGER


def test_friends_again_after_an_end_are_friends(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob, ended=True)
    world.befriend(ada, bob)
    assert badges_of(ada, "Bob") == []


def test_who_has_only_been_asked_is_a_stranger(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(FriendRequest), {"sender_id": ada.id, "receiver_id": bob.id})
    assert ada.get("/friend_badges/Bob").status_code == 403


def test_a_friend_of_a_friend_is_a_stranger(world: World, friends: tuple[Person, Person]) -> None:
    ada, bob = friends
    cleo = world.person("Cleo")
    world.befriend(bob, cleo)
    assert ada.get("/friend_badges/Cleo").status_code == 403


@pytest.mark.parametrize("spelling", ["bob", "BOB", "bOb"])
def test_the_case_of_a_username_does_not_matter(
    world: World, friends: tuple[Person, Person], spelling: str
) -> None:
    ada, bob = friends
    world.hold(bob, "friends_1")
    assert badges_of(ada, spelling) == badges_of(ada, "Bob") != []


def test_a_username_may_have_dots_and_dashes(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("b.o-b_1")
    world.befriend(ada, bob)
    world.hold(bob, "friends_1")
    assert badges_of(ada, "b.o-b_1") != []


@pytest.mark.parametrize("spelling", ["%", "B_b", "%27%20OR%201=1", "x" * 5000, "%00"])
def test_a_name_is_taken_literally(world: World, spelling: str) -> None:
    ada = world.person("Ada")
    world.person("Bob")
    assert badges_of(ada, spelling) == []


def test_badges_of_a_username_is_the_older_name(
    world: World, friends: tuple[Person, Person]
) -> None:
    ada, bob = friends
    world.hold(bob, "friends_1")
    assert ada.get("/badges/Bob").data == ada.get("/friend_badges/Bob").data
    world.person("Cleo")
    assert ada.get("/badges/Cleo").json == STRANGER
    assert ada.get("/badges/Nobody").json == []
