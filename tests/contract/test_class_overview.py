"""The class page of a teacher: who practises, what this week brought; as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.activity_rows import TABLES, act
from tests.contract.hosts import NOW, Person, World
from tests.contract.test_leaderboards_activity import CLASS, enrol, roll_up, with_class
from zeeguu_gamify import practice
from zeeguu_gamify.testing import statements

PATH = f"/class_overview/{CLASS}"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = dict.fromkeys(TABLES, 0)
NO_AVATAR = {"image_name": None, "character_color": None, "background_color": None}


@pytest.fixture
def world(build: Callable[..., World], database_url: str) -> World:
    return with_class(build(database_url, languages=True))


@pytest.fixture
def vera(world: World) -> Person:
    """Who teaches the class, in Berlin."""
    world.add(world.tables["language"], {"id": 1, "code": "de", "name": "German"})
    vera = world.person("Vera", timezone="Europe/Berlin")
    enrol(world, teacher=vera)
    return vera


def practise(world: World, who: Person, *instants: datetime) -> None:
    for at in instants:
        with time_machine.travel(at.isoformat() + "Z", tick=False), world.app.app_context():
            practice(world.db.session, who.id, 1)
            world.db.session.commit()


def overview(who: Person) -> dict[str, Any]:
    answer = who.get(PATH)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.mark.core
def test_each_student_with_streaks_badges_and_the_week(world: World, vera: Person) -> None:
    ada, bob = world.person("Ada"), world.person("Bob", timezone="Asia/Tokyo")
    enrol(world, ada, bob)
    practise(world, bob, NOW - 9 * DAY, NOW - 8 * DAY, NOW - 7 * DAY, NOW - DAY + 6 * HOUR)
    for code in ("friends_1", "streak_days_1"):
        world.hold(bob, code)
    world.hold(bob, "friends_2", revoked_at=NOW)
    monday = datetime(2026, 11, 15, 23)  # in Berlin
    for number, metric in enumerate(TABLES):
        act(world, bob, metric, monday, 100 + number)
        act(world, bob, metric, monday - timedelta(seconds=1), 1)
        act(world, bob, metric, NOW + HOUR, 1)
    assert overview(vera) == {
        "cohort": {"id": CLASS, "name": "German for all"},
        "week_starts": "2026-11-16",
        "students": [
            {
                "user": {"name": "Ada", "username": "Ada", "avatar": NO_AVATAR},
                "current_streak": 0,
                "longest_streak": 0,
                "badges": 0,
                "last_practice": None,
                "this_week": NOTHING,
            },
            {
                "user": {"name": "Bob", "username": "Bob", "avatar": NO_AVATAR},
                "current_streak": 1,
                "longest_streak": 3,
                "badges": 2,
                "last_practice": "2026-11-20",  # in Tokyo
                "this_week": {
                    "exercise_time": 100, "exercises_done": 1, "read_articles": 1,
                    "reading_time": 103, "listening_time": 104,
                },
            },
        ],
    }  # fmt: skip


def test_a_streak_that_has_ended_is_zero(world: World, vera: Person) -> None:
    ada = world.person("Ada")
    enrol(world, ada)
    practise(world, ada, NOW - 3 * DAY, NOW - 2 * DAY)
    (student,) = overview(vera)["students"]
    assert (student["current_streak"], student["longest_streak"]) == (0, 2)
    assert student["last_practice"] == (NOW - 2 * DAY).date().isoformat()


@pytest.mark.parametrize("path", [PATH, f"{PATH}.csv"])
def test_only_its_teachers_may_see_a_class(world: World, vera: Person, path: str) -> None:
    student, stranger, other = (world.person(name) for name in ("Ada", "Eve", "Otto"))
    enrol(world, student)
    world.add(world.tables["cohort"], {"id": CLASS + 1, "name": "Another"})
    row = {"user_id": other.id, "cohort_id": CLASS + 1}
    world.add(world.tables["teacher_cohort_map"], row)
    assert vera.get(path).status_code == 200
    for who in (student, stranger, other):
        answer = who.get(path)
        assert answer.status_code == 403
        assert answer.get_json() == {
            "message": "You can only view the overview of classes you teach."
        }
    assert vera.get(path.replace(str(CLASS), "99")).status_code == 403


@pytest.mark.core
@pytest.mark.parametrize("students", [1, 15])
def test_it_is_four_statements_whatever_the_class(
    world: World, vera: Person, students: int
) -> None:
    enrol(world, *(world.person(f"P{number:02}") for number in range(students)))
    roll_up(world, NOW)
    overview(vera)
    for path in (PATH, f"{PATH}.csv"):
        with world.app.app_context(), statements(world.db.engine) as ran:
            assert vera.get(path).status_code == 200
        assert len(ran) == 4, ran


def table_of(who: Person) -> list[list[str]]:
    answer = who.get(f"{PATH}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=class_{CLASS}.csv"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.data.startswith(b"\xef\xbb\xbf")  # without it Excel takes it for Latin 1
    return list(csv.reader(answer.data.decode("utf-8-sig").splitlines()))


def test_as_a_table_times_are_minutes(world: World, vera: Person) -> None:
    ada = world.person("Ada", name="Ada, the 1st Ångström")
    enrol(world, ada)
    practise(world, ada, NOW)
    act(world, ada, "reading_time", NOW, 90_000)
    act(world, ada, "read_articles", NOW)
    assert table_of(vera) == [
        [
            "Name", "Username", "Current streak", "Longest streak", "Badges", "Last practice",
            "Exercise time this week (minutes)", "Exercises done this week",
            "Read articles this week", "Reading time this week (minutes)",
            "Listening time this week (minutes)",
        ],
        [
            "Ada, the 1st Ångström", "Ada", "1", "1", "0", "2026-11-20",
            "0.0", "0", "1", "1.5", "0.0",
        ],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("|calc", "'|calc"),
        ("Anne-Marie", "Anne-Marie"),
        (None, ""),
        ("", ""),
    ],
)
def test_no_name_becomes_a_formula(
    build: Callable[..., World], name: str | None, cell: str
) -> None:
    world = with_class(build(languages=True))
    vera, ada = world.person("Vera"), world.person("-ada", name=name)
    enrol(world, ada, teacher=vera)
    (row,) = table_of(vera)[1:]
    assert row[:2] == [cell, "'-ada"]


def test_a_class_without_students(world: World, vera: Person) -> None:
    assert overview(vera)["students"] == []
    assert len(table_of(vera)) == 1
