"""Requests that are sent again: the same `Idempotency-Key` gets the same answer, and no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import ParamSpec

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from zeeguu_gamify import clock
from zeeguu_gamify.demo.answers import refuse
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import AnsweredRequest
from zeeguu_gamify.demo.rows import find_or_create

P = ParamSpec("P")


def idempotency_key() -> str | None:
    """The key that the client gave this request, if any."""
    return request.headers.get("Idempotency-Key") or None


def idempotent(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Do what `view` does, which must not commit, and commit; with a key that was used, answer it.

    The key is claimed first, in the same transaction, so that of two requests at once only one
    does the work. A request that fails leaves its key free. Another request under a used key: 400.
    """

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = idempotency_key()
        claim = _claim(key) if key else None
        if claim and claim.answer is not None:
            return Response(claim.answer, mimetype=claim.mimetype)
        response = make_response(view(*args, **kwargs))
        if claim:
            claim.answer, claim.mimetype = response.get_data(as_text=True), response.mimetype
        db.session.commit()
        return response

    return run


def _claim(key: str) -> AnsweredRequest:
    """The row of this key; its answer is there if the key was used."""
    asked = _digest(request.endpoint, request.view_args, request.get_data())
    claim, is_new = find_or_create(
        AnsweredRequest,
        {"user_id": g.user_id, "key": _digest(key)},
        request=asked,
        answered_at=clock.now(),
    )
    if not is_new and claim.request != asked:
        refuse(400, "This Idempotency-Key was used for another request")
    return claim


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()
