"""The number on the profile, and how it goes away (docs/contract.md §1.9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World


def unseen(person: Person) -> Any:
    answer = person.get("/badges/count_unseen")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


@pytest.fixture
def ada(world: World) -> Person:
    """Has two badges that she has not seen, and one that she has."""
    ada = world.person("Ada")
    world.hold(ada, "friends_1", is_shown=False)
    world.hold(ada, "friends_2", is_shown=False)
    world.hold(ada, "friends_3", is_shown=True)
    return ada


def test_the_number_of_unseen_badges_is_a_bare_integer(ada: Person) -> None:
    assert ada.get("/badges/count_unseen").data.strip() == b"2"
    assert type(unseen(ada)) is int


def test_who_has_no_badges_has_none_unseen(world: World) -> None:
    assert unseen(world.person("Bob")) == 0


def test_a_revoked_badge_is_not_counted(world: World, ada: Person) -> None:
    world.hold(ada, "friends_4", is_shown=False, revoked_at=NOW)
    assert unseen(ada) == 2


def test_an_old_grant_of_which_nothing_is_known_is_not_counted(world: World, ada: Person) -> None:
    world.hold(ada, "friends_4", is_shown=None)  # as production, which counts what is false
    assert unseen(ada) == 2


def test_marking_all_seen_brings_the_number_to_zero(ada: Person) -> None:
    answer = ada.post("/badges/mark_all_seen")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == {"updated": True}
    assert unseen(ada) == 0
    levels = [b["is_shown"] for b in ada.get("/friend_badges/Ada").get_json()[0]["badges"]]
    assert levels == [True, True, True]


def test_marking_says_updated_even_when_there_was_nothing_to_mark(ada: Person) -> None:
    ada.post("/badges/mark_all_seen")
    assert ada.post("/badges/mark_all_seen").json == {"updated": True}


@pytest.mark.parametrize(
    "body",
    [
        {"data": "{not json", "content_type": "application/json"},
        {"json": ["junk"]},
        {"data": {"user_id": "2", "features[0]": "gamification"}},
        {"data": b"\xff\x00", "content_type": "image/png"},
    ],
)
def test_whatever_is_sent_along_does_not_matter(ada: Person, body: dict[str, Any]) -> None:
    assert ada.post("/badges/mark_all_seen", **body).json == {"updated": True}
    assert unseen(ada) == 0


def test_marking_leaves_the_badges_of_others_unseen(world: World, ada: Person) -> None:
    bob = world.person("Bob")
    world.hold(bob, "friends_1", is_shown=False)
    ada.post("/badges/mark_all_seen")
    assert unseen(bob) == 1


def test_a_badge_won_after_marking_is_unseen_again(world: World, ada: Person) -> None:
    ada.post("/badges/mark_all_seen")
    world.hold(ada, "friends_4", is_shown=False)
    assert unseen(ada) == 1


def test_looking_does_not_mark(ada: Person) -> None:
    assert ada.get("/badges/mark_all_seen").status_code == 200  # the page of a user of that name
    assert unseen(ada) == 2


def test_the_older_names_do_the_same(ada: Person) -> None:
    assert ada.get("/badges/count_not_shown").json == 2
    assert ada.post("/badges/update_not_shown").json == {"updated": True}
    assert ada.get("/badges/count_not_shown").json == 0
