"""Our blueprints: errors are answered here and only here; what a view takes and gives is said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec

from flask import Blueprint, Response, json, jsonify, request
from marshmallow import RAISE, Schema, ValidationError, fields
from sqlalchemy.exc import InterfaceError, OperationalError
from webargs.flaskparser import FlaskParser

from zeeguu_gamify.errors import BadInput, GamifyError

log = logging.getLogger("zeeguu_gamify")

P = ParamSpec("P")

#: Where a view keeps what `takes` and `gives` say of it, for the OpenAPI document.
TAKES, GIVES = "_gamify_takes", "_gamify_gives"


class GamifyBlueprint(Blueprint):
    """A blueprint that answers our errors as `{"message": …}` and leaves the host's pages alone."""

    def __init__(self, subject: str) -> None:
        """`subject` names it, e.g. `badges`."""
        super().__init__(f"gamify_{subject}", __name__)
        self.register_error_handler(GamifyError, _answer)
        self.register_error_handler(OperationalError, _answer_outage)
        self.register_error_handler(InterfaceError, _answer_outage)
        self.after_request(_allow_preflight)


def message(text: str, status: int) -> Response:
    """An error as the clients read it (docs/contract.md §0)."""
    response = jsonify(message=text)
    response.status_code = status
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _answer(error: GamifyError) -> Response:
    return message(error.message, error.status)


def _answer_outage(error: Exception) -> Response:
    log.error("The database does not answer: %s", error)
    return message("The database does not answer; please try again soon.", 503)


def _allow_preflight(response: Response) -> Response:
    """Browsers ask before a JSON POST; Flask's own answer to OPTIONS has no CORS headers."""
    if request.method == "OPTIONS":
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        response.headers.setdefault("Access-Control-Allow-Headers", "content-type")
        response.headers.setdefault("Access-Control-Allow-Methods", "GET, POST, PUT, OPTIONS")
    return response


class OwnQuery(Schema):
    """The query of a route of our own: what is not named here is refused.

    The contract's routes ignore unknown keys instead, because the clients post junk.
    """

    class Meta:
        """Refuse unknown keys."""

        unknown = RAISE

    session = fields.String(metadata={"description": "The session's uuid"})


class _Parser(FlaskParser):
    """Reads a request by a schema; a wrong one is answered with the field and the reason."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(("query", "json", "form"), None)

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise BadInput, e.g. `family: Not a valid string.`"""
        raise BadInput("; ".join(_lines(error.messages))) from error


def _lines(messages: Any, path: str = "") -> list[str]:
    """`{"query": {"limit": ["Not a number."]}}` as `["limit: Not a number."]`."""
    if isinstance(messages, dict):
        return [
            line
            for key, value in messages.items()
            for line in _lines(value, path if key in ("query", "json", "form") else str(key))
        ]
    return [f"{path}: {' '.join(map(str, messages))}"]


_parser = _Parser()


def takes(
    schema: Schema, location: str
) -> Callable[[Callable[Concatenate[dict[str, Any], P], Any]], Callable[P, Any]]:
    """Load the `location` (query, json or form) of the request; the view's first argument.

    Raises BadInput, which answers 400 and names the field.
    """

    def decorate(view: Callable[Concatenate[dict[str, Any], P], Any]) -> Callable[P, Any]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            return view(_parser.parse(schema, request, location=location), *args, **kwargs)

        setattr(run, TAKES, (location, schema))
        return run

    return decorate


def gives(schema: Schema) -> Callable[[Callable[P, Any]], Callable[P, Response]]:
    """Dump what the view returns with `schema`, as JSON with status 200."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Response]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Response:
            body = json.dumps(schema.dump(view(*args, **kwargs)))
            return Response(body, mimetype="application/json")

        setattr(run, GIVES, schema)
        return run

    return decorate
