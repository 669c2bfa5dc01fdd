"""Lists of friends, one's own and a friend's (docs/contract.md §1.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.contract.hosts import Person, World
from tests.contract.people import sign_up, sql, user_id
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.streaks.practice import practice
from zeeguu_gamify.testing import SessionClient, statements

STRANGER = {"message": "You can only view friends of yourself or your friends."}
MONDAY = datetime(2026, 11, 16, 12, 0)


def friends(person: SessionClient, path: str = "/my_friends") -> list[dict[str, Any]]:
    answer = person.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return list(answer.get_json())


def names(person: SessionClient, path: str = "/my_friends") -> list[str]:
    return [friend["username"] for friend in friends(person, path)]


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


def test_who_has_no_friends_has_an_empty_list(ada: Person) -> None:
    assert friends(ada) == []


@pytest.mark.core
def test_a_friend_has_a_name_an_avatar_and_a_friendship(world: World, ada: Person) -> None:
    bob = world.person("Bob")
    world.befriend(ada, bob)
    bob.put("/user_avatar", json={"image_name": "fox"})
    assert friends(ada) == [
        {
            "name": "Bob",
            "username": "Bob",
            "avatar": {"image_name": "fox", "character_color": None, "background_color": None},
            "friendship": {
                "created_at": "2025-01-01T00:00:00",
                "friend_streak": 0,
                "friend_streak_last_updated": None,
            },
            "languages": None,
        }
    ]


def test_friends_come_in_the_order_in_which_they_became_friends(world: World) -> None:
    people = [world.person(name) for name in ("Zoe", "Bob", "Mia", "Ada")]
    mia = people.pop(2)
    for person in (people[1], people[0], people[2]):
        world.befriend(mia, person)
    assert names(mia) == ["Bob", "Zoe", "Ada"]


def test_friends_of_the_past_and_those_only_asked_are_not_listed(world: World, ada: Person) -> None:
    bob, cleo = world.person("Bob"), world.person("Cleo")
    world.befriend(ada, bob, ended=True)
    ada.post("/send_friend_request", json={"receiver_username": "Cleo"})
    assert names(ada) == names(bob) == names(cleo) == []


@pytest.mark.core
def test_a_friends_friends_have_no_friendship_and_include_who_asks(
    world: World, ada: Person
) -> None:
    bob, cleo = world.person("Bob"), world.person("Cleo")
    world.befriend(bob, cleo)
    world.befriend(ada, bob)
    assert names(ada, "/friends_of/Bob") == ["Cleo", "Ada"]
    assert all(
        friend.keys() == {"name", "username", "avatar", "languages"}
        for friend in friends(ada, "/friends_of/Bob")
    )


def test_ones_own_name_and_any_case_are_allowed(world: World, ada: Person) -> None:
    world.befriend(ada, world.person("Bob"))
    assert names(ada, "/friends_of/ADA") == ["Bob"]
    assert names(ada, "/friends_of/bOB") == ["Ada"]


def test_an_unknown_user_has_no_friends(ada: Person) -> None:
    assert friends(ada, "/friends_of/Nobody") == []


def test_the_friends_of_a_stranger_are_not_shown(world: World, ada: Person) -> None:
    bob, cleo = world.person("Bob"), world.person("Cleo")
    world.befriend(ada, bob)
    world.befriend(bob, cleo)
    answer = ada.get("/friends_of/Cleo")
    assert (answer.status_code, answer.json) == (403, STRANGER)
    world.befriend(ada, world.person("Dan"), ended=True)
    assert ada.get("/friends_of/Dan").status_code == 403


def test_the_older_names_answer_the_same(world: World, ada: Person) -> None:
    bob = world.person("Bob")
    world.befriend(ada, bob)
    assert ada.get("/get_friends").data == ada.get("/my_friends").data
    assert ada.get("/get_friends/Bob").data == ada.get("/friends_of/Bob").data
    assert ada.get("/get_friends/Nobody").json == []


# With languages: on the demo host, which has them.


@pytest.fixture
def demo_at_noon(demo_anywhere: Flask) -> Iterator[Flask]:
    with time_machine.travel(f"{MONDAY.isoformat()}Z", tick=False):
        yield demo_anywhere


def learner(app: Flask, name: str) -> tuple[SessionClient, str]:
    """A new learner, and the username."""
    client = sign_up(app, name)
    return client, client.get("/get_user_details").get_json()["username"]


def befriend(one: tuple[SessionClient, str], other: tuple[SessionClient, str]) -> None:
    one[0].post("/send_friend_request", json={"receiver_username": other[1]})
    other[0].post("/accept_friend_request", json={"sender_username": one[1]})


def study(app: Flask, client: SessionClient, code: str, **columns: Any) -> None:
    """Give the user another row of a language, as the host would write it."""
    values = {"daily_streak": 0, "max_streak": 0, "last_practiced": None, **columns}
    if values["last_practiced"] is not None:
        values["last_practiced"] = str(values["last_practiced"])  # as every driver takes it
    sql(
        app,
        "INSERT INTO user_language (user_id, language_id, daily_streak, max_streak,"
        " last_practiced) SELECT :user_id, id, :daily_streak, :max_streak, :last_practiced"
        " FROM language WHERE code = :code",
        user_id=user_id(app, client),
        code=code,
        **values,
    )


@pytest.mark.core
def test_languages_come_longest_streak_first_and_once_each(demo_at_noon: Flask) -> None:
    ada, ben = learner(demo_at_noon, "ada"), learner(demo_at_noon, "ben")
    befriend(ada, ben)
    study(demo_at_noon, ben[0], "fr", max_streak=4, daily_streak=3, last_practiced=MONDAY)
    study(demo_at_noon, ben[0], "da", max_streak=9)
    study(demo_at_noon, ben[0], "fr", max_streak=2)
    [friend] = friends(ada[0])
    assert friend["languages"] == [
        {"code": "da", "language": "Danish", "daily_streak": 0, "max_streak": 9},
        {"code": "fr", "language": "French", "daily_streak": 3, "max_streak": 4},
        {"code": "de", "language": "German", "daily_streak": 0, "max_streak": 0},
    ]
    [friend_of] = friends(ada[0], f"/friends_of/{ben[1]}")
    assert friend_of["languages"] == [{"code": "de", "language": "German"}]


def test_a_language_streak_that_has_broken_is_shown_as_zero(demo_at_noon: Flask) -> None:
    ada, ben = learner(demo_at_noon, "ada"), learner(demo_at_noon, "ben")
    befriend(ada, ben)
    for code, days_ago in (("fr", 1), ("da", 2)):
        last = MONDAY - timedelta(days=days_ago)
        study(demo_at_noon, ben[0], code, max_streak=5, daily_streak=5, last_practiced=last)
    [friend] = friends(ada[0])
    streaks = {language["code"]: language["daily_streak"] for language in friend["languages"]}
    assert streaks == {"fr": 5, "da": 0, "de": 0}


def friend_streaks(me: SessionClient, friend: str) -> list[int]:
    """What the three pages that show it say of the streak with a friend."""
    [listed] = friends(me)
    [found] = me.get("/search_users", query=friend).get_json()
    profile = me.get(f"/get_friend_details/{friend}").get_json()
    return [page["friendship"]["friend_streak"] for page in (listed, found, profile)]


def test_a_friend_streak_begins_with_a_day_that_both_had_practised_and_is_zero_once_it_lapsed(
    demo_anywhere: Flask,
) -> None:
    with time_machine.travel(f"{MONDAY.isoformat()}Z", tick=False):
        ada, ben = learner(demo_anywhere, "ada"), learner(demo_anywhere, "ben")
        for client, _ in (ada, ben):
            with demo_anywhere.app_context():
                practice(db.session(), user_id(demo_anywhere, client))
                db.session.commit()
        befriend(ada, ben)
    for days, streak in ((0, 1), (1, 1), (2, 0)):
        at = MONDAY + timedelta(days=days)
        with time_machine.travel(f"{at.isoformat()}Z", tick=False):
            assert friend_streaks(ada[0], ben[1]) == [streak] * 3
            assert friend_streaks(ben[0], ada[1]) == [streak] * 3


@pytest.mark.parametrize("people", [0, 1, 50])
def test_the_list_takes_at_most_three_statements(demo_anywhere: Flask, people: int) -> None:
    ada = sign_up(demo_anywhere, "ada")
    mine = user_id(demo_anywhere, ada)
    german = "SELECT id FROM language WHERE code = 'de'"
    for number in range(people):
        new = {"email": f"{number}@example.com", "username": f"friend{number}"}
        insert = "INSERT INTO user (email, username) VALUES (:email, :username)"
        sql(demo_anywhere, insert, **new)
        his = {"his": f"friend{number}"}
        found = "SELECT id FROM user WHERE username = :his"
        study_german = (
            f"INSERT INTO user_language (user_id, language_id) SELECT ({found}), ({german})"
        )
        sql(demo_anywhere, study_german, **his)
        friendship = f"INSERT INTO friendship (user_a_id, user_b_id) SELECT :mine, ({found})"
        sql(demo_anywhere, friendship, mine=mine, **his)
    ada.get("/my_friends")
    with demo_anywhere.app_context(), statements(db.engine) as ran:
        listed = friends(ada)
    assert len(ran) <= 3, ran
    assert len(listed) == people
    assert all([language["code"] for language in one["languages"]] == ["de"] for one in listed)
