"""GET /gamify/badges: /my_badges with what a gallery needs besides (docs/contract.md §1.13)."""

from __future__ import annotations

from typing import Any

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.testing import statements

MORE = {"family"}
BADGE_MORE = {"code", "icon", "color", "hidden", "holders", "share_active"}
BADGE_LESS = {"icon_name", "description"}


def gallery(person: Person) -> list[dict[str, Any]]:
    answer = person.get("/gamify/badges")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json)


def test_it_says_what_my_badges_says_and_more(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", NOW)
    shelf, families = ada.get("/my_badges").get_json(), gallery(ada)
    for category, family in zip(shelf, families, strict=True):
        assert family.keys() == category.keys() | MORE
        assert family["current_value"] == category["current_value"]
        for one, badge in zip(category["badges"], family["badges"], strict=True):
            assert badge.keys() == one.keys() - BADGE_LESS | BADGE_MORE
            assert badge["icon"] == one["icon_name"]
            assert all(badge[key] == one[key] for key in one.keys() - BADGE_LESS)


def test_a_badge_has_the_code_by_which_it_is_explained(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", NOW)
    [first, *_] = gallery(ada)
    assert (first["family"], first["badges"][0]["code"]) == ("FRIENDS", "friends_1")
    assert ada.get("/badges/friends_1/explain").get_json()["standing"] == "held"


def test_a_hidden_badge_shows_only_to_those_who_hold_it(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.change_badge("friends_1", hidden=True)
    world.hold(ada, "friends_1", NOW)
    assert [badge["code"] for badge in gallery(ada)[0]["badges"] if badge["hidden"]] == [
        "friends_1"
    ]
    assert not any(badge["hidden"] for family in gallery(bob) for badge in family["badges"])


def test_it_takes_as_many_statements_whatever_one_holds(world: World) -> None:
    ada = world.person("Ada")
    before = statements_for(world, ada)
    for level in range(1, 6):
        world.hold(ada, f"friends_{level}", NOW)
    assert statements_for(world, ada) == before


def statements_for(world: World, person: Person) -> int:
    gallery(person)
    with world.app.app_context(), statements(world.db.engine) as ran:
        gallery(person)
    return len(ran)
