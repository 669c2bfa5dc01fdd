"""Avatars: what there is, and one's own (docs/contract.md §2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hosts import Person, World

OWL = {"image_name": "owl", "character_color": "#6367FF", "background_color": "#C9BEFF"}
NONE = dict.fromkeys(OWL)
IMAGE_NAMES = [
    "otter", "elephant", "wolf", "fox", "owl", "panther", "lion", "tiger", "bear", "eagle",
    "rabbit", "deer", "leopard", "cheetah", "badger", "beaver", "lynx", "moose",
]  # fmt: skip
CHARACTER_COLORS = [
    "#F6D110", "#f09000", "#EA2F14", "#6367FF", "#0D1A63", "#008BFF", "#005F02",
]  # fmt: skip
BACKGROUND_COLORS = [
    "#FFF9C7", "#ffe0b3", "#ffc3b3", "#C9BEFF", "#81A6C6", "#9CD5FF", "#BCD9A2",
]  # fmt: skip


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


def avatar(person: Person) -> Any:
    answer = person.get("/user_avatar")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def test_the_options_are_those_that_the_client_ships_in_its_order(ada: Person) -> None:
    assert ada.get("/avatar_options").json == {
        "image_names": IMAGE_NAMES,
        "character_colors": CHARACTER_COLORS,
        "background_colors": BACKGROUND_COLORS,
        "default": {
            "image_name": "elephant",
            "character_color": "#f09000",
            "background_color": "#ffe0b3",
        },
    }


def test_who_has_chosen_nothing_has_three_nulls(ada: Person) -> None:
    assert avatar(ada) == NONE


@pytest.mark.core
def test_an_avatar_is_answered_as_it_is_now(ada: Person) -> None:
    answer = ada.put("/user_avatar", json=OWL)
    assert (answer.status_code, answer.json) == (200, OWL)
    assert avatar(ada) == OWL


@pytest.mark.parametrize("name", OWL)
@pytest.mark.core
def test_what_is_not_given_stays(ada: Person, name: str) -> None:
    one = {name: OWL[name]}
    assert ada.put("/user_avatar", json=one).json == {**NONE, **one}
    ada.put("/user_avatar", json={**OWL, "image_name": "fox"})
    assert ada.put("/user_avatar", json=one).json == {**OWL, "image_name": "fox", **one}
    assert ada.put("/user_avatar", json={}).json == avatar(ada)


def test_everybody_has_an_avatar_of_their_own(world: World, ada: Person) -> None:
    bob = world.person("Bob")
    ada.put("/user_avatar", json=OWL)
    assert avatar(bob) == NONE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_name": "unicorn"}, "image_name: Must be one of: otter, "),
        ({"image_name": "Owl"}, "image_name: Must be one of: otter, "),
        ({"character_color": "#F09000"}, "character_color: Must be one of: #F6D110, "),
        ({"character_color": "#C9BEFF"}, "character_color: Must be one of: #F6D110, "),
        ({"background_color": "white"}, "background_color: Must be one of: #FFF9C7, "),
        ({"background_color": ""}, "background_color: Must be one of: #FFF9C7, "),
        ({"image_name": None}, "image_name: Field may not be null."),
        ({"image_name": 5}, "image_name: Not a valid string."),
        ({"avatar_image_name": "owl"}, "avatar_image_name: Unknown field."),
        ([], "The body must be an object of JSON"),
        ("owl", "The body must be an object of JSON"),
    ],
)
def test_what_there_is_not_is_refused_by_name_and_nothing_is_changed(
    ada: Person, changes: Any, message: str
) -> None:
    ada.put("/user_avatar", json={**OWL, "image_name": "fox"})
    body = {"image_name": "owl", **changes} if isinstance(changes, dict) else changes
    answer = ada.put("/user_avatar", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(message)
    assert avatar(ada) == {**OWL, "image_name": "fox"}


def test_a_form_is_refused_because_the_body_is_json(ada: Person) -> None:
    assert ada.put("/user_avatar", data=OWL).status_code == 400
    assert avatar(ada) == NONE
