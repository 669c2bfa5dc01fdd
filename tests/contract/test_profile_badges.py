"""The badges on a profile, our own route: their order, pins, rarity and tooltips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Catalog, EventType, HostMap, ladder, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.host import Group
from zeeguu_gamify.testing import statements

LONG_AGO, LAST_YEAR = datetime(2024, 5, 1), datetime(2025, 5, 1)

REVIEWS = replace(
    ladder(
        "REVIEWS", (1, 25), name="Reviewer", trigger="review.approved",
        describe=lambda n: (f"Have {n} reviews approved.", f"You had {n} reviews approved."),
    ),
    tooltip=("{n} approved review", "{n} approved reviews"),
)  # fmt: skip
FOUNDER = replace(
    one_off(
        "founder", name="Founder", trigger="review.approved", unachieved="Too late.",
        achieved="You were there first.", sort_score=100, color="#112233",
    ),
    tooltip="Member since {joined}",
)  # fmt: skip
OPTIONS: dict[str, Any] = {
    "catalog": Catalog([*FAMILIES, REVIEWS, FOUNDER]),
    "events": [EventType("review.approved", "a review was approved", "REVIEWS")],
}


@pytest.fixture
def fans(build: Callable[..., World], database_url: str) -> World:
    return build(database_url, **OPTIONS)


def shown(viewer: Person, owner: Person | None = None, **query: Any) -> list[dict[str, Any]]:
    answer = viewer.get(f"/api/v2/users/{(owner or viewer).id}/profile_badges", **query)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json)


def codes(badges: list[dict[str, Any]]) -> list[str]:
    return [badge["code"] for badge in badges]


def pin(person: Person, code: str, position: int | None) -> None:
    answer = person.put(f"/api/v2/badges/{code}/pin", json={"position": position})
    assert (answer.status_code, answer.json) == (200, {"updated": True})


@pytest.fixture
def ada(fans: World) -> Person:
    """She holds four badges."""
    ada = fans.person("Ada", created_at=datetime(2022, 3, 4, 23, 30), timezone="Europe/Berlin")
    fans.hold(ada, "founder", LONG_AGO)
    fans.hold(ada, "friends_2", LONG_AGO)
    fans.hold(ada, "reviews_2", LAST_YEAR)
    fans.hold(ada, "reviews_1", NOW)
    return ada


def test_sort_scores_come_first_descending_and_then_the_newest(ada: Person) -> None:
    assert codes(shown(ada)) == ["founder", "reviews_2", "friends_2", "reviews_1"]


def test_a_pin_stands_where_it_was_put_and_can_be_taken_away(ada: Person) -> None:
    pin(ada, "reviews_1", 101)
    pin(ada, "founder", 0)
    badges = shown(ada)
    assert codes(badges) == ["reviews_1", "reviews_2", "friends_2", "founder"]
    assert [badge["pinned"] for badge in badges] == [True, False, False, True]
    pin(ada, "reviews_1", None)
    pin(ada, "founder", None)
    assert codes(shown(ada)) == ["founder", "reviews_2", "friends_2", "reviews_1"]


def test_the_top_badges_are_the_first_of_all(ada: Person) -> None:
    assert shown(ada, top=2) == shown(ada)[:2]


def test_a_badge_says_in_short_what_it_took(ada: Person) -> None:
    said = {badge["code"]: badge["tooltip"] for badge in shown(ada)}
    assert said["reviews_2"] == "25 approved reviews"
    assert said["reviews_1"] == "1 approved review"
    assert said["founder"] == "Member since 2022-03-05"  # it was past midnight in Berlin


def test_a_badge_says_what_it_took_when_it_was_granted(fans: World, ada: Person) -> None:
    bob = fans.person("Bob")
    fans.hold(bob, "reviews_2", NOW, evidence={"threshold": 20})
    assert [badge["tooltip"] for badge in shown(bob)] == ["20 approved reviews"]


def test_a_host_that_keeps_no_date_of_joining_shows_the_description(
    build: Callable[..., World], database_url: str
) -> None:
    groups = frozenset({Group.SESSION, Group.NAMES})
    world = build(database_url, **OPTIONS, host_map=HostMap(groups=groups))
    ada = world.person("Ada")
    world.hold(ada, "founder")
    assert shown(ada)[0]["tooltip"] == "You were there first."


def test_a_badge_shows_how_rare_it_is(fans: World, ada: Person) -> None:
    fans.change_badge("founder", users_with_badge=7, share_active=0.0125)
    founder, *others = shown(ada)
    assert founder == {
        "code": "founder", "family": "ONE:founder", "level": 1, "name": "Founder",
        "tooltip": "Member since 2022-03-05", "icon": None, "color": "#112233", "context": "",
        "pinned": False, "unlocked_at": "2024-05-01T00:00:00", "holders": 7,
        "share_active": 0.0125,
    }  # fmt: skip
    assert {(badge["holders"], badge["share_active"]) for badge in others} == {(0, None)}


def test_what_was_revoked_is_not_shown_nor_pinned(fans: World) -> None:
    bob = fans.person("Bob")
    fans.hold(bob, "founder", revoked_at=NOW)
    assert shown(bob) == []
    answer = bob.put("/api/v2/badges/founder/pin", json={"position": 1})
    assert answer.status_code == 404


def test_friends_see_it_and_strangers_do_not(fans: World, ada: Person) -> None:
    bob, eve = fans.person("Bob"), fans.person("Eve")
    fans.befriend(ada, bob)
    assert codes(shown(bob, ada)) == codes(shown(ada))
    for stranger_id in (ada.id, 10**6, 10**30):
        answer = eve.get(f"/api/v2/users/{stranger_id}/profile_badges")
        assert answer.status_code == 403
        assert answer.json == {"message": "You can only view badges for yourself or your friends."}


@pytest.mark.parametrize(
    ("code", "body", "status", "message"),
    [
        ("founde", {"position": 1}, 404, "Unknown badge code or metric: 'founde'; did you mean"),
        ("friends_5", {"position": 1}, 404, "You do not hold the badge friends_5."),
        ("founder", {"position": "first"}, 400, "position: Not a valid integer."),
        ("founder", {"position": 2**31}, 400, "position: Must be"),
        ("founder", {}, 400, "position: Missing data"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(
    ada: Person, code: str, body: dict[str, Any], status: int, message: str
) -> None:
    answer = ada.put(f"/api/v2/badges/{code}/pin", json=body)
    assert answer.status_code == status
    assert answer.json is not None
    assert message in answer.json["message"]


@pytest.mark.parametrize("top", ["0", "-1", "x", "1001"])
def test_how_many_are_the_top_is_a_whole_number(ada: Person, top: str) -> None:
    answer = ada.get(f"/api/v2/users/{ada.id}/profile_badges", top=top)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["message"].startswith("top: ")


def test_the_profile_costs_the_same_however_many_badges_it_shows(fans: World) -> None:
    bob = fans.person("Bob")
    with fans.app.app_context():
        engine = fans.db.engine
    shown(bob)  # the catalog is read now
    counts = []
    for codes in (["founder"], ["reviews_1", "reviews_2", "friends_1", "friends_2"]):
        for code in codes:
            fans.hold(bob, code)
        with statements(engine) as ran:
            shown(bob)
        counts.append(len(ran))
    assert counts[0] == counts[1]
