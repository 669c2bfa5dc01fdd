"""The OpenAPI 3.1 document of our routes, made from what the views say of themselves."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from zeeguu_gamify.endpoints.blueprint import (
    GIVES,
    REFUSES,
    SAYS,
    TAKES,
    GamifyBlueprint,
    NoJson,
    gives,
    our_rules,
)
from zeeguu_gamify.endpoints.schemas.errors import MessageSchema
from zeeguu_gamify.endpoints.wrappers import cross_domain, is_limited, session_is_required

blueprint = GamifyBlueprint("openapi")

OPENAPI_VERSION = "3.1.0"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_OF_TAKES = {"400": "Wrong input; the message names the field"}
_OF_SESSION = {
    "401": "No, unknown or expired session; the host's own page",
    "403": "Not allowed for this user",
    "404": "No such thing, or gamification is off for this user",
    "503": "The database is not reachable or not ready",
}
_OF_LIMITED = {"429": "Too often; Retry-After says when not any more"}

_FORM = "application/x-www-form-urlencoded"

#: What OpenAPI 3.1 has no schema for: some read one as that of the stream, some of each event.
_EVENTS = "text/event-stream"

#: Where a view takes its input from → how that may be sent.
_MIMETYPES = {
    "json": ["application/json"],
    "form": [_FORM],
    "json_or_form": ["application/json", _FORM],
}

#: The JSON type of an answer that is a bare value.
_BARE: dict[type, str] = {fields.Integer: "integer", fields.Dict: "object"}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the routes that `app` has from us."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Gamification",
        version=version("zeeguu-gamify"),
        openapi_version=OPENAPI_VERSION,
        plugins=[plugin],
        info={"description": "Badges, streaks, friends and boards, mounted on this API."},
    )
    spec.components.security_scheme("session", _SESSION)
    for rule in our_rules(app):
        view = app.view_functions[rule.endpoint]
        spec.path(path=_path(rule), operations=_operations(rule, view))
    return dict(spec.to_dict())


_SESSION = {
    "type": "apiKey",
    "in": "query",
    "name": "session",
    "description": "The uuid of the session",
}


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/openapi.json", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@gives(fields.Dict())
def openapi_document() -> dict[str, Any]:
    """The description of these routes for programs: OpenAPI 3.1."""
    return document(current_app)


def _schema_name(schema: Schema | type[Schema]) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _path(rule: Rule) -> str:
    return _PARAMETER.sub(r"{\2}", rule.rule)


def _operations(rule: Rule, view: Any) -> dict[str, Any]:
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return {method.lower(): _operation(rule, view, method) for method in sorted(methods)}


def _operation(rule: Rule, view: Any, method: str) -> dict[str, Any]:
    taken = getattr(view, TAKES, None)
    with_session = session_is_required(view)
    errors = (_OF_TAKES if taken else {}) | (_OF_SESSION if with_session else {})
    errors |= _OF_LIMITED if is_limited(view) else {}
    errors |= getattr(view, REFUSES, {})
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}{re.sub(r'[^a-zA-Z0-9]+', '_', rule.rule)}",
        "summary": (inspect.getdoc(view) or "").partition("\n")[0],
        "tags": [rule.endpoint.partition(".")[0].removeprefix("gamify_")],
        "parameters": _path_parameters(rule),
        "responses": {"200": _success(getattr(view, GIVES, None)), **_failures(errors)},
    }
    if taken and taken[0] == "query":
        operation["parameters"].append({"in": "query", "schema": taken[1]})
    elif taken:
        content = {mimetype: {"schema": taken[1]} for mimetype in _MIMETYPES[taken[0]]}
        operation["requestBody"] = {"content": content, "required": taken[0] == "json"}
    if with_session:
        operation["security"] = [{"session": []}]
    return operation | getattr(view, SAYS, {})


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    kinds = {"int": {"type": "integer", "minimum": 0}}
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": kinds.get(kind, {"type": "string"}),
        }
        for kind, name in _PARAMETER.findall(rule.rule)
    ]


def _success(answer: Schema | fields.Field[Any] | NoJson | None) -> dict[str, Any]:
    if isinstance(answer, NoJson):
        text = {} if answer.mimetype == _EVENTS else {"schema": {"type": "string"}}
        return {"description": "Success", "content": {answer.mimetype: text}}
    if answer is None:
        plain = {"text/plain": {"schema": {"type": "string", "const": "OK"}}}
        return {"description": "Success", "content": plain}
    schema = answer if isinstance(answer, Schema) else {"type": _BARE[type(answer)]}
    return {"description": "Success", "content": {"application/json": {"schema": schema}}}


def _failures(errors: dict[str, str]) -> dict[str, Any]:
    page = {"text/html": {"schema": {"type": "string"}}}
    said = {"application/json": {"schema": MessageSchema}}
    return {
        status: {"description": text, "content": page if status == "401" else said}
        for status, text in errors.items()
    }
