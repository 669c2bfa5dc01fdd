"""Our blueprints: errors are answered here and only here; what a view takes and gives is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec

from flask import Blueprint, Flask, Request, Response, json, jsonify, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, pre_load
from sqlalchemy import exc
from webargs.flaskparser import FlaskParser
from werkzeug.routing import Rule

from zeeguu_gamify.errors import BadInput, GamifyError

log = logging.getLogger("zeeguu_gamify")

P = ParamSpec("P")

#: What SQLAlchemy raises when the server is gone, or so slow that no connection comes free.
OUTAGES = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)

#: Where a view keeps what `takes` and `gives` say of it, for the OpenAPI document.
TAKES, GIVES = "_gamify_takes", "_gamify_gives"
#: Where a view says in its own words what these two cannot.
SAYS = "_gamify_says"
#: Where a view keeps what `refuses` says of it.
REFUSES = "_gamify_refuses"


class GamifyBlueprint(Blueprint):
    """A blueprint that answers our errors as `{"message": …}` and leaves the host's pages alone."""

    def __init__(self, subject: str) -> None:
        """`subject` names it, e.g. `badges`."""
        super().__init__(f"gamify_{subject}", __name__)
        for kind in (GamifyError, *OUTAGES, exc.ProgrammingError):
            self.register_error_handler(kind, _answer)


def our_rules(app: Flask) -> list[Rule]:
    """The routes that `app` has from us, sorted by path."""
    ours = {name for name, kept in app.blueprints.items() if isinstance(kept, GamifyBlueprint)}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[0] in ours]
    return sorted(rules, key=lambda rule: rule.rule)


def message(text: str, status: int) -> Response:
    """An error as the clients read it (docs/contract.md §0)."""
    response = jsonify(message=text)
    response.status_code = status
    return response


class Unavailable(GamifyError):
    """The database does not answer; please try again soon."""

    status = 503


class Misfit(GamifyError):
    """The database does not fit; `flask gamify doctor` says why."""

    status = 503


def as_ours(error: Exception) -> GamifyError | None:
    """What clients are told of `error`; None for what nobody foresaw. The log says why."""
    if isinstance(error, GamifyError):
        return error
    if isinstance(error, OUTAGES):
        log.error("The database does not answer: %s", _reason(error))
        return Unavailable()
    if isinstance(error, exc.ProgrammingError):  # a table of the host's is not there, most likely
        log.error("The database does not fit: %s", _reason(error))
        return Misfit()
    return None


def _answer(error: Exception) -> Response:
    ours = as_ours(error)
    if ours is None:
        raise error
    response = message(ours.message, ours.status)
    if ours.retry_after is not None:
        response.headers["Retry-After"] = str(ours.retry_after)
    return response


def _reason(error: exc.SQLAlchemyError) -> object:
    """What the driver said, without the statement: its parameters may be somebody's session."""
    return getattr(error, "orig", error)


class OwnQuery(Schema):
    """The query of a route of our own: what is not named here is refused, but for the session.

    The contract's routes ignore unknown keys instead, because the clients post junk.
    """

    class Meta:
        """Refuse unknown keys."""

        unknown = RAISE

    @pre_load
    def _without_session(self, query: Mapping[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return {key: value for key, value in query.items() if key != "session"}


class Switch(fields.Boolean):
    """True or false of JSON: neither a text nor a number that is as good as one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Tolerant(Schema):
    """What a route of the contract takes: the clients post junk too, which is ignored."""

    class Meta:
        """Ignore unknown keys."""

        unknown = EXCLUDE


NOT_JSON = "The body must be an object of JSON, sent as application/json."


class _Parser(FlaskParser):
    """Reads a request by a schema; a wrong one is answered with the field and the reason."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(("query", "json", "form", "json_or_form"), None)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body, if it is what clients send; else raise BadInput."""
        try:
            body = req.get_json(silent=True)
            if not isinstance(body, dict):
                raise BadInput(NOT_JSON)
            json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:  # half of a character, which no database takes
            raise BadInput("The body is not valid Unicode.") from error
        except RecursionError as error:
            raise BadInput("The body is nested too deeply.") from error
        return body

    def load_json_or_form(self, req: Request, schema: Schema) -> Any:
        """Whichever the client says it sends; no body is an empty form."""
        return self.load_json(req, schema) if req.is_json else self.load_form(req, schema)

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise BadInput."""
        by_location = error.messages_dict
        raise _bad_input(next(iter(by_location.values()))) from error


def loaded(schema: Schema, given: Mapping[str, Any]) -> Any:
    """What `schema` makes of `given`, as of a request; raises BadInput, which names the field."""
    try:
        return schema.load(given)
    except ValidationError as error:
        raise _bad_input(error.messages_dict) from error


def _bad_input(messages: Any) -> BadInput:
    """E.g. `family: Not a valid string.`"""
    return BadInput("; ".join(_lines(messages)))


def _lines(messages: Any, path: str = "") -> list[str]:
    """`{"ids": {0: ["Not a number."]}}` as `["ids.0: Not a number."]`."""
    if isinstance(messages, dict):
        below = f"{path}." if path else ""
        return [line for key, value in messages.items() for line in _lines(value, f"{below}{key}")]
    return [f"{path}: {' '.join(map(str, messages))}"]


_parser = _Parser()


def takes(
    schema: Schema, location: str
) -> Callable[[Callable[Concatenate[dict[str, Any], P], Any]], Callable[P, Any]]:
    """Load the `location` of the request: query, json, form or json_or_form. It becomes the view's
    first argument.

    Raises BadInput, which answers 400 and names the field.
    """

    def decorate(view: Callable[Concatenate[dict[str, Any], P], Any]) -> Callable[P, Any]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            return view(_parser.parse(schema, request, location=location), *args, **kwargs)

        setattr(run, TAKES, (location, schema))
        return run

    return decorate


def gives(
    answer: Schema | fields.Field[Any],
) -> Callable[[Callable[P, Any]], Callable[P, Response]]:
    """Dump what the view returns as JSON, status 200: by a schema, or a field if it is bare."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Response]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Response:
            body = json.dumps(_dumped(answer, view(*args, **kwargs)))
            return Response(body, mimetype="application/json")

        setattr(run, GIVES, answer)
        return run

    return decorate


def gives_ok(view: Callable[P, None]) -> Callable[P, Response]:
    """Answer the plain text `OK`, which is all that the client wants to know."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Response:
        view(*args, **kwargs)
        return Response("OK", mimetype="text/plain")

    setattr(run, GIVES, None)
    return run


@dataclass(frozen=True, slots=True)
class NoJson:
    """An answer that is not JSON, as `gives` would make it; the view makes the response."""

    mimetype: str


def gives_other(mimetype: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Say that the view answers with a response of its own, of that type."""

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        setattr(view, GIVES, NoJson(mimetype))
        return view

    return decorate


def refuses(status: int, when: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Say that the view answers so too, beside what all views like it may answer."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        setattr(view, REFUSES, {str(status): when})
        return view

    return decorate


def says(**operation: Any) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Describe the view by parts of an OpenAPI operation, which come before all others."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        setattr(view, SAYS, operation)
        return view

    return decorate


def _dumped(answer: Schema | fields.Field[Any], value: Any) -> Any:
    if isinstance(answer, Schema):
        return answer.dump(value)
    return answer.serialize("", value, accessor=lambda obj, *_: obj)
