"""GET /my_badges: all families, all levels, the user's own progress (docs/contract.md §1.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.endpoints.schemas.badges import BadgeSchema
from zeeguu_gamify.models import UserBadge
from zeeguu_gamify.testing import statements

FAMILIES = [
    "Translated words",
    "Correct exercises",
    "Audio lessons",
    "Streak",
    "Learned words",
    "Read articles",
    "Friends",
]
BADGE_KEYS = [
    "level",
    "name",
    "unachieved_description",
    "achieved_description",
    "description",
    "threshold",
    "icon_name",
    "achieved",
    "achieved_at",
    "is_shown",
]


def shelf_of(person: Person) -> list[dict[str, Any]]:
    answer = person.get("/my_badges")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json is not None
    return list(answer.json)


def names_of(shelf: list[dict[str, Any]]) -> list[str]:
    return [category["name"] for category in shelf]


def badge(person: Person, name: str, level: int) -> dict[str, Any]:
    [category] = [category for category in shelf_of(person) if category["name"] == name]
    return dict(category["badges"][level - 1])


def test_a_new_user_sees_all_families_in_the_order_of_the_catalog(world: World) -> None:
    assert names_of(shelf_of(world.person("Ada"))) == FAMILIES


def test_every_family_shows_all_its_levels_from_the_lowest_to_the_highest(world: World) -> None:
    for category in shelf_of(world.person("Ada")):
        assert [badge["level"] for badge in category["badges"]] == [1, 2, 3, 4, 5]


def test_a_category_has_a_name_badges_and_a_current_value_and_nothing_else(world: World) -> None:
    for category in shelf_of(world.person("Ada")):
        assert category.keys() == {"name", "badges", "current_value"}


def test_a_badge_has_the_keys_of_the_contract_and_nothing_else(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "read_articles_1")
    for category in shelf_of(ada):
        for one in category["badges"]:
            assert sorted(one) == sorted(BADGE_KEYS)


def test_numbers_are_numbers_and_truths_are_truths(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "read_articles_1")
    for category in shelf_of(ada):
        assert type(category["current_value"]) is int
        for one in category["badges"]:
            assert (type(one["level"]), type(one["threshold"])) == (int, int)
            assert (type(one["achieved"]), type(one["is_shown"])) == (bool, bool)


def test_a_badge_not_achieved_has_no_date_and_is_not_shown(world: World) -> None:
    one = badge(world.person("Ada"), "Read articles", 1)
    assert (one["achieved"], one["achieved_at"], one["is_shown"]) == (False, None, False)


def test_a_date_is_iso_without_zone_or_fraction(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "read_articles_2", datetime(2026, 3, 29, 1, 30))
    one = badge(ada, "Read articles", 2)
    assert (one["achieved"], one["achieved_at"]) == (True, "2026-03-29T01:30:00")


def test_a_fraction_of_a_second_is_kept_where_there_is_one() -> None:
    at = datetime(2026, 3, 29, 1, 30, 0, 250)
    assert BadgeSchema(only=["achieved_at"]).dump({"achieved_at": at}) == {
        "achieved_at": "2026-03-29T01:30:00.000250"
    }


def test_an_old_grant_without_a_date_is_achieved_with_date_null(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", at=None)
    world.hold(ada, "learned_words_1", at=datetime(2020, 1, 1))
    one = badge(ada, "Friends", 1)
    assert (one["achieved"], one["achieved_at"]) == (True, None)
    assert names_of(shelf_of(ada))[:2] == ["Learned words", "Translated words"]


def test_a_badge_without_name_and_icon_shows_null(world: World) -> None:
    world.change_badge("friends_1", name=None, icon_name=None)
    one = badge(world.person("Ada"), "Friends", 1)
    assert (one["name"], one["icon_name"]) == (None, None)


def test_description_says_the_same_as_achieved_description_for_old_apps(world: World) -> None:
    one = badge(world.person("Ada"), "Read articles", 1)
    assert one["description"] == one["achieved_description"] != one["unachieved_description"]


def test_a_badge_is_shown_once_the_user_has_seen_it(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", is_shown=True)
    world.hold(ada, "friends_2", is_shown=False)
    world.hold(ada, "friends_3", is_shown=None)
    assert [badge(ada, "Friends", level)["is_shown"] for level in (1, 2, 3)] == [True, False, False]


def test_the_current_value_is_the_users_progress_and_0_without_any(world: World) -> None:
    ada = world.person("Ada")
    world.progress(ada, "READ_ARTICLES", 7)
    values = {category["name"]: category["current_value"] for category in shelf_of(ada)}
    assert values == dict.fromkeys(FAMILIES, 0) | {"Read articles": 7}


def test_families_stand_by_their_newest_achievement_then_by_the_catalog(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "learned_words_1", datetime(2026, 5, 2))
    world.hold(ada, "streak_days_1", datetime(2026, 5, 1))
    world.hold(ada, "streak_days_2", datetime(2026, 5, 3))
    world.hold(ada, "friends_1", datetime(2026, 5, 2))
    world.hold(ada, "correct_exercises_1", datetime(2026, 5, 2))
    assert names_of(shelf_of(ada)) == [
        "Streak",
        "Correct exercises",
        "Learned words",
        "Friends",
        "Translated words",
        "Audio lessons",
        "Read articles",
    ]


def test_an_achievement_does_not_move_a_badge_inside_its_family(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_3", datetime(2026, 5, 3))
    world.hold(ada, "friends_1", datetime(2026, 5, 1))
    assert [one["level"] for one in shelf_of(ada)[0]["badges"]] == [1, 2, 3, 4, 5]


def test_hidden_and_deprecated_badges_show_only_to_those_who_hold_them(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.change_badge("friends_2", hidden=True)
    world.change_badge("friends_4", deprecated_at=NOW)
    for code in ("friends_2", "friends_4"):
        world.hold(ada, code)
    levels = {
        person.username: [
            one["level"]
            for category in shelf_of(person)
            if category["name"] == "Friends"
            for one in category["badges"]
        ]
        for person in (ada, bob)
    }
    assert levels == {"Ada": [1, 2, 3, 4, 5], "Bob": [1, 3, 5]}


def test_a_family_of_which_nothing_is_to_be_seen_is_left_out_rather_than_empty(
    world: World,
) -> None:
    for level in range(1, 6):
        world.change_badge(f"friends_{level}", hidden=True)
    shelf = shelf_of(world.person("Ada"))
    assert "Friends" not in names_of(shelf)
    assert all(category["badges"] for category in shelf)


def test_a_revoked_badge_is_not_achieved(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", revoked_at=NOW)
    one = badge(ada, "Friends", 1)
    assert (one["achieved"], one["achieved_at"]) == (False, None)
    assert names_of(shelf_of(ada)) == FAMILIES


def test_what_others_hold_is_not_mine(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.hold(bob, "friends_1")
    world.progress(bob, "FRIENDS", 2)
    assert not any(one["achieved"] for family in shelf_of(ada) for one in family["badges"])
    assert not any(family["current_value"] for family in shelf_of(ada))


def test_badges_is_the_older_name_of_my_badges(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    assert ada.get("/badges").data == ada.get("/my_badges").data


def test_keys_that_nobody_asked_for_are_ignored(world: World) -> None:
    assert world.person("Ada").get("/my_badges", junk="1", level="x").status_code == 200


def test_three_statements_answer_the_page_its_session_included(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    shelf_of(ada)  # reads the catalog, once in a few seconds
    with world.app.app_context(), statements(world.db.engine) as ran:
        shelf_of(ada)
    assert len(ran) == 3


def test_looking_marks_nothing_as_seen(world: World) -> None:
    ada = world.person("Ada")
    world.hold(ada, "friends_1", is_shown=False)
    shelf_of(ada)
    assert world.scalar(select(UserBadge.is_shown)) is False
