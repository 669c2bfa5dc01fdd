"""Letting browsers of other origins read every answer, errors too (docs/contract.md §0, §8)."""

from __future__ import annotations

from flask import Flask, Response, request


def allow_every_origin(app: Flask) -> None:
    """Answer preflights and mark every response of `app`, as Zeeguu's flask-cors does."""
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    response.headers.setdefault("Access-Control-Allow-Origin", "*")
    if request.method == "OPTIONS" and response.status_code == 200:
        wanted = request.headers.get("Access-Control-Request-Headers", "content-type")
        response.headers["Access-Control-Allow-Headers"] = wanted
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
    return response
