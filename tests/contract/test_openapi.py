"""/gamify/openapi.json: what it says of our routes is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from tests.contract.calls import CALLS
from tests.contract.hosts import World
from tests.contract.test_badges_transport import PATHS
from zeeguu_gamify.endpoints.blueprint import our_rules

METHODS = {"get", "post", "put", "delete", "patch"}


def document_of(world: World) -> dict[str, Any]:
    answer = world.app.test_client().get("/gamify/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return dict(answer.get_json())


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def operation_of(world: World, path: str, method: str) -> dict[str, Any]:
    """The operation that describes this call."""
    rule, _ = world.app.url_map.bind("").match(path, method, return_rule=True)
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    return dict(document_of(world)["paths"][template][method.lower()])


def check(world: World, operation: dict[str, Any], answer: TestResponse) -> None:
    """Raise ValidationError where the body is not as `operation` describes it."""
    content = operation["responses"][str(answer.status_code)]["content"]
    schema = content[answer.mimetype].get("schema", {})
    components = document_of(world)["components"]
    body = answer.get_json() if answer.is_json else answer.text
    OAS31Validator({**schema, "components": components}).validate(body)


def test_it_is_a_valid_openapi_3_1_document(sqlite_world: World) -> None:
    document = document_of(sqlite_world)
    validate(document)
    assert document["openapi"].startswith("3.1.")


def test_it_lists_every_route_of_ours_and_none_of_the_host(sqlite_world: World) -> None:
    sqlite_world.app.add_url_rule("/hello", "gamify_hello", lambda: "theirs")
    listed = {
        (re.sub(r"{(\w+)}", r"<\1>", path), method.upper())
        for path, method in operations(document_of(sqlite_world))
    }
    ours = {
        (re.sub(r"<\w+:", "<", rule.rule), method)
        for rule in our_rules(sqlite_world.app)
        for method in rule.methods or ()
    }
    assert listed == {(path, method) for path, method in ours if method.lower() in METHODS}
    assert {path for path, _ in listed} >= {"/my_badges", "/badges/<username>"}
    assert len(listed) == len(PATHS) + len(CALLS)


def test_a_body_of_json_is_required_and_a_form_is_not(sqlite_world: World) -> None:
    required = {
        path: operation["requestBody"]["required"]
        for (path, _), operation in operations(document_of(sqlite_world)).items()
        if "requestBody" in operation
    }
    assert required["/send_friend_request"] is required["/user_avatar"] is True
    assert required["/update_account"] is False


def test_it_names_each_operation_once_and_says_what_it_is_for(sqlite_world: World) -> None:
    listed = operations(document_of(sqlite_world)).values()
    assert len({operation["operationId"] for operation in listed}) == len(listed)
    assert all(operation["summary"].endswith(".") for operation in listed)


def test_it_follows_the_prefix(build: Callable[..., World]) -> None:
    world = build(url_prefix="/play")
    document = world.app.test_client().get("/play/gamify/openapi.json").get_json()
    validate(document)
    assert all(path.startswith("/play/") for path in document["paths"])


@pytest.mark.parametrize(("path", "method"), PATHS.items())
def test_it_says_which_routes_want_a_session(sqlite_world: World, path: str, method: str) -> None:
    without = sqlite_world.app.test_client().open(path, method=method)
    says_so = "security" in operation_of(sqlite_world, path, method)
    assert says_so == (without.status_code == 401)


@pytest.mark.parametrize(("path", "method"), PATHS.items())
def test_every_answer_is_as_described(sqlite_world: World, path: str, method: str) -> None:
    ada = sqlite_world.person("Ada")
    sqlite_world.hold(ada, "friends_1")
    sqlite_world.hold(ada, "learned_words_1", at=None)
    sqlite_world.change_badge("friends_1", name=None, icon_name=None, color=None)
    answer = ada.call(method, path)
    assert answer.status_code == 200
    check(sqlite_world, operation_of(sqlite_world, path, method), answer)


def test_every_error_is_as_described(build: Callable[..., World], sqlite_world: World) -> None:
    switched_off = build(is_enabled_for=lambda _user_id: False).person("Ada")
    not_ready = build(prepared=False).person("Ada")
    ada = sqlite_world.person("Ada")
    sqlite_world.person("Bob")
    for status, path, answer in (
        (400, "/api/v2/badges", ada.get("/api/v2/badges", junk=1)),
        (401, "/my_badges", sqlite_world.app.test_client().get("/my_badges")),
        (403, "/friend_badges/Bob", ada.get("/friend_badges/Bob")),
        (404, "/my_badges", switched_off.get("/my_badges")),
        (503, "/my_badges", not_ready.get("/my_badges")),
    ):
        assert answer.status_code == status
        check(sqlite_world, operation_of(sqlite_world, path, "GET"), answer)
