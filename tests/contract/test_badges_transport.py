"""How the badge calls travel: slashes, browsers of other origins, errors (docs/contract.md §0)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from flask import Response, make_response
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.contract.hosts import Person, World

PATHS = {
    "/my_badges": "GET",
    "/badges": "GET",
    "/friend_badges/Ada": "GET",
    "/badges/Ada": "GET",
    "/badges/count_unseen": "GET",
    "/badges/count_not_shown": "GET",
    "/badges/friends_1/explain": "GET",
    "/badges/mark_all_seen": "POST",
    "/badges/update_not_shown": "POST",
    "/gamify/badges": "GET",
    "/api/v2/badges": "GET",
    "/api/v2/users/1/badges": "GET",
    "/gamify/openapi.json": "GET",
}
ANY_ORIGIN = "Access-Control-Allow-Origin"

every_call = pytest.mark.parametrize(("path", "method"), PATHS.items())


@pytest.fixture
def ada(sqlite_world: World) -> Person:
    return sqlite_world.person("Ada")


def raw(world: World, person: Person, method: str, path: str) -> tuple[str, Any]:
    """Status and JSON of a call whose path reaches WSGI as it stands."""
    environ = EnvironBuilder(method=method, query_string={"session": person.uuid}).get_environ()
    body, status, _ = run_wsgi_app(world.app, environ | {"PATH_INFO": path})
    return status, json.loads(b"".join(body))


@every_call
def test_two_slashes_are_as_good_as_one(
    sqlite_world: World, ada: Person, path: str, method: str
) -> None:
    single = raw(sqlite_world, ada, method, path)
    assert single[0] == "200 OK"
    assert raw(sqlite_world, ada, method, f"/{path}") == single


@every_call
def test_an_answer_can_be_read_by_any_origin(ada: Person, path: str, method: str) -> None:
    answer = ada.call(method, path)
    assert answer.status_code == 200
    assert answer.headers.getlist(ANY_ORIGIN) == ["*"]


@every_call
def test_a_preflight_is_answered_without_a_session(
    sqlite_world: World, path: str, method: str
) -> None:
    headers = {
        "Origin": "https://www.zeeguu.org",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    answer = sqlite_world.app.test_client().options(path, headers=headers)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers.getlist(ANY_ORIGIN) == ["*"]
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")


def test_errors_can_be_read_by_any_origin_too(
    build: Callable[..., World], sqlite_world: World, ada: Person
) -> None:
    sqlite_world.person("Bob")
    gated = build(is_enabled_for=lambda _user_id: False)
    answers = {
        400: ada.get("/api/v2/badges", junk=1),
        401: sqlite_world.app.test_client().get("/my_badges"),
        403: ada.get("/friend_badges/Bob"),
        404: gated.person("Cleo").get("/my_badges"),
        503: build(prepared=False).person("Dan").get("/my_badges"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers.getlist(ANY_ORIGIN) == ["*"]


def test_an_error_of_ours_is_json_with_a_message_and_nothing_else(
    build: Callable[..., World], sqlite_world: World, ada: Person
) -> None:
    sqlite_world.person("Bob")
    gated = build(is_enabled_for=lambda _user_id: False)
    for answer in (
        ada.get("/api/v2/badges", junk=1),
        ada.get("/friend_badges/Bob"),
        gated.person("Cleo").get("/my_badges"),
        build(prepared=False).person("Dan").get("/my_badges"),
    ):
        assert answer.mimetype == "application/json"
        body = answer.get_json()
        assert body.keys() == {"message"}
        assert type(body["message"]) is str


def test_the_hosts_own_decorator_speaks_for_answers_errors_and_preflights(
    build: Callable[..., World],
) -> None:
    def only_zeeguu(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            response = make_response(view(*args, **kwargs))
            response.headers[ANY_ORIGIN] = "https://www.zeeguu.org"
            return response

        return run

    world = build(cross_domain=only_zeeguu)
    ada = world.person("Ada")
    world.person("Bob")
    for answer, status in (
        (ada.get("/my_badges"), 200),
        (ada.get("/friend_badges/Bob"), 403),
        (ada.call("OPTIONS", "/badges/mark_all_seen"), 200),
        (world.app.test_client().get("/my_badges"), 401),
    ):
        assert answer.status_code == status
        assert answer.headers.getlist(ANY_ORIGIN) == ["https://www.zeeguu.org"]


def test_the_hosts_own_pages_and_errors_stay_as_they_are(sqlite_world: World) -> None:
    @sqlite_world.app.get("/outage")
    def outage() -> str:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    client = sqlite_world.app.test_client()
    for path, status in (("/nowhere", 404), ("/outage", 500)):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert ANY_ORIGIN not in answer.headers


def test_an_error_that_nobody_foresaw_is_the_hosts_to_answer(build: Callable[..., World]) -> None:
    def careless(_user_id: int) -> bool:
        raise LookupError("in the host's own code")

    world = build(is_enabled_for=careless)
    answer = world.person("Ada").get("/my_badges")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
