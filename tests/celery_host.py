"""A host whose outbox is delivered by Celery; told by the environment what it is.

`celery -A tests.celery_host worker` runs its workers. Files in `CELERY_HOME` let things happen to
them: `die` kills the worker that finds it first, `closed` makes every delivery fail.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from celery import Celery
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.hosts import HostRow, mount_host, mount_on
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import EventType
from zeeguu_gamify.ingestion.accept import RECEIVED
from zeeguu_gamify.mount import Mount

PAYING = (EventType("lesson.completed", "a lesson", exp=10),)


class Diary:
    """Writes down, in the transaction that counts them, which events were counted in what order."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        told = [message for message in messages if message.topic == RECEIVED]
        if told:
            rows = [{"user_id": m.user_id, "note": m.payload["told"]["event_id"]} for m in told]
            session.connection().execute(insert(HostRow), rows)
            self._happen()

    def _happen(self) -> None:
        if (self._home / "closed").exists():
            raise BadInput("the arena is closed")
        if (self._home / "die").exists():
            (self._home / "die").unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None: ...


def broker(url: str, **options: int) -> Celery:
    """The Celery app of a host; `options` are of the way to the broker."""
    celery = Celery("host", broker=url)
    celery.conf.broker_transport_options = options
    return celery


def mount_with(celery: Celery, url: str, home: Path) -> Flask:
    """The host over the database at `url`, which hands what it owes to `celery`."""
    app = mount_host(url, config={"GAMIFY_PUBLISHER": True}, events=PAYING, celery=celery)
    mount = mount_on(app)
    mount.consumers = (*mount.consumers, Diary(home))
    return app


if "CELERY_DATABASE" in os.environ:
    celery = broker(os.environ["CELERY_BROKER"])
    mount_with(celery, os.environ["CELERY_DATABASE"], Path(os.environ["CELERY_HOME"]))
