"""Boards of activity among friends and in a class (docs/contract.md §1.10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, insert, text
from werkzeug.test import TestResponse

from tests.activity_rows import TABLES, act, outcome
from tests.contract.hosts import LONG_AGO, NOW, Person, World
from tests.sql_rules import check_executed
from zeeguu_gamify import Group, HostMap
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.testing import statements

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
#: The week of all of these tests.
MONDAY = datetime(2026, 11, 16)
SUNDAY = MONDAY + WEEK - timedelta(seconds=1)
CLASS = 7
NO_AVATAR = {"image_name": None, "character_color": None, "background_color": None}

BOARDS = ("/friends_leaderboard", f"/cohort_leaderboard/{CLASS}")
both_boards = pytest.mark.parametrize("path", BOARDS)
PATHS = ("/cohort_leaderboard/{}", "/class_overview/{}", "/class_overview/{}.csv")


@pytest.fixture
def world(build: Callable[..., World], database_url: str) -> World:
    return with_class(build(database_url, languages=True))


@pytest.fixture
def sqlite_world(build: Callable[..., World]) -> World:
    return with_class(build(languages=True))


def with_class(world: World) -> World:
    world.add(world.tables["cohort"], {"id": CLASS, "name": "German for all", "language_id": 1})
    with world.app.app_context():
        event.listen(world.db.engine, "before_cursor_execute", check_executed)
    return world


def enrol(world: World, *students: Person, teacher: Person | None = None) -> None:
    for student in students:
        row = {"user_id": student.id, "cohort_id": CLASS}
        with world.app.app_context(), world.db.engine.begin() as connection:
            connection.execute(insert(world.tables["user_cohort_map"]), row)
    if teacher:
        row = {"user_id": teacher.id, "cohort_id": CLASS}
        world.add(world.tables["teacher_cohort_map"], row)


def were_friends(
    world: World, one: Person, other: Person, since: datetime, until: datetime | None = None
) -> None:
    low, high = sorted((one.id, other.id))
    row = {"user_a_id": low, "user_b_id": high, "created_at": since, "deleted_at": until}
    world.add(Friendship.__table__, row)


def ask(who: Person, path: str = "/friends_leaderboard", **query: Any) -> TestResponse:
    """The week's reading, unless the query says otherwise; None leaves a key out."""
    week = {"from_date": MONDAY.isoformat(), "to_date": SUNDAY.isoformat()}
    asked = {"metric": "reading_time", **week, **query}
    return who.get(path, **{key: value for key, value in asked.items() if value is not None})


def board(who: Person, path: str = "/friends_leaderboard", **query: Any) -> list[tuple[str, int]]:
    answer = ask(who, path, **query)
    assert answer.status_code == 200, answer.text
    return [(row["user"]["username"], row["value"]) for row in answer.get_json()]


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["message"]


@pytest.mark.core
def test_a_metric_sums_what_each_did_and_nothing_else(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob)
    for number, metric in enumerate(TABLES):
        act(world, bob, metric, MONDAY + HOUR, 5_000 + number)
        act(world, bob, metric, MONDAY + 30 * HOUR, 700)
        act(world, ada, metric, MONDAY + HOUR, 60)
    for number, metric in enumerate(TABLES):
        times = [("Bob", 5_700 + number), ("Ada", 60)]
        counts = [("Bob", 2), ("Ada", 1)]
        assert board(ada, metric=metric) == (times if metric.endswith("_time") else counts)


def test_a_row_has_the_names_and_an_avatar_that_is_never_null(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob", name=None)
    world.befriend(ada, bob)
    bob.put("/user_avatar", json={"image_name": "owl"})
    act(world, bob, "reading_time", MONDAY, 5)
    assert ask(ada).get_json() == [
        {
            "user": {"name": None, "username": "Bob", "avatar": {**NO_AVATAR, "image_name": "owl"}},
            "value": 5,
        },
        {"user": {"name": "Ada", "username": "Ada", "avatar": NO_AVATAR}, "value": 0},
    ]


def test_most_first_then_by_id_and_idle_members_are_listed(world: World) -> None:
    people = [world.person(name) for name in ("Zoe", "Ada", "Bob", "Cleo")]
    enrol(world, *people)
    for who in (people[1], people[3]):
        act(world, who, "reading_time", MONDAY, 9)
    found = board(people[0], f"/cohort_leaderboard/{CLASS}")
    assert found == [("Ada", 9), ("Cleo", 9), ("Zoe", 0), ("Bob", 0)]


@pytest.mark.core
def test_exercises_count_by_their_outcome_whatever_their_source(world: World) -> None:
    ada = world.person("Ada")
    for name in ("C", "HC", "TC", "TTC", "TTTC", "W", "CW", "Show solution", "asked_to_see"):
        act(world, ada, "exercises_done", MONDAY, outcome_id=outcome(world, name))
    assert board(ada, metric="exercises_done") == [("Ada", 5)]


def test_articles_count_once_they_are_finished(world: World) -> None:
    ada = world.person("Ada")
    world.add(world.tables["user_article"], {"user_id": ada.id, "completed_at": None})
    assert board(ada, metric="read_articles") == [("Ada", 0)]
    act(world, ada, "read_articles", MONDAY)
    assert board(ada, metric="read_articles") == [("Ada", 1)]


@pytest.mark.core
def test_both_ends_are_included_and_nothing_beyond(world: World) -> None:
    ada, second = world.person("Ada"), timedelta(seconds=1)
    for metric in TABLES:
        for at in (MONDAY - second, MONDAY, SUNDAY, SUNDAY + second):
            act(world, ada, metric, at, 1)
        assert board(ada, metric=metric) == [("Ada", 2)]


def test_a_session_counts_whole_for_when_it_began(world: World) -> None:
    ada = world.person("Ada")
    act(world, ada, "reading_time", MONDAY - HOUR, 2 * 3_600_000)
    act(world, ada, "reading_time", SUNDAY, 5 * 3_600_000, last_action_time=SUNDAY + 5 * HOUR)
    assert board(ada) == [("Ada", 5 * 3_600_000)]


def test_a_duration_that_is_missing_is_nothing(world: World) -> None:
    ada = world.person("Ada")
    act(world, ada, "reading_time", MONDAY, duration=None)
    assert board(ada) == [("Ada", 0)]


@pytest.mark.parametrize(
    ("from_date", "to_date"),
    [
        ("2026-11-16T09:00:00", "2026-11-16T10:00:00"),
        ("2026-11-16T09:00:00Z", "2026-11-16T10:00:00Z"),
        ("2026-11-16T10:00:00+01:00", "2026-11-16T11:00:00+01:00"),
        ("2026-11-15T22:00:00-11:00", "2026-11-15T23:00:00-11:00"),
        ("2026-11-16T14:45:00+05:45", "2026-11-16T10:00:00"),
        ("2026-11-16T09:00:00.000Z", "2026-11-16T10:00:00.999Z"),
    ],
)
def test_offsets_are_converted_and_without_one_it_is_utc(
    sqlite_world: World, from_date: str, to_date: str
) -> None:
    ada = sqlite_world.person("Ada")
    for minutes in (-1, 0, 60, 61):
        act(sqlite_world, ada, "reading_time", MONDAY + 9 * HOUR + minutes * HOUR / 60)
    assert board(ada, from_date=from_date, to_date=to_date) == [("Ada", 2)]


def test_without_dates_it_is_all_until_now(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    for at in (datetime(1999, 1, 1), NOW, NOW + HOUR):
        act(sqlite_world, ada, "reading_time", at)
    assert board(ada, from_date=None, to_date=None) == [("Ada", 2)]
    assert board(ada, from_date=None) == [("Ada", 3)]
    assert board(ada, to_date=None) == [("Ada", 1)]
    assert board(ada, from_date="9999-12-31T23:59:59", to_date=None) == [("Ada", 0)]
    assert board(ada, from_date="0001-01-01", to_date="9999-12-31T23:59:59") == [("Ada", 3)]


LIMIT = "limit must be an integer"
POSITIVE = "limit must be greater than 0"
FROM = "from_date must be a valid ISO datetime"
TO = "to_date must be a valid ISO datetime"
ORDER = "from_date must be before or equal to to_date"
METRIC = "Invalid leaderboard metric"


@both_boards
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": "many", "from_date": "x", "to_date": "x", "metric": "x"}, LIMIT),
        ({"limit": "1.5"}, LIMIT),
        ({"limit": ""}, LIMIT),
        ({"limit": "9" * 5_000}, LIMIT),
        ({"limit": "0", "from_date": "x", "to_date": "x", "metric": "x"}, POSITIVE),
        ({"limit": "-3"}, POSITIVE),
        ({"from_date": "x", "to_date": "x", "metric": "x"}, FROM),
        ({"from_date": ""}, FROM),
        ({"from_date": "2026-02-30T00:00:00"}, FROM),
        ({"from_date": "0001-01-01T00:00:00+14:00"}, FROM),
        ({"to_date": "x", "metric": "x"}, TO),
        ({"to_date": "9999-12-31T23:00:00-05:00"}, TO),
        ({"from_date": "2026-11-23T00:00:00", "metric": "x"}, ORDER),
        (
            {"from_date": "2026-11-16T10:00:00+01:00", "to_date": "2026-11-16T08:59:59Z"},
            ORDER,
        ),
        ({"metric": "x"}, METRIC),
        ({"metric": None}, METRIC),
        ({"metric": "READING_TIME"}, METRIC),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_contracts_words_and_order(
    sqlite_world: World, path: str, query: dict[str, str], message: str
) -> None:
    stranger = sqlite_world.person("Eve")  # of whose class it is not, which is said only later
    assert refusal(ask(stranger, path, **query)) == (400, message)


def test_the_same_instant_is_a_span_too_and_unknown_keys_are_ignored(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    act(sqlite_world, ada, "reading_time", MONDAY)
    at = MONDAY.isoformat()
    assert board(ada, from_date=at, to_date=at, junk="x") == [("Ada", 1)]


def test_a_limit_cuts_off_and_there_is_none_by_default(sqlite_world: World) -> None:
    people = [sqlite_world.person(f"P{number:02}") for number in range(30)]
    enrol(sqlite_world, *people)
    path = f"/cohort_leaderboard/{CLASS}"
    assert len(board(people[0], path)) == 30
    act(sqlite_world, people[9], "reading_time", MONDAY)
    assert board(people[0], path, limit="2") == [("P09", 1), ("P00", 0)]
    assert len(board(people[0], path, limit="9" * 30)) == 30


@pytest.mark.core
def test_friends_are_those_of_the_end_of_the_span(world: World) -> None:
    ada, bob, cleo, dan, eve = (world.person(name) for name in ("Ada", "Bob", "Cleo", "Dan", "Eve"))
    act(world, bob, "reading_time", MONDAY, 5)
    were_friends(world, ada, bob, SUNDAY)  # made at the last moment: the whole week counts
    were_friends(world, cleo, ada, LONG_AGO, until=SUNDAY)  # ended then: was a friend still
    were_friends(world, ada, dan, LONG_AGO, until=SUNDAY - HOUR)
    were_friends(world, ada, eve, SUNDAY + HOUR)
    assert board(ada) == [("Bob", 5), ("Ada", 0), ("Cleo", 0)]
    last_week = {"from_date": (MONDAY - WEEK).isoformat(), "to_date": (SUNDAY - WEEK).isoformat()}
    assert board(ada, **last_week) == [("Ada", 0), ("Cleo", 0), ("Dan", 0)]
    assert board(bob) == [("Bob", 5), ("Ada", 0)]


def test_without_an_end_friends_are_those_of_now(world: World) -> None:
    ada, bob, cleo = (world.person(name) for name in ("Ada", "Bob", "Cleo"))
    were_friends(world, ada, bob, NOW)
    were_friends(world, ada, cleo, NOW - DAY, until=NOW - HOUR)
    assert board(ada, to_date=None) == [("Ada", 0), ("Bob", 0)]


def test_who_became_a_friend_again_is_listed_once(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    were_friends(world, ada, bob, LONG_AGO, until=MONDAY + DAY)
    were_friends(world, ada, bob, MONDAY + DAY)
    act(world, bob, "reading_time", MONDAY, 5)
    assert board(ada) == [("Bob", 5), ("Ada", 0)]
    assert board(ada, to_date=(MONDAY + DAY).isoformat()) == [("Bob", 5), ("Ada", 0)]


def test_who_blocked_the_viewer_is_on_a_board_of_the_class_only(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.befriend(ada, bob)
    enrol(world, ada, bob)
    assert bob.post("/block_user", json={"username": "Ada"}).get_json() == {"success": True}
    when_they_were_friends = {"to_date": (NOW - HOUR).isoformat()}
    assert board(ada, **when_they_were_friends) == [("Ada", 0)]
    assert board(bob, **when_they_were_friends) == [("Ada", 0), ("Bob", 0)]
    assert board(ada, f"/cohort_leaderboard/{CLASS}") == [("Ada", 0), ("Bob", 0)]


@pytest.mark.core
def test_a_class_is_shown_to_its_students_and_teachers_and_ranks_students_only(
    world: World,
) -> None:
    ada, bob, vera, eve = (world.person(name) for name in ("Ada", "Bob", "Vera", "Eve"))
    enrol(world, ada, bob, teacher=vera)
    path = f"/cohort_leaderboard/{CLASS}"
    for who in (ada, bob, vera):
        act(world, who, "reading_time", MONDAY, who.id)
        assert ask(who, path).status_code == 200
    assert board(vera, path) == [("Bob", bob.id), ("Ada", ada.id)]
    yours = "You can only view leaderboards for cohorts you belong to or teach."
    assert refusal(ask(eve, path)) == (403, yours)
    assert refusal(ask(ada, f"/cohort_leaderboard/{CLASS + 1}")) == (403, yours)


def test_a_class_without_students_is_an_empty_board(world: World) -> None:
    vera = world.person("Vera")
    enrol(world, teacher=vera)
    assert board(vera, f"/cohort_leaderboard/{CLASS}") == []


@pytest.mark.parametrize("number", ["x", "-1", "7.0", "٧", "99999999999", "9" * 5000, "2147483648"])
@pytest.mark.parametrize("path", PATHS)
def test_a_class_that_is_no_number_is_not_there(
    sqlite_world: World, path: str, number: str
) -> None:
    ada = sqlite_world.person("Ada")
    assert refusal(ask(ada, path.format(number))) == (404, "There is no such class.")


@both_boards
def test_without_a_session_there_is_no_board(sqlite_world: World, path: str) -> None:
    answer = sqlite_world.app.test_client().get(path, query_string={"metric": "reading_time"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("lacking", "path"),
    [
        (Group.ACTIVITY, "/friends_leaderboard"),
        (Group.ACTIVITY, f"/cohort_leaderboard/{CLASS}"),
        (Group.COHORT, f"/cohort_leaderboard/{CLASS}"),
        (Group.COHORT, f"/class_overview/{CLASS}"),
    ],
)
def test_a_host_without_these_tables_has_no_such_board(
    build: Callable[..., World], lacking: Group, path: str
) -> None:
    groups = {Group.SESSION, Group.NAMES, Group.ACTIVITY, Group.COHORT} - {lacking}
    world = build(languages=True, host_map=HostMap(groups=frozenset(groups)))
    status, message = refusal(ask(world.person("Ada"), path))
    assert (status, lacking.value in message) == (404, True)


@pytest.mark.core
@pytest.mark.parametrize("people", [1, 20])
def test_a_board_is_three_or_four_statements_whoever_is_on_it(world: World, people: int) -> None:
    ada, *others = (world.person(f"P{number:02}") for number in range(people + 1))
    enrol(world, ada, *others)
    for other in others:
        world.befriend(ada, other)
    for rolled in (False, True):
        if rolled:
            roll_up(world, NOW)
        board(ada)
        for metric in TABLES:
            for path, count in zip(BOARDS, (3, 4), strict=True):
                with world.app.app_context(), statements(world.db.engine) as ran:
                    assert len(board(ada, path, metric=metric)) == people + 1
                assert len(ran) == count, ran


def roll_up(world: World, at: datetime) -> None:
    with world.app.app_context(), time_machine.travel(at.isoformat() + "Z", tick=False):
        job = schedule.job_called("activity_rollup")
        assert runner.run(world.mount, job, at, at.isoformat())


def test_any_span_at_all_is_answered(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    act(sqlite_world, ada, "reading_time", MONDAY)
    roll_up(sqlite_world, NOW + WEEK)
    first, last = "0001-01-01", "9999-12-31T23:59:59"
    for span, value in (
        ({"to_date": first}, 0),
        ({"from_date": first, "to_date": last}, 1),
        ({"from_date": last, "to_date": last}, 0),
        ({"from_date": last}, 0),  # in the future, and until now
    ):
        answer = ada.get("/friends_leaderboard", metric="reading_time", **span).get_json()
        assert [row["value"] for row in answer] == [value]


def test_closed_days_are_read_from_their_sums_and_the_rest_from_the_rows(world: World) -> None:
    ada = world.person("Ada")
    for metric in TABLES:
        for day in range(14):
            act(world, ada, metric, MONDAY - 5 * DAY + day * DAY + HOUR, 1)
    span = {
        "from_date": (MONDAY - 5 * DAY + 2 * HOUR).isoformat(),  # one day less
        "to_date": (MONDAY + 4 * DAY).isoformat(),
    }
    assert board(ada, **span) == [("Ada", 8)]
    roll_up(world, NOW)
    assert {value for metric in TABLES for _, value in board(ada, **span, metric=metric)} == {8}
    forge = "UPDATE activity_day SET value = value + 100 WHERE metric = 'reading_time'"
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(text(forge))
    assert board(ada, **span) == [("Ada", 8 + 500)]  # five whole days, until Monday
