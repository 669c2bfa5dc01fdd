"""/api/v2, our own routes: the catalog, and what a user has unlocked (docs/contract.md §1.13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.models import Badge

CATALOG_KEYS = {
    "id",
    "code",
    "family",
    "level",
    "threshold",
    "name",
    "description",
    "icon",
    "color",
    "created_at",
}


def list_of(person: Person, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = person.get(path, **query)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json is not None
    return list(answer.json)


def test_the_catalog_lists_every_badge_family_by_family(world: World) -> None:
    badges = list_of(world.person("Ada"), "/api/v2/badges")
    assert len(badges) == 35
    assert all(badge.keys() == CATALOG_KEYS for badge in badges)
    assert [badge["id"] for badge in badges] == list(range(1, 36))
    assert badges[0] | {"name": "", "description": "", "created_at": None} == {
        "id": 1,
        "code": "translated_words_1",
        "family": "TRANSLATED_WORDS",
        "level": 1,
        "threshold": 10,
        "name": "",
        "description": "",
        "icon": "translated-words.svg",
        "color": "#4F8EF7",
        "created_at": None,
    }


def test_the_catalog_can_be_asked_for_one_family(world: World) -> None:
    badges = list_of(world.person("Ada"), "/api/v2/badges", family="FRIENDS")
    assert [badge["threshold"] for badge in badges] == [1, 3, 5, 7, 10]


def test_a_family_that_there_is_not_has_no_badges(world: World) -> None:
    assert list_of(world.person("Ada"), "/api/v2/badges", family="NONE") == []


def test_what_cannot_be_earned_is_not_in_the_catalog(world: World) -> None:
    ada = world.person("Ada")
    world.change_badge("friends_1", hidden=True)
    world.change_badge("friends_2", deprecated_at=NOW)
    world.hold(ada, "friends_1")
    badges = list_of(ada, "/api/v2/badges", family="FRIENDS")
    assert [badge["level"] for badge in badges] == [3, 4, 5]


def test_the_unlocked_badges_come_newest_first(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", datetime(2026, 5, 1))
    world.hold(ada, "friends_2", datetime(2026, 5, 3))
    world.hold(ada, "streak_days_1", datetime(2026, 5, 2))
    badges = list_of(ada, f"/api/v2/users/{ada.id}/badges")
    assert all(badge.keys() == CATALOG_KEYS | {"unlocked_at"} for badge in badges)
    assert [(badge["code"], badge["unlocked_at"]) for badge in badges] == [
        ("friends_2", "2026-05-03T00:00:00"),
        ("streak_days_1", "2026-05-02T00:00:00"),
        ("friends_1", "2026-05-01T00:00:00"),
    ]


def test_an_unlocked_badge_says_what_was_achieved_not_what_to_do(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    [badge] = list_of(ada, f"/api/v2/users/{ada.id}/badges")
    catalog = list_of(ada, "/api/v2/badges", family="FRIENDS")
    [[family]] = [ada.get("/friend_badges/Ada").get_json()]
    assert badge["description"] == family["badges"][0]["achieved_description"]
    assert badge["description"] != catalog[0]["description"]


def test_what_was_revoked_is_not_unlocked(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", revoked_at=NOW)
    assert list_of(ada, f"/api/v2/users/{ada.id}/badges") == []


def test_a_friend_may_look(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob)
    world.hold(bob, "friends_1")
    assert [badge["code"] for badge in list_of(ada, f"/api/v2/users/{bob.id}/badges")] == [
        "friends_1"
    ]


@pytest.mark.parametrize("user_id", ["2", "0", "999", str(2**31), str(2**63), "9" * 40])
def test_a_stranger_and_nobody_are_refused_alike(world: World, user_id: str) -> None:
    ada = world.person("Ada")
    world.person("Bob")
    answer = ada.get(f"/api/v2/users/{user_id}/badges")
    assert answer.status_code == 403
    assert answer.json == {"message": "You can only view badges for yourself or your friends."}


@pytest.mark.parametrize("user_id", ["Ada", "-1", "1.5", "", "%20"])
def test_what_is_no_number_is_no_page(world: World, user_id: str) -> None:
    assert world.person("Ada").get(f"/api/v2/users/{user_id}/badges").status_code == 404


@pytest.mark.parametrize("path", ["/api/v2/badges", "/api/v2/users/1/badges"])
@pytest.mark.parametrize("key", ["famly", "query", "user_id"])
def test_an_unknown_key_is_refused_by_name(world: World, path: str, key: str) -> None:
    answer = world.person("Ada").get(path, **{key: "1"})
    assert answer.status_code == 400
    assert answer.json == {"message": f"{key}: Unknown field."}


def test_a_badge_that_another_process_has_just_added_waits_for_the_next_refresh(
    world: World,
) -> None:
    ada = world.person("Ada")
    path = f"/api/v2/users/{ada.id}/badges"
    assert list_of(ada, path) == []
    texts = dict.fromkeys(("achieved_description", "unachieved_description"), "new")
    row = {"badge_category_id": 7, "level": 6, "threshold": 20, "code": "friends_6", **texts}
    world.add(Badge.__table__, row)
    world.hold(ada, "friends_6")
    assert list_of(ada, path) == []
    world.change_badge("friends_6", name="new")
    assert [badge["code"] for badge in list_of(ada, path)] == ["friends_6"]
