"""The host of the queue's benchmark; told by the environment what it is.

It notes when events were counted, in a file of each process, in `QUEUE_HOME`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from celery import Celery
from flask import Flask, Response, g
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.hosts import db_of, mount_host, mount_on
from tests.sql_rules import check_executed
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.events import EventType
from zeeguu_gamify.ingestion.accept import RECEIVED
from zeeguu_gamify.mount import Mount

#: The header of an answer that says when its events were committed, by the monotonic clock.
COMMITTED = "Committed"


class Notes:
    """Comes last, and writes down when events were counted and committed."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Nothing: they are not committed yet."""

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Note those that services told."""
        at = time.monotonic()
        with (self._home / f"counted-{os.getpid()}").open("a") as file:
            for message in messages:
                if message.topic == RECEIVED:
                    print(message.payload["told"]["event_id"], at, file=file)


def make(url: str, home: Path, celery: Celery | None) -> Flask:
    """The host over the database at `url`; its events are counted by a thread, or by Celery."""
    app = mount_host(
        url,
        config={"GAMIFY_PUBLISHER": True, "GAMIFY_INGESTION": True},
        engine_options={"pool_size": 10},
        events=[EventType("lesson.completed", "a lesson", exp=10)],
        celery=celery,
    )
    mount = mount_on(app)
    mount.consumers = (*mount.consumers, Notes(home))
    app.after_request(_say_when)
    with app.app_context():
        event.remove(db_of(app).engine, "before_cursor_execute", check_executed)
        event.listen(db_of(app).session, "after_commit", _note_when)
    return app


def _note_when(_session: Any) -> None:
    g.committed = time.monotonic()


def _say_when(response: Response) -> Response:
    response.headers[COMMITTED] = str(g.get("committed", ""))
    return response


if "QUEUE_DATABASE" in os.environ:
    broker = os.environ.get("QUEUE_BROKER")
    celery = Celery("bench", broker=broker) if broker else None
    app = make(os.environ["QUEUE_DATABASE"], Path(os.environ["QUEUE_HOME"]), celery)
