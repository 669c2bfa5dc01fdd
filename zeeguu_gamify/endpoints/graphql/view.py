"""POST /gamify/graphql: one operation or several, for the user of the session."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, json, request
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult

from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, as_ours, says, takes
from zeeguu_gamify.endpoints.graphql.limits import MOST_BYTES
from zeeguu_gamify.endpoints.graphql.schema import schema
from zeeguu_gamify.endpoints.schemas.graphql import RESPONSES, GraphqlRequest
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import BadInput, GamifyError, TooLong
from zeeguu_gamify.mount import current_mount

P = ParamSpec("P")

blueprint = GamifyBlueprint("graphql")

#: What is over when one waits: when nothing else is answered, the whole answer has that status.
PASSING = (429, 503)


def _short(view: Callable[P, Response]) -> Callable[P, Response]:
    """Read no body that is too long, or does not say how long it is."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Response:
        length = request.content_length
        if length is None or length > MOST_BYTES:
            raise TooLong(f"The body must say its length, of at most {MOST_BYTES} bytes.")
        return view(*args, **kwargs)

    return run


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/graphql", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@_short
@takes(GraphqlRequest(), "json")
@says(responses=RESPONSES)
def graphql(asked: dict[str, Any]) -> Response:
    """Answer GraphQL; what an operation refuses is among the errors, with a code."""
    result = _executed(asked)
    errors = [(error, _ours(error)) for error in result.errors or ()]
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [_told(error, ours) for error, ours in errors]
    text = json.dumps(body, sort_keys=False)  # in the order in which it was asked for
    response = Response(text, mimetype="application/json")
    if result.data is None:
        response.status_code = BadInput.status
    elif all(value is None for value in result.data.values()):
        _say_when_again(response, [ours for _, ours in errors])
    return response


def _executed(asked: dict[str, Any]) -> ExecutionResult:
    try:
        return schema(introspection=current_mount().config.graphql_introspection).execute_sync(
            asked["query"],
            variable_values=asked.get("variables"),
            operation_name=asked.get("operationName"),
            context_value=asked,
        )
    except CannotGetOperationTypeError as error:
        raise BadInput(f"operationName: {error.as_http_error_reason()}") from error
    except InvalidOperationTypeError as error:
        raise BadInput(f"query: {error.as_http_error_reason(request.method)}") from error


def _ours(error: GraphQLError) -> GamifyError:
    """What went wrong; without a cause it is the request. What nobody foresaw is raised."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    beforehand = error.path is None and isinstance(cause, ValueError)  # e.g. 5000 digits
    if cause is None or beforehand:
        return BadInput(error.message)
    ours = as_ours(cause)
    if ours is None:
        raise cause
    return ours


def _told(error: GraphQLError, ours: GamifyError) -> dict[str, Any]:
    """The error over the wire, e.g. with the code INSUFFICIENT_COINS."""
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(ours).__name__).upper()
    extensions: dict[str, Any] = {"code": code}
    if ours.retry_after is not None:
        extensions["retryAfter"] = ours.retry_after
    return {**error.formatted, "message": ours.message, "extensions": extensions}


def _say_when_again(response: Response, errors: list[GamifyError]) -> None:
    passing = next((error for error in errors if error.status in PASSING), None)
    if passing is not None:
        response.status_code = passing.status
        if passing.retry_after is not None:
            response.headers["Retry-After"] = str(passing.retry_after)
