"""Two real Celery workers, with Redis as broker, count what other services tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update

from tests.celery_host import broker, mount_with
from tests.faults.test_stream_servers import soon
from tests.hosts import (
    ADA,
    HostRow,
    User,
    change,
    close,
    db_of,
    engine_of,
    make_host,
    mount_on,
)
from tests.servers import RedisServer, Server, _free_port, celery_workers
from zeeguu_gamify import clock
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.ingestion.accept import accept
from zeeguu_gamify.ingestion.clients import Client
from zeeguu_gamify.jobs.sweep import NEARER, Sweep
from zeeguu_gamify.models import OutboxMessage, UserProfile
from zeeguu_gamify.tasks import TaskSender
from zeeguu_gamify.testing import frozen

ARENA = Client("arena", ["lesson.completed"], [], datetime(2026, 11, 23), None)
USERS = range(3, 23)
#: For a broker that is away: Celery asks it for seconds otherwise.
IMPATIENT = {"max_retries": 1, "interval_start": 0}

pytestmark = pytest.mark.publisher


@dataclass
class Arena:
    """The host in this process, whose Celery workers are two others."""

    app: Flask
    home: Path

    def tell(self, *events: tuple[int, str]) -> None:
        """Store (user id, event id) as a request does; the workers hear of it after the commit."""
        with self.app.app_context():
            session, mount = db_of(self.app).session(), mount_on(self.app)
            told = [
                {"event": "lesson.completed", "event_id": event_id, "user_id": user_id}
                for user_id, event_id in events
            ]
            assert accept(session, mount, ARENA, told).accepted == len(events)
            session.commit()

    def sweep(self) -> int:
        """What the scheduler does each second."""
        with self.app.app_context():
            return Sweep().run(mount_on(self.app))

    def counted(self, user_id: int) -> list[str]:
        """The events of the user, in the order in which they were counted."""
        rows = select(HostRow.note).where(HostRow.user_id == user_id).order_by(HostRow.id)
        return [event_id for (event_id,) in self.rows(rows)]

    def exp(self, user_id: int) -> int:
        rows = self.rows(select(UserProfile.exp).where(UserProfile.user_id == user_id))
        return sum(exp for (exp,) in rows)

    def waiting(self) -> int:
        return len(self.rows(select(OutboxMessage.id)))

    def rows(self, statement: Any) -> list[Any]:
        with engine_of(self.app).connect() as connection:
            return list(connection.execute(statement))


@contextmanager
def an_arena(server: Server, home: Path, broker_url: str, **options: int) -> Iterator[Arena]:
    """One whose broker is there; without workers."""
    made = make_host(url := server.new_database())
    change(made, insert(User).values([{"id": n, "username": f"u{n}", "name": "U"} for n in USERS]))
    close(made)
    app = mount_with(broker(broker_url, **options), url, home)
    yield Arena(app, home)
    sender_of(app).end()
    close(app)


@pytest.fixture(scope="module")
def arena(
    mariadb: Server, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    """One with two workers, for all tests: they take seconds to start and to end."""
    home, redis = tmp_path_factory.mktemp("celery"), redis_server.url(5)
    with an_arena(mariadb, home, redis) as arena:
        environ = {
            "CELERY_DATABASE": engine_of(arena.app).url.render_as_string(hide_password=False),
            "CELERY_BROKER": redis,
            "CELERY_HOME": str(home),
        }
        workers = celery_workers("tests.celery_host:celery", home / "log")
        with patch.dict("os.environ", environ):
            workers.start()
        yield arena
        workers.stop()


def sender_of(app: Flask) -> TaskSender:
    sender = mount_on(app).publisher
    assert isinstance(sender, TaskSender)
    return sender


def test_each_event_counts_once_and_in_order_though_a_worker_is_killed_in_the_middle(
    arena: Arena,
) -> None:
    for number in range(5):
        arena.tell(*[(user_id, f"{user_id}-{number}") for user_id in USERS])
    soon(lambda: arena.waiting() == 0)
    (arena.home / "die").touch()
    for number in range(5, 10):
        arena.tell(*[(user_id, f"{user_id}-{number}") for user_id in USERS])
    soon(lambda: not (arena.home / "die").exists())
    with time_machine.travel(clock.now() + claims.LEASE + timedelta(seconds=5)):
        soon(lambda: arena.sweep() == arena.waiting() == 0)
    for user_id in USERS:
        assert arena.counted(user_id) == [f"{user_id}-{number}" for number in range(10)]
        assert arena.exp(user_id) == 100


def test_what_a_worker_cannot_count_is_parked_with_the_reason_and_counted_when_that_is_mended(
    arena: Arena,
) -> None:
    (arena.home / "closed").touch()
    session = db_of(arena.app).session
    with arena.app.app_context(), patch.object(sender_of(arena.app), "wake", lambda: None):
        arena.tell((ADA, "e1"))
        session.execute(update(OutboxMessage).values(attempts=claims.TRIES - 1))
        session.commit()
    parked = select(OutboxMessage.error).where(OutboxMessage.due_at == claims.NEVER)
    sender_of(arena.app).wake()
    soon(lambda: arena.rows(parked) != [])
    assert arena.rows(parked) == [("BadInput: the arena is closed",)]
    assert arena.exp(ADA) == 0
    (arena.home / "closed").unlink()
    assert arena.app.test_cli_runner().invoke(args=["gamify", "outbox", "--retry"]).exit_code == 0
    soon(lambda: arena.exp(ADA) == 10)
    assert arena.counted(ADA) == ["e1"]


def test_what_a_broker_that_is_away_was_not_told_the_scheduler_delivers(
    mariadb: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"redis://127.0.0.1:{_free_port()}/0"
    with an_arena(mariadb, tmp_path, nowhere, **IMPATIENT) as arena:
        arena.tell((ADA, "e1"))
        soon(lambda: "no task can be sent" in caplog.text)
        arena.tell((ADA, "e2"))
        with frozen(clock.now() + NEARER):
            assert arena.sweep() > 0
        assert arena.counted(ADA) == ["e1", "e2"]
    assert caplog.text.count("no task can be sent") == 1
