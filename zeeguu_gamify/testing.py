"""For the tests of hosts, and for our own: tables, a client, a statement counter, a frozen clock.

In a test of a host:

    with app.app_context():
        prepare(app)                       # our tables and the catalog, beside the host's
        client = SessionClient(app, uuid)  # sends ?session=…, keeps the last response
        with statements(db.engine) as ran, frozen(datetime(2026, 3, 29, 0, 30)):
            client.get("/my_badges")
        assert len(ran) <= 3
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from blinker import signal
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from zeeguu_gamify import clock
from zeeguu_gamify.badges import sync
from zeeguu_gamify.delivery import deliver as delivery
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.mount import current_mount


def prepare(app: Flask) -> None:
    """Make our tables, by the migrations, and the catalog of `app`; the host's must exist."""
    with app.app_context():
        mount = current_mount()
        runner.upgrade(mount.db.engine, mount.host.map)
        with Session(mount.db.engine) as session:
            sync.apply(session, mount.catalog)
            session.commit()
        mount.forget()


def deliver(app: Flask) -> int:
    """Deliver what the outbox of `app` holds, now and here; how many messages that was.

    Set GAMIFY_PUBLISHER to False in tests, so that no thread does so in between.
    """
    with app.app_context():
        return delivery.deliver(current_mount())


class SessionClient:
    """A test client that is logged in and keeps the response, status and all."""

    def __init__(self, app: Flask, uuid: str) -> None:
        """`uuid` goes out as `?session=` with each call."""
        self._client = app.test_client()
        self.uuid = uuid

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET `path` with the session and `query`."""
        return self.call("GET", path, query_string=query)

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        """POST to `path` with the session; `json=`, `data=` and the like as Flask's client."""
        return self.call("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> TestResponse:
        """PUT to `path` with the session."""
        return self.call("PUT", path, **kwargs)

    def call(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Any method; the answer is also kept as `response`."""
        query = {"session": self.uuid, **kwargs.pop("query_string", {})}
        self.response = self._client.open(path, method=method, query_string=query, **kwargs)
        return self.response


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that reaches a cursor of `engine` inside the block, savepoints included."""
    ran: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        ran.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Let `at` (UTC) be the present for us; the host's own clock goes on."""
    with patch.object(clock, "now", lambda: clock.to_utc(at)):
        yield


@contextmanager
def signals_sent(name: str) -> Iterator[list[dict[str, Any]]]:
    """What is sent through the blinker signal `name` inside the block."""
    sent: list[dict[str, Any]] = []

    def note(_sender: Any, **kwargs: Any) -> None:
        sent.append(kwargs)

    with signal(name).connected_to(note):
        yield sent
