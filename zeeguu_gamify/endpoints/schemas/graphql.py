"""A GraphQL request and its answer, around what the schema of GraphQL describes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from zeeguu_gamify.endpoints.blueprint import Tolerant
from zeeguu_gamify.endpoints.schemas.errors import MessageSchema


class GraphqlRequest(Tolerant):
    """What clients send."""

    query = fields.String(required=True, validate=validate.Length(min=1))
    variables = fields.Dict(keys=fields.String(), allow_none=True)
    operationName = fields.String(
        allow_none=True, metadata={"description": "Which, if the document has several"}
    )


class GraphqlErrorExtensionsSchema(Schema):
    """What programs read of an error."""

    code = fields.String(required=True, metadata={"description": "E.g. INSUFFICIENT_COINS"})
    retryAfter = fields.Integer(metadata={"description": "Seconds"})


class GraphqlErrorSchema(Schema):
    """An error of an operation, or of the whole request."""

    message = fields.String(required=True)
    locations = fields.List(fields.Dict())
    path = fields.List(fields.Raw())
    extensions = fields.Nested(GraphqlErrorExtensionsSchema, required=True)


class GraphqlAnswerSchema(Schema):
    """What the operations answer, by their names; null for one that failed."""

    data = fields.Dict(required=True, allow_none=True)
    errors = fields.List(fields.Nested(GraphqlErrorSchema))


def _json(text: str, *schemas: type[Schema]) -> dict[str, Any]:
    one = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"description": text, "content": {"application/json": {"schema": one}}}


#: By status.
RESPONSES = {
    "200": _json("Answered, if only in part", GraphqlAnswerSchema),
    "400": _json("Wrong input; nothing was done", GraphqlAnswerSchema, MessageSchema),
    "401": {
        "description": "No, unknown or expired session; the host's own page",
        "content": {"text/html": {"schema": {"type": "string"}}},
    },
    "403": _json("Not allowed for this user", MessageSchema),
    "404": _json("Gamification is off for this user", MessageSchema),
    "413": _json("The body is too long", MessageSchema),
    "429": _json("Too often, all of it; Retry-After says when not any more", GraphqlAnswerSchema),
    "503": _json("The database is not reachable or not ready", GraphqlAnswerSchema, MessageSchema),
}
