"""The OpenAPI 3.1 document of our routes, made from what the views say of themselves."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from marshmallow import Schema
from werkzeug.routing import Rule

from zeeguu_gamify.endpoints.blueprint import GIVES, TAKES, GamifyBlueprint
from zeeguu_gamify.endpoints.schemas.errors import MessageSchema
from zeeguu_gamify.endpoints.wrappers import cross_domain, session_is_required

blueprint = GamifyBlueprint("openapi")

OPENAPI_VERSION = "3.1.0"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_ERRORS = {
    "400": "Wrong input; the message names the field",
    "403": "Not allowed for this user",
    "404": "No such thing, or gamification is off for this user",
    "503": "The database is not reachable or not ready",
}


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
    for rule in _our_rules(app):
        spec.path(path=_path(rule), operations=_operations(rule, app.view_functions[rule.endpoint]))
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
def openapi_document() -> ResponseReturnValue:
    """The description of these routes for programs: OpenAPI 3.1."""
    return document(current_app)


def _our_rules(app: Flask) -> list[Rule]:
    ours = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("gamify_")]
    return sorted(ours, key=lambda rule: rule.rule)


def _schema_name(schema: Schema | type[Schema]) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _path(rule: Rule) -> str:
    return _PARAMETER.sub(r"{\2}", rule.rule)


def _operations(rule: Rule, view: Any) -> dict[str, Any]:
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return {method.lower(): _operation(rule, view, method) for method in sorted(methods)}


def _operation(rule: Rule, view: Any, method: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}{re.sub(r'[^a-zA-Z0-9]+', '_', rule.rule)}",
        "summary": (inspect.getdoc(view) or "").partition("\n")[0],
        "tags": [rule.endpoint.partition(".")[0].removeprefix("gamify_")],
        "parameters": _path_parameters(rule),
        "responses": {"200": _success(view), **_failures()},
    }
    taken = getattr(view, TAKES, None)
    if taken and taken[0] == "query":
        operation["parameters"].append({"in": "query", "schema": taken[1]})
    elif taken:
        mimetype = "application/json" if taken[0] == "json" else "application/x-www-form-urlencoded"
        operation["requestBody"] = {"content": {mimetype: {"schema": taken[1]}}}
    if session_is_required(view):
        operation["security"] = [{"session": []}]
        operation["responses"]["401"] = {"description": "No, unknown or expired session"}
    return operation


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


def _success(view: Any) -> dict[str, Any]:
    schema = getattr(view, GIVES, None)
    content = {"application/json": {"schema": schema or {}}}
    return {"description": "Success", "content": content}


def _failures() -> dict[str, Any]:
    content = {"application/json": {"schema": MessageSchema}}
    return {
        status: {"description": description, "content": content}
        for status, description in _ERRORS.items()
    }
