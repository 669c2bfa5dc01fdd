"""Finding people (docs/contract.md §1.8, §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, insert

from tests.contract.hosts import Person, World
from tests.contract.people import sign_up, sql
from zeeguu_gamify import Group, HostMap
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.testing import SessionClient, statements


@pytest.fixture
def me(world: World) -> Person:
    return world.person("searcher", name="Searcher Me")


def add(world: World, *usernames: str, **columns: Any) -> None:
    """People who never log in."""
    rows = [{"username": name, "email": f"{name}@example.org", **columns} for name in usernames]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(world.tables["user"]), rows)


def search(person: SessionClient, **query: Any) -> list[dict[str, Any]]:
    answer = person.get("/search_users", **query)
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return list(answer.get_json())


def names(person: SessionClient, term: str) -> list[str]:
    return [found["username"] for found in search(person, query=term)]


@pytest.mark.core
def test_the_exact_name_is_first_then_prefixes_then_the_rest_and_short_before_long(
    world: World, me: Person
) -> None:
    add(world, "xbob", "bobbette", "bob", "bobby", "abob", "bobba", "a_long_bob", "alice")
    assert names(me, "bob") == [
        "bob", "bobba", "bobby", "bobbette", "abob", "xbob", "a_long_bob",
    ]  # fmt: skip


def test_case_does_not_matter_and_names_are_shown_as_stored(world: World, me: Person) -> None:
    add(world, "Bob", "BOBBY", "aBoB")
    assert names(me, "bOb") == ["Bob", "BOBBY", "aBoB"]


def test_a_whole_name_is_found_but_no_part_of_one(world: World, me: Person) -> None:
    add(world, "x1", name="Ada Lindqvist")
    assert names(me, "ada LINDQVIST") == ["x1"]
    assert names(me, "Lindqvist") == []


def test_a_name_found_by_both_is_there_once(world: World, me: Person) -> None:
    add(world, "ada", name="ada")
    assert names(me, "ada") == ["ada"]


def test_a_term_is_taken_literally(world: World, me: Person) -> None:
    add(world, "bob")
    for term in ("%", "_", "\\", "/", "b/ob", "b_b", "b%b", "'", '"', "🦉", "\x00"):
        assert names(me, term) == [], term


@pytest.mark.core
def test_an_underscore_finds_an_underscore(world: World, me: Person) -> None:
    add(world, "brave_tiger1", "bravertiger2", "my.name", "my-name")
    assert names(me, "brave_") == ["brave_tiger1"]
    assert names(me, "_tiger") == ["brave_tiger1"]
    assert names(me, "y.n") == ["my.name"]


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "  "}])
def test_nothing_asked_is_nothing_found(world: World, me: Person, query: dict[str, str]) -> None:
    add(world, "bob")
    assert search(me, **query) == []


def test_blanks_around_the_term_do_not_matter(world: World, me: Person) -> None:
    add(world, "bob")
    assert names(me, " bob ") == ["bob"]


def test_twenty_at_most_and_the_exact_one_among_them(world: World, me: Person) -> None:
    add(world, *(f"bob{number:02}" for number in range(30)), "bob", *(f"xbob{n}" for n in range(9)))
    assert names(me, "bob") == ["bob", *(f"bob{number:02}" for number in range(19))]


@pytest.mark.core
def test_the_rest_is_filled_up_to_twenty(world: World, me: Person) -> None:
    add(world, *(f"bob{n}" for n in range(5)), *(f"a_bob{n:02}" for n in range(30)))
    found = names(me, "bob")
    assert found == [*(f"bob{n}" for n in range(5)), *(f"a_bob{n:02}" for n in range(15))]


def test_oneself_and_anonymous_accounts_are_not_found(world: World, me: Person) -> None:
    add(world, "bobby", email="1234@anon.zeeguu")
    add(world, "bobba", email=None)
    assert names(me, "bob") == ["bobba"]
    assert names(me, "search") == []


def test_an_email_finds_nobody(world: World, me: Person) -> None:
    add(world, "bob")
    assert names(me, "bob@example.org") == []
    assert names(me, "example") == []


def test_users_without_a_username_are_not_found(world: World, me: Person) -> None:
    rows = [{"username": None, "name": "bob", "email": "x@example.org"}]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(world.tables["user"]), rows)
    assert names(me, "bob") == []


@pytest.mark.core
def test_what_is_between_oneself_and_each_is_told(world: World, me: Person) -> None:
    friend, asked, asks, stranger, former = (
        world.person(f"bob{n}", name=f"Bob {n}") for n in range(5)
    )
    world.befriend(friend, me)
    world.befriend(former, me, ended=True)
    me.post("/send_friend_request", json={"receiver_username": asked.username})
    asks.post("/send_friend_request", json={"receiver_username": me.username})
    stranger.put("/user_avatar", json={"image_name": "owl"})
    found = search(me, query="bob")
    mine = {"name": "Searcher Me", "username": "searcher"}
    assert [person["friendship"] for person in found] == [
        {
            "created_at": "2025-01-01T00:00:00",
            "friend_streak": 0,
            "friend_streak_last_updated": None,
        },
        None,
        None,
        None,
        None,
    ]
    at = "2026-11-20T12:00:00"
    assert [person["friend_request"] for person in found] == [
        None,
        {"sender": mine, "receiver": {"name": "Bob 1", "username": "bob1"}, "created_at": at},
        {"sender": {"name": "Bob 2", "username": "bob2"}, "receiver": mine, "created_at": at},
        None,
        None,
    ]
    assert [person["avatar"] for person in found] == [
        None,
        None,
        None,
        {"image_name": "owl", "character_color": None, "background_color": None},
        None,
    ]
    assert all(
        person.keys() == {"name", "username", "avatar", "friendship", "friend_request"}
        for person in found
    )


@pytest.mark.parametrize(("people", "most"), [(1, 4), (19, 4), (20, 3), (40, 3)])
def test_the_statements_do_not_grow_with_the_people_found(
    world: World, me: Person, people: int, most: int
) -> None:
    add(world, *(f"bob{number}" for number in range(people)))
    search(me, query="bob")
    with world.app.app_context(), statements(world.db.engine) as ran:
        assert len(names(me, "bob")) == min(people, 20)
    assert len(ran) == most


@pytest.mark.core
def test_names_are_found_by_the_index(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")
    for name in ("bob", "x"):
        rows = ", ".join(f"('{name}{n}', '{name}{n}@example.com')" for n in range(300))
        sql(demo_anywhere, f"INSERT INTO user (username, email) VALUES {rows}")
    with demo_anywhere.app_context(), asked(db.engine) as queries:
        assert names(learner, "bob2")[0] == "bob2"
    by_prefix = next(query for query in queries if "LIKE" in query[0])
    with demo_anywhere.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {by_prefix[0]}", by_prefix[1])
            assert "username>? AND username<?" in str(plan.all())
        else:
            connection.exec_driver_sql("ANALYZE TABLE user").all()
            explain = f"EXPLAIN FORMAT=TRADITIONAL {by_prefix[0]}"
            plan = connection.exec_driver_sql(explain, by_prefix[1])
            users = next(row for row in plan.mappings() if row["table"] == "user")
            assert (users["type"], users["key"]) == ("range", "username")


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that run in the block, with their values."""
    ran: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        ran.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield ran
    event.remove(engine, "before_cursor_execute", note)


def test_a_host_without_full_names_finds_by_username(build: Callable[..., World]) -> None:
    groups = frozenset(Group) - {Group.FULL_NAMES, Group.LANGUAGE, Group.COHORT, Group.ACTIVITY}
    world = build(host_map=HostMap(groups=groups - {Group.ROLES}))
    me = world.person("searcher")
    world.person("bob", name="Ada")
    [found] = search(me, query="bob")
    assert found["name"] is None
    assert names(me, "ada") == []
