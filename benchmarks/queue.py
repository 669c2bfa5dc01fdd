"""From an event that a service has told, stored, to the event counted: how long, and none lost."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import ClassVar
from unittest.mock import patch

from sqlalchemy import insert
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from benchmarks.live import all_cpus
from benchmarks.queue_host import COMMITTED, make
from tests.hosts import User, change, close, engine_of, make_host, mount_on
from tests.servers import (
    HOST,
    Process,
    RedisServer,
    _free_port,
    celery_workers,
    mariadb_server,
    redis_server,
)
from zeeguu_gamify.ingestion import clients

RATE, SECONDS = 200, 60
SENDERS = 8
USERS = 200
CLIENT = "bench"
#: What was stored is looked for no longer than so many seconds after the last.
PATIENCE = 30.0

SERVER = [
    sys.executable, "-m", "gunicorn", "--no-control-socket", "-k", "gthread",
    "benchmarks.queue_host:app",
]  # fmt: skip


def run() -> list[str]:
    """The table of this benchmark."""
    lines = [f"stored → counted, in ms, {RATE} events a second for {SECONDS} s"]
    with all_cpus(), mariadb_server(durable=True) as mariadb, redis_server() as redis:
        for what, broker in (("by a thread of the process", None), ("by two workers", redis)):
            with tempfile.TemporaryDirectory() as home:
                lines.append(_line(what, _measured(mariadb.new_database(), Path(home), broker)))
    return lines


@dataclass
class _Found:
    """When each event was stored and counted, by the monotonic clock."""

    asked: int = 0  #: how many were to be sent
    late: float = 0.0  #: so long after its time the latest was sent
    stored: dict[str, float] = field(default_factory=dict)
    counted: list[tuple[str, float]] = field(default_factory=list)

    @property
    def lags(self) -> list[float]:
        """Of what was counted, from the shortest."""
        return sorted(at - self.stored[one] for one, at in self.counted)


def _measured(url: str, home: Path, redis: RedisServer | None) -> _Found:
    secret = _prepared(url, home)
    with _serving(url, home, redis) as port:
        _sent(port, secret, home, "warm", 1)
        return _sent(port, secret, home, "event", SECONDS)


def _prepared(url: str, home: Path) -> str:
    """A database with users, and the key of a client that may tell of lessons."""
    app = make_host(url)
    more = [{"id": n, "username": f"u{n}", "name": "U"} for n in range(3, USERS + 1)]
    change(app, insert(User).values(more))
    close(app)
    app = make(url, home, None)
    with app.app_context(), Session(engine_of(app)) as session:
        secret = clients.add(session, mount_on(app), CLIENT, ["lesson.completed"])
        session.commit()
    close(app)
    return secret


@dataclass
class _Server(Process):
    """Takes the events."""

    hello: ClassVar[bytes] = b"GET /nothing HTTP/1.0\r\n\r\n"


@contextmanager
def _serving(url: str, home: Path, redis: RedisServer | None) -> Iterator[int]:
    """The port of a server of the host, with Celery's workers if there is a broker."""
    environ = {"QUEUE_DATABASE": url, "QUEUE_HOME": str(home)}
    if redis:
        environ["QUEUE_BROKER"] = redis.url()
    port = _free_port()
    address = ["-b", f"{HOST}:{port}", "--threads", str(SENDERS)]
    with ExitStack() as stack, patch.dict(os.environ, environ):
        if redis:
            workers = celery_workers("benchmarks.queue_host:celery", home / "workers")
            stack.callback(workers.stop)
            workers.start()
        server = _Server([*SERVER, *address], port, home / "log")
        stack.callback(server.stop)
        server.start()
        yield port


def _sent(port: int, secret: str, home: Path, what: str, seconds: int) -> _Found:
    """Send each event at its time, however long others take, and wait until all are counted."""
    found, start = _Found(RATE * seconds), time.monotonic() + 0.5
    users = Random(seconds).choices(range(1, USERS + 1), k=found.asked)  # not in step: levels

    def send(first: int) -> None:
        connection, webhook = http.client.HTTPConnection(HOST, port), Webhook(secret)
        for number in range(first, found.asked, SENDERS):
            due = start + number / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            found.late = max(found.late, time.monotonic() - due)
            event_id = f"{what}-{number}"
            found.stored[event_id] = _post(connection, webhook, event_id, users[number])

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(SENDERS)))
    until = time.monotonic() + PATIENCE
    while len(found.counted) < found.asked and time.monotonic() < until:
        time.sleep(0.5)
        found.counted = [line for line in _counted(home) if line[0] in found.stored]
    return found


def _post(
    connection: http.client.HTTPConnection, webhook: Webhook, event_id: str, user_id: int
) -> float:
    """Tell of an event; when it was stored."""
    body = json.dumps({"event": "lesson.completed", "event_id": event_id, "user_id": user_id})
    at = datetime.now(UTC)
    headers = {
        "Gamify-Client": CLIENT, "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": webhook.sign(event_id, at, body),
    }  # fmt: skip
    connection.request("POST", "/gamify/events", body, headers)
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == 202, said
    return float(answer.headers[COMMITTED])


def _counted(home: Path) -> list[tuple[str, float]]:
    """When each event was counted; one that was counted twice comes twice."""
    lines = [line.split() for path in home.glob("counted-*") for line in path.open()]
    return [(event_id, float(at)) for event_id, at in lines]


def _line(what: str, found: _Found) -> str:
    hundredths = statistics.quantiles(found.lags, n=100)
    p50, p99, most = (1000 * lag for lag in (hundredths[49], hundredths[98], found.lags[-1]))
    counted = len({event_id for event_id, _ in found.counted})
    return (
        f"  {what:<28} p50 {p50:>6.1f}  p99 {p99:>6.1f}  max {most:>6.1f}  of {found.asked}, lost "
        f"{found.asked - counted}, doubled {len(found.counted) - counted}; sent at most "
        f"{1000 * found.late:.0f} ms late"
    )
