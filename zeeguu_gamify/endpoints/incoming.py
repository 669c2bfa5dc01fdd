"""Events that other services send, signed by Standard Webhooks; only with GAMIFY_INGESTION."""

from __future__ import annotations

import json
from math import isinf
from typing import Any, NoReturn

from flask import Response, jsonify, request

from zeeguu_gamify.delivery import signing
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, says
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas.errors import MessageSchema
from zeeguu_gamify.endpoints.schemas.incoming import (
    AcceptedSchema,
    IncomingEventSchema,
    IncomingEventsSchema,
    RefusedSchema,
)
from zeeguu_gamify.endpoints.wrappers import needs_tables
from zeeguu_gamify.errors import BadInput, NotReady, TooLong
from zeeguu_gamify.ingestion.accept import Accepted, accept
from zeeguu_gamify.ingestion.clients import Client, called
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("incoming")

#: Who sends; by its keys the signature is verified.
CLIENT = "Gamify-Client"
#: The longest body.
MOST_BYTES = 1_000_000
_CHUNK = 65_536

_SIGNED = (signing.ID, signing.TIMESTAMP, signing.SIGNATURE)
_ANSWERS = {
    "202": ("Stored; `errors` names the events that are not", AcceptedSchema),
    "400": ("No event is sound", RefusedSchema),
    "401": ("Unknown client, wrong signature, or signed too long ago", MessageSchema),
    "413": ("More than a million bytes", MessageSchema),
    "503": ("The database is not ready, or events are paused: send it again", MessageSchema),
}


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/events", methods=["POST"])
# ---------------------------------------------------------------------------
@says(
    parameters=[
        {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
        for name in (CLIENT, *_SIGNED)
    ],
    requestBody={
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [IncomingEventSchema, IncomingEventsSchema]}}
        },
    },
    responses={
        status: {"description": text, "content": {"application/json": {"schema": schema}}}
        for status, (text, schema) in _ANSWERS.items()
    },
)
@needs_tables
def incoming_events() -> Response:
    """Accept an event, or a batch of them; they are counted right after."""
    mount = current_mount()
    body = _body()
    client = _client(body)
    if mount.live.paused is not None:
        error = NotReady("Events are paused; send them again later.")
        error.retry_after = 60
        raise error
    result: Accepted = committed(accept, client, _events(body))
    said = AcceptedSchema().dump(result)
    answer = jsonify(said if result.accepted else {"message": _said(result), **said})
    answer.status_code = 202 if result.accepted else 400
    return answer


def _body() -> bytes:
    """The bytes that were signed; no more than are allowed are ever read. Raises TooLong."""
    body = bytearray()
    while chunk := request.stream.read(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLong("The body is too long; send several requests.")
    return bytes(body)


def _client(body: bytes) -> Client:
    """Who has signed the body; raises BadSignature, also for somebody unknown."""
    mount = current_mount()
    signed = {name: request.headers.get(name, "") for name in _SIGNED}
    found = called(mount.db.session, request.headers.get(CLIENT, "")[:50])
    signing.verify(found.keys if found else (), signed, body)
    if found is None:
        raise signing.BadSignature
    return found


def _events(body: bytes) -> list[Any]:
    try:
        told = json.loads(body, parse_constant=_refuse, parse_float=_float, parse_int=_int)
        json.dumps(told, ensure_ascii=False).encode()
    except UnicodeError as error:  # half of a character, which no database takes
        raise BadInput("The body is not valid Unicode.") from error
    except RecursionError as error:
        raise BadInput("The body is nested too deeply.") from error
    except ValueError as error:
        raise BadInput(f"The body is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise BadInput("The body must be an event, or an object with `events`.")
    events = told.get("events", [told])
    if not isinstance(events, list):
        raise BadInput("events: Not a valid list.")
    return events


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _float(digits: str) -> float:
    """What is too large for it would be infinite, which no JSON of a database takes."""
    number = float(digits)
    if isinf(number):
        raise ValueError(f"{digits[:20]}… is too large a number")
    return number


def _int(digits: str) -> int:
    _float(digits)
    return int(digits)


def _said(result: Accepted) -> str:
    """Why nothing was accepted; the event is named by its place."""
    return "; ".join(f"events.{one.index}: {one.message}" for one in result.errors[:10])
