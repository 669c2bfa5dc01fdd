"""Seasons as clients read them, and the wish not to be on boards."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import emit
from zeeguu_gamify.accounts.upgrade import upgraded
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.models import (
    BoardScore,
    OutboxMessage,
    Period,
    Season,
    SeasonStanding,
    SeasonState,
)

MONDAY = date(2026, 11, 9)
WEEK = timedelta(days=7)


@pytest.fixture
def people(world: World) -> list[Person]:
    """Ada, Bob, Cleo, Dan and Eve."""
    return [world.person(name) for name in ("Ada", "Bob", "Cleo", "Dan", "Eve")]


def season(
    world: World, *stood: tuple[Person, int, int, str | None], ago: int = 0, **columns: Any
) -> int:
    """A week that was settled `ago` weeks before the last, and who stood where."""
    starts = MONDAY - ago * WEEK
    row = {
        "board": "exp", "period": Period.WEEK, "starts": starts,
        "ends": starts + timedelta(days=6), "state": SeasonState.SETTLED, "closes_at": NOW,
        "settled_at": NOW, **columns,
    }  # fmt: skip
    id_ = world.add(Season.__table__, row)
    for person, place, score, prize in stood:
        values = {"user_id": person.id, "place": place, "score": score, "prize": prize}
        world.add(SeasonStanding.__table__, {"season_id": id_, **values})
    return id_


def places(person: Person, id_: int, **query: Any) -> list[tuple[int, str]]:
    """Place and name of each who is shown."""
    answer = person.get(f"/seasons/{id_}", **query)
    assert answer.status_code == 200, answer.text
    return [(one["place"], one["user"]["username"]) for one in answer.get_json()["standings"]]


@pytest.mark.core
def test_a_season_shows_who_stood_where_and_the_users_own_place(
    world: World, people: list[Person]
) -> None:
    ada, bob, cleo = people[:3]
    ada.put("/user_avatar", json={"image_name": "fox"})
    id_ = season(
        world, (ada, 2, 30, "week_silver"), (bob, 1, 50, "week_gold"), (cleo, 2, 30, "week_silver")
    )
    answer = ada.get(f"/seasons/{id_}").get_json()
    mine = {"place": 2, "score": 30, "prize": "week_silver"}
    assert answer["season"] == {
        "id": id_, "board": "exp", "period": "week", "starts": "2026-11-09", "ends": "2026-11-15",
        "state": "settled", "closes_at": NOW.isoformat(), "settled_at": NOW.isoformat(),
        "me": mine,
    }  # fmt: skip
    assert [one["user"]["username"] for one in answer["standings"]] == ["Bob", "Ada", "Cleo"]
    assert answer["standings"][1] == {**mine, "user": answer["standings"][1]["user"], "is_me": True}
    assert answer["standings"][1]["user"]["name"] == "Ada"
    assert answer["standings"][1]["user"]["avatar"]["image_name"] == "fox"
    assert (answer["next_cursor"], answer["limit"], answer["limit_capped"]) == (None, 25, False)


@pytest.mark.core
def test_standings_come_in_pages_that_neither_miss_nor_repeat(
    world: World, people: list[Person]
) -> None:
    stood = [(person, (place + 1) // 2 * 2 or 1, 9, None) for place, person in enumerate(people)]
    id_ = season(world, *stood)
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = people[0].get(f"/seasons/{id_}", limit=2, **cursor).get_json()
        seen += [one["user"]["username"] for one in page["standings"]]
        cursor = {"cursor": page["next_cursor"]}
    assert (seen, cursor) == (["Ada", "Bob", "Cleo", "Dan", "Eve"], {"cursor": None})


def test_history_is_the_newest_first_with_the_users_place_in_each(
    world: World, people: list[Person]
) -> None:
    ada = people[0]
    old = season(world, (ada, 3, 10, "week_bronze"), ago=1)
    new = season(world)
    open_ = season(world, ago=-1, state=SeasonState.OPEN, settled_at=None)
    month = season(world, period=Period.MONTH, starts=date(2026, 10, 1))
    found = ada.get("/seasons").get_json()["seasons"]
    assert [one["id"] for one in found] == [open_, new, old, month]
    assert [one["me"] for one in found] == [
        None, None, {"place": 3, "score": 10, "prize": "week_bronze"}, None,
    ]  # fmt: skip
    assert [one["id"] for one in ada.get("/seasons", period="month").get_json()["seasons"]] == [
        month
    ]
    assert len(ada.get("/seasons", board="exp", period="week").get_json()["seasons"]) == 3


def test_history_comes_in_pages(world: World, people: list[Person]) -> None:
    ids = [season(world, ago=ago) for ago in range(5)]
    seen: list[int] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = people[0].get("/seasons", limit=2, **cursor).get_json()
        seen += [one["id"] for one in page["seasons"]]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
    assert seen == ids


def test_before_it_is_settled_nobody_stands_in_a_season(world: World, people: list[Person]) -> None:
    id_ = season(world, (people[0], 0, 5, None), state=SeasonState.CLOSING, settled_at=None)
    answer = people[0].get(f"/seasons/{id_}").get_json()
    assert (answer["standings"], answer["season"]["me"]) == ([], None)
    assert answer["season"]["state"] == "closing"


@pytest.mark.core
def test_who_is_blocked_either_way_is_left_out_and_places_stay(
    world: World, people: list[Person]
) -> None:
    ada, bob, cleo, dan, _ = people
    id_ = season(world, *((person, place, 9, None) for place, person in enumerate(people, 1)))
    ada.post("/block_user", json={"username": "Bob"})
    dan.post("/block_user", json={"username": "Ada"})
    assert places(ada, id_) == [(1, "Ada"), (3, "Cleo"), (5, "Eve")]
    assert places(bob, id_) == [(2, "Bob"), (3, "Cleo"), (4, "Dan"), (5, "Eve")]
    assert len(places(cleo, id_)) == 5
    assert places(ada, id_, limit=2) == [(1, "Ada"), (3, "Cleo")]


@pytest.mark.core
def test_who_opts_out_later_is_left_out_but_sees_their_own_place(
    world: World, people: list[Person]
) -> None:
    ada, bob = people[:2]
    id_ = season(world, (ada, 1, 9, None), (bob, 2, 8, None))
    assert ada.get("/board_visibility").get_json() == {"listed": True}
    assert ada.put("/board_visibility", json={"listed": False}).get_json() == {"listed": False}
    assert ada.get("/board_visibility").get_json() == {"listed": False}
    assert places(bob, id_) == [(2, "Bob")]
    assert places(ada, id_) == [(1, "Ada"), (2, "Bob")]
    ada.put("/board_visibility", json={"listed": True})
    assert places(bob, id_) == [(1, "Ada"), (2, "Bob")]


def test_opting_out_takes_the_scores_off_boards(world: World, people: list[Person]) -> None:
    score = {"board": "exp", "period": Period.ALL, "starts": date(1970, 1, 1), "language_id": 0}
    for person in people[:2]:
        world.add(BoardScore.__table__, {**score, "user_id": person.id, "score": 5})

    def shown() -> list[str]:
        entries = people[2].get("/leaderboards/exp", period="all").get_json()["entries"]
        return [entry["user"]["username"] for entry in entries]

    assert shown() == ["Bob", "Ada"]
    people[0].put("/board_visibility", json={"listed": False})
    assert shown() == ["Bob"]
    topic = OutboxMessage.__table__.c.topic
    assert world.scalar(topic.table.select().with_only_columns(topic)) == "board.changed"


@pytest.mark.core
def test_an_anonymous_account_is_listed_once_it_has_a_name(world: World) -> None:
    ada = world.person("Ada")
    nobody = world.person("Nobody", email="7@anon.zeeguu")
    user = world.tables["user"]

    def shown() -> list[str]:
        entries = ada.get("/leaderboards/exp", period="all").get_json()["entries"]
        return [entry["user"]["username"] for entry in entries]

    with world.app.app_context():
        session = world.db.session()
        emit(session, "exp.gained", user_id=nobody.id, amount=5)
        session.commit()
        deliver(world.mount)
        assert shown() == []
        named = update(user).where(user.c.id == nobody.id).values(email="nobody@example.org")
        session.execute(named)
        upgraded(session, nobody.id)
        session.commit()
    assert shown() == ["Nobody"]


@pytest.mark.parametrize(
    "wish", [{}, {"listed": None}, {"listed": "perhaps"}, {"listed": 1}, {"listed": [1]}]
)
def test_a_wish_that_is_none_is_refused_by_its_name(
    sqlite_world: World, wish: dict[str, Any]
) -> None:
    answer = sqlite_world.person("Ada").put("/board_visibility", json=wish)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("listed: ")


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/seasons", {"board": "golf"}, "board"),
        ("/seasons", {"period": "day"}, "period"),
        ("/seasons", {"limit": "0"}, "limit"),
        ("/seasons", {"limit": "many"}, "limit"),
        ("/seasons", {"cursor": "x"}, "cursor"),
        ("/seasons", {"sort": "up"}, "sort"),
        ("/seasons/1", {"cursor": ""}, "cursor"),
        ("/seasons/1", {"board": "exp"}, "board"),
        ("/seasons/1", {"limit": "-1"}, "limit"),
    ],
)
def test_what_is_asked_wrongly_is_named(
    sqlite_world: World, path: str, query: dict[str, str], named: str
) -> None:
    season(sqlite_world)
    answer = sqlite_world.person("Ada").get(path, **query)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(f"{named}: ")


def test_a_cursor_goes_with_its_own_list(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    for ago in range(2):
        season(sqlite_world, ago=ago)
    cursor = ada.get("/seasons", limit=1).get_json()["next_cursor"]
    assert cursor
    for path, query in (("/seasons", {"period": "week"}), ("/seasons/1", {})):
        assert ada.get(path, cursor=cursor, **query).status_code == 400


def test_a_limit_above_the_cap_is_capped_and_said_so(sqlite_world: World) -> None:
    id_ = season(sqlite_world)
    for path in ("/seasons", f"/seasons/{id_}"):
        answer = sqlite_world.person(f"Ada{path[8:].strip('/')}").get(path, limit=101).get_json()
        assert (answer["limit"], answer["limit_capped"]) == (100, True)


@pytest.mark.parametrize("id_", ["2", "99999999999999999999", "x"])
def test_there_is_no_such_season(sqlite_world: World, id_: str) -> None:
    season(sqlite_world)
    assert sqlite_world.person("Ada").get(f"/seasons/{id_}").status_code == 404


def run(world: World, *command: str) -> str:
    """What `flask gamify seasons …` prints."""
    result = world.app.test_cli_runner().invoke(args=["gamify", "seasons", *command])
    return str(result.output)


def test_by_command_seasons_are_listed_shown_and_closed(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    assert "2 seasons opened, 0 seasons to close" in run(sqlite_world, "close", "--dry-run")
    assert run(sqlite_world, "list") == ""
    assert "2 seasons opened" in run(sqlite_world, "close")
    assert "or has just done so" in run(sqlite_world, "close")
    id_ = season(sqlite_world, (ada, 1, 50, "week_gold"))
    listed = run(sqlite_world, "list")
    assert f"{id_}  exp:week:2026-11-09  settled" in listed
    assert "1 users, 0 of 1 prizes given" in listed
    assert "exp:month:2026-11-01  open, closes 2026-12-01 12:00:00 UTC" in listed
    assert f"1  user {ada.id}: 50  week_gold, not given" in run(sqlite_world, "show", str(id_))
    assert json.loads(run(sqlite_world, "show", str(id_), "--json"))[0]["place"] == 1
    assert json.loads(run(sqlite_world, "list", "--json"))[1]["state"] == "SETTLED"
    assert "There is no season 99" in run(sqlite_world, "show", "99")


def test_by_command_nothing_closes_while_events_are_paused(sqlite_world: World) -> None:
    with sqlite_world.app.app_context():
        sqlite_world.app.test_cli_runner().invoke(args=["gamify", "pause"])
    sqlite_world.mount.forget()
    assert "Events are paused" in run(sqlite_world, "close")
