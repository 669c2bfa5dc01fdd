"""How the demo reads what a client sends, and what it answers when that is wrong."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from flask import Response, abort, json, jsonify, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

MAX_INT = 2**31 - 1
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Body(Schema):
    """A body: a form or an object of JSON. An empty text is an absent one; junk is ignored."""

    class Meta:
        """The clients post whatever they have."""

        unknown = EXCLUDE

    @pre_load
    def drop_empty(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Forms have no null."""
        return {key: value for key, value in data.items() if value not in ("", None)}


def count(**options: Any) -> fields.Integer:
    """A field for a whole number that is not negative and fits an INT column."""
    return fields.Integer(validate=validate.Range(0, MAX_INT), **options)


def text(most: int, **options: Any) -> fields.String:
    """A field for a text of at most `most` characters."""
    return fields.String(validate=validate.Length(max=most), **options)


def number(**options: Any) -> fields.Integer:
    """A field for the id of a row."""
    return fields.Integer(validate=validate.Range(1, MAX_INT), **options)


def received(schema: Schema, *, form: bool = True) -> dict[str, Any]:
    """The request's body by `schema`; answers 400 and names the field when it is wrong.

    With `form=False` only JSON will do.
    """
    try:
        loaded: dict[str, Any] = schema.load(_body(form))
    except ValidationError as error:
        field, problems = next(iter(error.messages_dict.items()))
        refuse(400, f"{field}: {' '.join(map(str, problems))}")
    return loaded


def _body(form: bool) -> dict[str, Any]:
    if form and not request.is_json:
        return request.form.to_dict()
    try:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            refuse(400, "The body must be an object of JSON")
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no database takes
        refuse(400, "The body is not valid Unicode")
    except RecursionError:
        refuse(400, "The body is nested too deeply")
    return body


def make_error(status: int, message: str) -> Response:
    """An error as the clients read it (docs/contract.md §0)."""
    response = jsonify(message=message)
    response.status_code = status
    return response


def refuse(status: int, message: str) -> NoReturn:
    """End the request with an error; nothing of it is committed."""
    abort(make_error(status, message))
