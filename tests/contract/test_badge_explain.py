"""`GET /badges/<code>/explain`, a route of our own: how the user stands to a badge, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Catalog
from zeeguu_gamify.badges.default_catalog import FAMILIES, PRIZES
from zeeguu_gamify.models import AwardAction, BadgeAwardLog


def explained(person: Person, code: str) -> dict[str, Any]:
    """The answer."""
    answer = person.get(f"/badges/{code}/explain")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json is not None
    return dict(answer.json)


def test_what_is_not_held_says_what_is_missing(world: World) -> None:
    ada = world.person("Ada")
    world.progress(ada, "FRIENDS", 2)
    assert explained(ada, "friends_2") == {
        "code": "friends_2",
        "name": "Good Company",
        "rule_version": 1,
        "standing": "not earned",
        "conditions": [
            {
                "text": "FRIENDS is at least 3",
                "metric": "FRIENDS",
                "value": 2,
                "wanted": 3,
                "passed": False,
            }
        ],
        "missing": ["1 more of FRIENDS: it is 2 of 3"],
        "grants": [],
        "history": [],
    }


def test_what_is_held_shows_its_certificate(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", evidence={"value": 1, "rule_version": 1})
    found = explained(ada, "friends_1")
    assert (found["standing"], found["missing"]) == ("held", [])
    assert found["grants"] == [
        {
            "context": "",
            "achieved_at": NOW.isoformat(),
            "source": "auto",
            "certificate": {"value": 1, "rule_version": 1},
            "revoked_at": None,
        }
    ]


def test_a_prize_tells_its_season_in_the_same_shape(build: Callable[..., World]) -> None:
    world = build(catalog=Catalog((*FAMILIES, *PRIZES)))
    ada = world.person("Ada")
    world.hold(ada, "week_gold", context="exp:week:2026-11-02")
    found = explained(ada, "week_gold")
    assert (found["standing"], found["missing"]) == ("held", [])
    assert found["conditions"] == [
        {
            "text": "won by a place in the season exp:week:2026-11-02",
            "metric": None,
            "value": None,
            "wanted": None,
            "passed": True,
        }
    ]
    assert "ONE:week_gold" not in ada.response.text


def test_the_reasons_of_moderators_are_not_told(world: World) -> None:
    ada, moderator = world.person("Ada"), world.person("Mod")
    world.hold(ada, "friends_1", revoked_at=NOW)
    row = {
        "user_id": ada.id, "badge_id": world.badge_id("friends_1"), "at": NOW,
        "action": AwardAction.REVOKED, "actor_id": moderator.id, "reason": "a suspicion",
    }  # fmt: skip
    world.add(BadgeAwardLog.__table__, row)
    found = explained(ada, "friends_1")
    assert found["standing"] == "revoked"
    assert found["history"] == [{"action": "REVOKED", "at": NOW.isoformat()}]
    assert "suspicion" not in ada.response.text


@pytest.mark.parametrize("code", ["no_such", "friends_1"])
def test_a_badge_that_there_is_not_or_that_is_hidden_is_404(world: World, code: str) -> None:
    ada = world.person("Ada")
    world.change_badge("friends_1", hidden=True)
    answer = ada.get(f"/badges/{code}/explain")
    assert (answer.status_code, answer.json) == (404, {"message": "There is no such badge."})


def test_who_holds_a_hidden_badge_may_ask_for_it(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    world.change_badge("friends_1", hidden=True)
    assert explained(ada, "friends_1")["standing"] == "held"


def test_without_a_session_nothing_is_explained(world: World) -> None:
    answer = world.app.test_client().get("/badges/friends_1/explain")
    assert answer.status_code == 401
