"""GET /leaderboards and /leaderboards/<board>: who stands where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine

from tests.contract.hosts import Person, World
from zeeguu_gamify.endpoints.cursors import pack
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.models import BoardScore, Period, UserBlock
from zeeguu_gamify.testing import statements

MONDAY = date(2026, 11, 16)
WEEK = Key("exp", Period.WEEK, MONDAY)
ALL = Key("exp", Period.ALL, date(1970, 1, 1))
NO_AVATAR = {"image_name": None, "character_color": None, "background_color": None}


@pytest.fixture
def school(build: Callable[..., World], database_url: str) -> World:
    """A host whose users learn languages in classes."""
    world = build(database_url, languages=True)
    world.add(world.tables["language"], {"id": 1, "code": "de", "name": "German"})
    world.add(world.tables["language"], {"id": 2, "code": "nl", "name": "Dutch"})
    return world


@pytest.fixture
def people(school: World) -> list[Person]:
    """Five users; the first is the one who asks."""
    return [school.person(name) for name in ("Ada", "Bob", "Cleo", "Dan", "Eve")]


def give(world: World, person: Person, score: int, key: Key = WEEK, listed: bool = True) -> None:
    """Let the person have that score."""
    row = {
        "board": key.board, "period": key.period, "starts": key.starts,
        "language_id": key.language_id, "user_id": person.id, "score": score, "listed": listed,
    }  # fmt: skip
    world.add(BoardScore.__table__, row)


def block(world: World, blocker: Person, blocked: Person) -> None:
    row = {"blocker_id": blocker.id, "blocked_id": blocked.id, "created_at": datetime(2026, 1, 1)}
    world.add(UserBlock.__table__, row)


def places(body: dict[str, Any]) -> list[tuple[int, str, int]]:
    return [(entry["rank"], entry["user"]["username"], entry["score"]) for entry in body["entries"]]


def ask(person: Person, **query: Any) -> dict[str, Any]:
    answer = person.get("/leaderboards/exp", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def refusal(person: Person, **query: Any) -> str:
    answer = person.get("/leaderboards/exp", **query)
    assert answer.status_code == 400, answer.text
    return str(answer.get_json()["message"])


def test_it_says_which_boards_there_are(school: World, people: list[Person]) -> None:
    (board,) = people[0].get("/leaderboards").get_json()["boards"]
    assert board == {
        "board": "exp",
        "name": "EXP",
        "periods": ["day", "week", "month", "all"],
        "scopes": ["everybody", "language", "cohort", "friends"],
    }


@pytest.mark.sqlite_only
def test_a_host_without_classes_has_no_boards_of_classes(world: World) -> None:
    (board,) = world.person("Ada").get("/leaderboards").get_json()["boards"]
    assert board["scopes"] == ["everybody", "friends"]
    answer = world.person("Bob").get("/leaderboards/exp", scope="cohort", cohort=1)
    assert answer.status_code == 404


@pytest.mark.core
def test_the_week_of_everybody_is_what_is_shown_unless_asked_otherwise(
    school: World, people: list[Person]
) -> None:
    ada, bob, cleo, dan, _eve = people
    for person, score in ((ada, 20), (bob, 30), (cleo, 20), (dan, 10)):
        give(school, person, score)
    bob.put("/user_avatar", json={"image_name": "owl"})
    body = ask(ada)
    assert places(body) == [(1, "Bob", 30), (2, "Cleo", 20), (2, "Ada", 20), (4, "Dan", 10)]
    assert [entry["is_me"] for entry in body["entries"]] == [False, False, True, False]
    assert body["entries"][0]["user"]["name"] == "Bob"
    assert body["entries"][0]["user"]["avatar"]["image_name"] == "owl"
    assert body["entries"][1]["user"]["avatar"] == NO_AVATAR
    assert {name: body[name] for name in body if name != "entries"} == {
        "board": "exp", "name": "EXP", "scope": "everybody", "next_cursor": None,
        "period": {"kind": "week", "starts": "2026-11-16", "ends": "2026-11-22"},
        "me": {"rank": 2, "score": 20}, "limit": 25, "limit_capped": False,
    }  # fmt: skip


def test_pages_follow_each_other_until_there_is_none(school: World, people: list[Person]) -> None:
    ada, *_ = people
    for person, score in zip(people, (20, 30, 20, 10, 20), strict=True):
        give(school, person, score)
    for scope in ({}, {"scope": "friends"}):
        for other in people[1:] if scope else ():
            school.befriend(ada, other)
        seen, query = [], {"limit": 2, **scope}
        while True:
            body = ask(ada, **query)
            assert len(body["entries"]) <= 2
            assert body["me"] == {"rank": 2, "score": 20}
            seen += places(body)
            if body["next_cursor"] is None:
                break
            query["cursor"] = body["next_cursor"]
        assert seen == [
            (1, "Bob", 30), (2, "Eve", 20), (2, "Cleo", 20), (2, "Ada", 20), (5, "Dan", 10),
        ]  # fmt: skip


def test_around_me_are_the_neighbours(school: World, people: list[Person]) -> None:
    ada, *others = people
    give(school, ada, 25)
    for person, score in zip(others, (50, 40, 20, 10), strict=True):
        give(school, person, score)
        school.befriend(ada, person)
    for scope in ("everybody", "friends"):
        body = ask(ada, around="me", limit=3, scope=scope)
        assert places(body) == [(2, "Cleo", 40), (3, "Ada", 25), (4, "Dan", 20)]
        assert body["me"] == {"rank": 3, "score": 25}
        assert body["next_cursor"] is None
        assert len(ask(ada, around="me", limit=1, scope=scope)["entries"]) == 1


def test_who_has_no_points_stands_nowhere(school: World, people: list[Person]) -> None:
    ada, bob, *_ = people
    give(school, bob, 10)
    give(school, ada, 0)
    for scope in ("everybody", "friends"):
        body = ask(ada, around="me", scope=scope)
        assert (body["entries"], body["me"]) == ([], None)
    assert ask(ada)["me"] is None


@pytest.mark.sqlite_only
def test_a_day_is_the_date_where_the_user_is(school: World) -> None:
    ada = school.person("Ada", timezone="Pacific/Kiritimati")
    bob = school.person("Bob", timezone="Pacific/Honolulu")
    with time_machine.travel("2026-11-20T10:30:00Z", tick=False):
        assert ask(ada, period="day")["period"]["starts"] == "2026-11-21"
        assert ask(bob, period="day")["period"]["starts"] == "2026-11-20"
        assert ask(bob, period="all")["period"] == {"kind": "all", "starts": None, "ends": None}


def test_every_period_and_any_date_can_be_asked_for(school: World, people: list[Person]) -> None:
    ada, *_ = people
    keys = {
        ("day", "2026-11-04"): Key("exp", Period.DAY, date(2026, 11, 4)),
        ("week", "2026-11-08"): Key("exp", Period.WEEK, date(2026, 11, 2)),
        ("month", "2026-12-31"): Key("exp", Period.MONTH, date(2026, 12, 1)),
        ("all", "2026-12-31"): ALL,
    }
    for score, key in enumerate(keys.values(), start=1):
        give(school, ada, score, key)
    for score, (period, day) in enumerate(keys, start=1):
        assert ask(ada, period=period, date=day)["me"] == {"rank": 1, "score": score}
    ends = ask(ada, period="month", date="2026-12-31")["period"]["ends"]
    assert ends == "2026-12-31"


def test_a_language_has_a_board_of_its_own(school: World, people: list[Person]) -> None:
    ada, bob, *_ = people
    give(school, ada, 10, Key("exp", Period.WEEK, MONDAY, 1))
    give(school, bob, 20, Key("exp", Period.WEEK, MONDAY, 2))
    assert places(ask(ada, scope="language", language="de")) == [(1, "Ada", 10)]
    assert places(ask(ada, scope="language", language="nl")) == [(1, "Bob", 20)]


def test_a_class_is_ranked_within_itself_for_those_who_learn_or_teach_in_it(
    school: World, people: list[Person]
) -> None:
    ada, bob, cleo, dan, eve = people
    for number in (1, 2):
        school.add(school.tables["cohort"], {"id": number, "name": "8b", "language_id": 1})
    for person in (ada, cleo, eve):
        row = {"user_id": person.id, "cohort_id": 1}
        school.add(school.tables["user_cohort_map"], row)
    school.add(school.tables["teacher_cohort_map"], {"user_id": dan.id, "cohort_id": 1})
    for person, score in zip(people, (10, 99, 20, 98, 0), strict=True):
        give(school, person, score)
    for person, me in ((ada, {"rank": 2, "score": 10}), (dan, None)):
        body = ask(person, scope="cohort", cohort=1)
        assert places(body) == [(1, "Cleo", 20), (2, "Ada", 10)]
        assert body["me"] == me
    assert bob.get("/leaderboards/exp", scope="cohort", cohort=1).status_code == 403
    assert ada.get("/leaderboards/exp", scope="cohort", cohort=2).status_code == 403
    assert ada.get("/leaderboards/exp", scope="cohort", cohort=999).status_code == 403


def test_friends_are_ranked_among_themselves(school: World, people: list[Person]) -> None:
    ada, bob, _cleo, dan, eve = people
    school.befriend(ada, bob)
    school.befriend(dan, ada)
    school.befriend(ada, eve, ended=True)
    for person, score in zip(people, (10, 20, 99, 5, 98), strict=True):
        give(school, person, score)
    assert places(ask(ada, scope="friends")) == [(1, "Bob", 20), (2, "Ada", 10), (3, "Dan", 5)]


def test_the_blocked_are_left_out_either_way_and_ranks_stay(
    school: World, people: list[Person]
) -> None:
    ada, bob, _cleo, dan, eve = people
    for person, score in zip(people, (10, 50, 40, 30, 20), strict=True):
        give(school, person, score)
    block(school, ada, bob)
    block(school, dan, ada)
    assert places(ask(ada)) == [(2, "Cleo", 40), (4, "Eve", 20), (5, "Ada", 10)]
    assert places(ask(eve))[0] == (1, "Bob", 50)


def test_who_is_not_listed_is_seen_by_nobody(school: World, people: list[Person]) -> None:
    ada, bob, *_ = people
    give(school, ada, 10)
    give(school, bob, 20, listed=False)
    assert places(ask(ada)) == [(1, "Ada", 10)]
    assert ask(bob)["me"] is None


@pytest.mark.sqlite_only
def test_more_than_the_most_is_capped_and_said_so(school: World, people: list[Person]) -> None:
    for limit in (101, 10**30):
        body = ask(people[0], limit=limit)
        assert (body["limit"], body["limit_capped"]) == (100, True)
    body = ask(people[0], limit=100)
    assert (body["limit"], body["limit_capped"]) == (100, False)


@pytest.mark.sqlite_only
def test_what_is_wrong_is_named(school: World, people: list[Person]) -> None:
    ada = people[0]
    for field, values in {
        "scope": ["", "all", "Everybody"],
        "period": ["", "year", "WEEK"],
        "limit": ["0", "-1", "x", "1.5", ""],
        "date": ["", "2026-13-01", "yesterday", "1969-12-31", "9999-12-31"],
        "around": ["", "you"],
        "junk": ["1"],
        "language": ["de"],
        "cohort": ["1"],
    }.items():
        for value in values:
            assert refusal(ada, **{field: value}).startswith(f"{field}: "), (field, value)
    for query, field in (
        ({"scope": "language"}, "language"),
        ({"scope": "language", "language": "xx"}, "language"),
        ({"scope": "cohort"}, "cohort"),
        ({"scope": "cohort", "cohort": "0"}, "cohort"),
        ({"scope": "cohort", "cohort": str(2**31)}, "cohort"),
        ({"around": "me", "cursor": "x"}, "cursor"),
    ):
        assert refusal(ada, **query).startswith(f"{field}: "), query
    answer = ada.get("/leaderboards/exq")
    assert (answer.status_code, "'exp'" in answer.get_json()["message"]) == (400, True)


@pytest.mark.sqlite_only
def test_a_cursor_is_taken_only_by_the_list_that_gave_it(
    school: World, people: list[Person]
) -> None:
    ada, bob, *_ = people
    give(school, ada, 10)
    give(school, bob, 20)
    cursor = ask(ada, limit=1)["next_cursor"]
    assert places(ask(ada, limit=1, cursor=cursor)) == [(2, "Ada", 10)]
    mine = "exp:WEEK:2026-11-16:0:everybody:"
    assert places(ask(ada, cursor=pack(mine, (15, 1)))) == [(2, "Ada", 10)]
    for bad in (
        "", "x", "ä", "=", "W10", cursor[:-3], cursor + cursor, "A" * 5000, "W" * 100_000,
        pack("other", (20, 2)), pack(mine, (-1, 2)), pack(mine, (2**63, 2)),
        pack(mine, (20, 2**31)),
        pack(mine, (True, True)), pack(mine, ("20", 2)),  # type: ignore[arg-type]
    ):  # fmt: skip
        assert refusal(ada, cursor=bad).startswith("cursor: "), bad[:50]
    assert refusal(ada, cursor=cursor, period="month").startswith("cursor: ")
    assert refusal(ada, cursor=cursor, scope="friends").startswith("cursor: ")


def test_a_board_costs_six_statements_at_most_however_many_are_on_it(
    school: World, people: list[Person]
) -> None:
    ada, bob, *_ = people
    school.add(school.tables["cohort"], {"id": 1, "name": "8b", "language_id": 1})
    school.add(school.tables["user_cohort_map"], {"user_id": ada.id, "cohort_id": 1})
    queries: list[dict[str, Any]] = [
        {}, {"around": "me"}, {"limit": 1}, {"scope": "friends"}, {"scope": "cohort", "cohort": 1},
        {"cursor": pack("exp:WEEK:2026-11-16:0:everybody:", (99, 1))},
    ]  # fmt: skip
    give(school, ada, 10)
    give(school, bob, 20)
    ask(ada)
    with school.app.app_context():
        engine = school.db.engine

    def costs() -> list[int]:
        counts = []
        for query in queries:
            with statements(engine) as ran:
                ask(ada, **query)
            counts.append(len(ran))
        return counts

    before = costs()
    for number, score in enumerate((30, 25, 20, 5, 4)):
        give(school, school.person(f"More{number}"), score)
    assert costs() == before
    assert max(before) <= 6
