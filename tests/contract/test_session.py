"""Who a request is from: session, expiry, verification (docs/contract.md §0)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import pytest
from flask import abort, g, request
from sqlalchemy import func, select, update

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.endpoints.wrappers import (
    allows_unverified,
    cross_domain,
    requires_session,
)

UNVERIFIED = {"message": "Please verify your email address first"}
SINCE = datetime(2026, 2, 17)


def used_last(world: World, person: Person, at: datetime | None) -> None:
    session = world.tables["session"]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(
            update(session).where(session.c.user_id == person.id).values(last_use=at)
        )


def sessions_of(world: World, person: Person) -> int:
    session = world.tables["session"]
    mine = session.c.user_id == person.id
    return int(world.scalar(select(func.count()).select_from(session).where(mine)))


def test_the_session_comes_in_the_query(world: World) -> None:
    ada = world.person("Ada")
    assert world.app.test_client().get(f"/my_badges?session={ada.uuid}").status_code == 200


def test_or_in_the_cookie(world: World) -> None:
    client = world.app.test_client()
    client.set_cookie("chocolatechip", world.person("Ada").uuid)
    assert client.get("/my_badges").status_code == 200
    assert client.get("/my_badges?session=").status_code == 200


def test_the_query_goes_before_the_cookie(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    world.hold(ada, "friends_1")
    client = world.app.test_client()
    client.set_cookie("chocolatechip", bob.uuid)
    assert client.get(f"/badges/count_unseen?session={ada.uuid}").json == 1
    assert client.get("/badges/count_unseen?session=nobody").status_code == 401


def test_the_cookie_may_have_another_name(build: Callable[..., World]) -> None:
    world = build(config={"GAMIFY_SESSION_COOKIE": "raisin"})
    client = world.app.test_client()
    client.set_cookie("raisin", world.person("Ada").uuid)
    assert client.get("/my_badges").status_code == 200


@pytest.mark.parametrize("query", ["", "?session=", "?session=unknown", "?session=%00%ff", "?s=1"])
def test_without_a_known_session_there_is_flasks_401_page(world: World, query: str) -> None:
    world.person("Ada")
    answer = world.app.test_client().get(f"/my_badges{query}")
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "Unauthorized" in answer.text


def test_the_401_page_is_the_hosts_where_it_has_one(sqlite_world: World) -> None:
    @sqlite_world.app.errorhandler(401)
    def page(_error: Exception) -> tuple[str, int]:
        return "Please log in at our door.", 401

    answer = sqlite_world.app.test_client().get("/my_badges")
    assert (answer.status_code, answer.text) == (401, "Please log in at our door.")


@pytest.mark.parametrize(
    "unused", [timedelta(0), timedelta(days=30), timedelta(days=31) - timedelta(seconds=1)]
)
def test_a_session_lives_while_it_was_used_within_30_full_days(
    world: World, unused: timedelta
) -> None:
    ada = world.person("Ada")
    used_last(world, ada, NOW - unused)
    assert ada.get("/my_badges").status_code == 200
    assert sessions_of(world, ada) == 1


def test_after_31_full_days_it_is_expired_and_its_row_is_gone(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    used_last(world, ada, NOW - timedelta(days=31))
    answer = ada.get("/my_badges")
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert (sessions_of(world, ada), sessions_of(world, bob)) == (0, 1)


def test_a_host_may_let_sessions_expire_earlier(build: Callable[..., World]) -> None:
    world = build(config={"GAMIFY_SESSION_DAYS": 7})
    ada = world.person("Ada")
    used_last(world, ada, NOW - timedelta(days=7))
    assert ada.get("/my_badges").status_code == 200
    used_last(world, ada, NOW - timedelta(days=8))
    assert ada.get("/my_badges").status_code == 401


def test_a_session_that_was_never_used_is_not_expired(world: World) -> None:
    ada = world.person("Ada")
    used_last(world, ada, None)
    assert ada.get("/my_badges").status_code == 200


def test_our_calls_do_not_prolong_a_session(world: World) -> None:
    ada = world.person("Ada")
    yesterday = NOW - timedelta(days=1)
    used_last(world, ada, yesterday)
    ada.get("/my_badges")
    assert world.scalar(select(world.tables["session"].c.last_use)) == yesterday


def test_a_new_user_must_first_verify_the_email(world: World) -> None:
    ada = world.person("Ada", email_verified=False, created_at=SINCE)
    answer = ada.get("/my_badges")
    assert (answer.status_code, answer.mimetype) == (403, "application/json")
    assert answer.json == UNVERIFIED


def test_that_nobody_has_said_whether_it_is_verified_is_not_enough(world: World) -> None:
    ada = world.person("Ada", email_verified=None, created_at=NOW)
    assert ada.get("/my_badges").json == UNVERIFIED


@pytest.mark.parametrize(
    "columns",
    [
        {"email_verified": True, "created_at": NOW},
        {"email_verified": False, "created_at": SINCE - timedelta(seconds=1)},
        {"email_verified": False, "created_at": None},
        {"email_verified": False, "created_at": NOW, "email": "f00@anon.zeeguu"},
    ],
    ids=["verified", "from before the rule", "of unknown age", "anonymous"],
)
def test_others_need_not(world: World, columns: dict[str, Any]) -> None:
    assert world.person("Ada", **columns).get("/my_badges").status_code == 200


def test_an_expired_session_is_401_even_of_a_user_who_is_not_verified(world: World) -> None:
    ada = world.person("Ada", email_verified=False, created_at=NOW)
    used_last(world, ada, NOW - timedelta(days=31))
    assert ada.get("/my_badges").status_code == 401


def test_a_view_may_be_open_to_users_who_are_not_verified(sqlite_world: World) -> None:
    @sqlite_world.app.get("/validate")
    @cross_domain
    @requires_session
    @allows_unverified
    def validate() -> str:
        return f"user {g.user_id}"

    ada = sqlite_world.person("Ada", email_verified=False, created_at=NOW)
    assert ada.get("/validate").text == f"user {ada.id}"


def test_the_hosts_own_decorator_decides_who_it_is(build: Callable[..., World]) -> None:
    world = build(requires_session=by_header)
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    client = world.app.test_client()
    assert client.get("/badges/count_unseen", headers={"X-User": str(ada.id)}).json == 1
    assert ada.get("/badges/count_unseen").status_code == 418


def test_apps_of_one_process_keep_their_own_decorators(build: Callable[..., World]) -> None:
    plain, own = build(), build(requires_session=by_header)
    for _ in range(2):
        assert plain.person(f"Ada{_}").get("/my_badges").status_code == 200
        assert own.person(f"Ada{_}").get("/my_badges").status_code == 418


def by_header(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        if "X-User" not in request.headers:
            abort(418)
        g.user_id = int(request.headers["X-User"])
        return view(*args, **kwargs)

    return run
