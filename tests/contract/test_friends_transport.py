"""How the calls of all rooms but badges travel (docs/contract.md §0)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.contract.calls import CALLS, HAT, MESSAGE, UNGATED, Call, every_call, settle
from tests.contract.hosts import NOW, Person, World
from tests.contract.test_openapi import check, operation_of, operations
from zeeguu_gamify import Group, HostMap
from zeeguu_gamify.models import InboxMessage, Reward
from zeeguu_gamify.testing import SessionClient

pytestmark = pytest.mark.usefixtures("_streams_end_at_once")

ANY_ORIGIN = "Access-Control-Allow-Origin"

#: What works where nobody has a username.
WITHOUT_NAMES = {
    "/get_number_of_received_friend_requests",
    "/avatar_options",
    "/user_avatar",
    "/practice_calendar",
    "/daily_goals",
    "/api/v2/users/1/profile_badges",
    "/api/v2/badges/friends_1/pin",
    "/leaderboards",
    "/seasons",
    "/board_visibility",
    "/gamify/profile",
    "/gamify/rewards",
    "/gamify/rewards/hat/redeem",
    "/gamify/ledger",
    *(call.path for call in CALLS if call.path.startswith("/gamify/inbox")),
    "/gamify/stream",
}


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    return build(languages=True)


@pytest.fixture
def ada(world: World) -> Person:
    ada = settle(world)
    language = world.add(world.tables["language"], {"code": "de", "name": "German"})
    user = world.tables["user"].c
    bob_id = world.scalar(select(user.id).where(user.username == "Bob"))
    for user_id in (ada.id, bob_id):
        row = {"user_id": user_id, "language_id": language}
        world.add(
            world.tables["user_language"],
            row | {"daily_streak": 3, "max_streak": 4, "last_practiced": NOW},
        )
    return ada


def make(person: SessionClient, call: Call) -> Any:
    return person.call(call.method, call.path, json=call.json, query_string=call.query)


@every_call
def test_two_slashes_are_as_good_as_one(world: World, ada: Person, call: Call) -> None:
    environ = EnvironBuilder(
        method=call.method, query_string={"session": ada.uuid, **call.query}, json=call.json
    ).get_environ()
    path = {"PATH_INFO": f"/{call.path}"}
    body, status, _ = run_wsgi_app(world.app, environ | path)
    assert status == "200 OK", b"".join(body)


@every_call
def test_it_answers_any_origin_and_what_the_document_says(
    world: World, ada: Person, call: Call
) -> None:
    answer = make(ada, call)
    assert answer.status_code == 200, answer.text
    assert answer.headers.getlist(ANY_ORIGIN) == ["*"]
    check(world, operation_of(world, call.path, call.method), answer)


@every_call
def test_a_preflight_is_answered_without_a_session(world: World, call: Call) -> None:
    answer = world.app.test_client().options(call.path)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers.getlist(ANY_ORIGIN) == ["*"]
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert call.method in answer.headers["Access-Control-Allow-Methods"].split(", ")


@every_call
def test_it_wants_a_session(world: World, ada: Person, call: Call) -> None:
    for uuid in ("", "unknown"):
        answer = make(SessionClient(world.app, uuid), call)
        assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "security" in operation_of(world, call.path, call.method)


@every_call
def test_it_is_off_for_whom_gamification_is_off_and_streaks_never(
    build: Callable[..., World], call: Call
) -> None:
    world = build(languages=True, is_enabled_for=lambda _user_id: False)
    ada = world.person("Ada")
    answer = make(ada, call)
    if call.path in UNGATED:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 404
        assert answer.get_json()["message"] == "Gamification is not switched on for this user."


@every_call
def test_it_says_so_while_the_tables_are_not_there(build: Callable[..., World], call: Call) -> None:
    answer = make(build(languages=True, prepared=False).person("Ada"), call)
    assert answer.status_code == 503
    assert answer.get_json().keys() == {"message"}


def test_what_needs_usernames_is_off_on_a_host_without(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(groups=frozenset({Group.SESSION})))
    ada = world.person("Ada")
    world.hold(ada, "friends_1")
    world.add(Reward.__table__, HAT)
    world.add(InboxMessage.__table__, {**MESSAGE, "user_id": ada.id})
    lacking = "This needs names (switched off by HostMap.groups), which this service lacks."
    needs = {"message": lacking}
    for call in CALLS:
        answer = make(ada, call)
        if call.path in WITHOUT_NAMES:
            assert answer.status_code == 200, call
        elif "streak" not in call.path and call.path != "/search_users":
            assert (answer.status_code, answer.json) == (404, needs), call
    assert ada.get("/search_users", query="x").json == needs


def test_all_our_routes_but_those_of_badges_are_tried_here(world: World) -> None:
    client = world.app.test_client()
    document = client.get("/gamify/openapi.json").get_json()
    listed = {
        (method.upper(), path)
        for (path, method), operation in operations(document).items()
        if not {"badges", "openapi"} & {*operation["tags"]}
    }
    tried = {(call.method, _template(world, call.path, call.method)) for call in CALLS}
    assert listed == tried


def _template(world: World, path: str, method: str) -> str:
    rule, _ = world.app.url_map.bind("").match(path, method, return_rule=True)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule.rule))


def test_times_have_no_zone_and_null_is_null(world: World, ada: Person) -> None:
    [request] = json.loads(ada.get("/get_received_friend_requests").data)
    assert request["created_at"] is not None
    assert not request["created_at"].endswith("Z")
    [friend] = json.loads(ada.get("/my_friends").data)
    assert friend["friendship"]["friend_streak_last_updated"] is None
