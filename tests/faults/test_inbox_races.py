"""Several processes deliver, and die in between: each message is there once, and the host hears."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select

from tests.faults.test_ingestion_faults import run_all, url_of
from tests.hosts import ADA, BEN, HostRow, MakeHost, close, db_of, engine_of, mount_host, mount_on
from tests.processes import run_processes
from zeeguu_gamify import clock
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.claims import LEASE
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.inbox import tell
from zeeguu_gamify.inbox.tell import notified, tell_due
from zeeguu_gamify.models import InboxMessage

PROCESSES, LEVELS = 4, 60


def owe(app: Flask) -> None:
    """A level is owed twice, under two ids: whoever delivers them, it is one message."""
    session = db_of(app).session()
    for level in [*range(2, LEVELS + 2), *range(2, LEVELS + 2)]:
        for user_id in (ADA, BEN):
            told = {"level": level, "reward": 0}
            put(session, mount_on(app), "level.up", told, user_id=user_id)
    session.commit()


def note(_sender: Any, user_id: int, message_id: str, **_message: Any) -> None:
    """What the host does with a message: it writes it down."""
    with note_in.begin() as connection:
        connection.execute(insert(HostRow), {"user_id": user_id, "note": message_id})


note_in: Any = None


def at_work(url: str) -> Flask:
    global note_in
    host = mount_host(url)
    note_in = engine_of(host)
    notified.connect(note)
    return host


def work(url: str) -> None:
    """Deliver until nothing is left."""
    host = at_work(url)
    with host.app_context():
        deliver(mount_on(host))
        tell_due(mount_on(host))
    close(host)


def work_once_more(url: str) -> None:
    with time_machine.travel(clock.now() + LEASE + tell.LEASE + timedelta(seconds=5)):
        work(url)


def die(*_args: object, **_kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work_and_die(url: str, death: str) -> None:
    """Die the second time that it comes there."""
    module, name = {
        "before the commit": (claims, "finish"),
        "before it is told": (tell, "_tell_host"),
        "before that is noted": (tell, "_note"),
    }[death]
    done, calls = vars(module)[name], []

    def maybe(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return done(*args, **kwargs) if len(calls) < 2 else die()

    vars(module)[name] = maybe
    work(url)
    die()


def levels(app: Flask) -> Counter[str]:
    with engine_of(app).connect() as connection:
        rows = connection.execute(select(InboxMessage.user_id, InboxMessage.dedupe_key))
        return Counter(f"{user_id}:{key}" for user_id, key in rows)


def heard(app: Flask) -> Counter[str]:
    with engine_of(app).connect() as connection:
        return Counter(connection.execute(select(HostRow.note)).scalars())


EXPECTED = {f"{user_id}:level:{level}" for user_id in (ADA, BEN) for level in range(2, LEVELS + 2)}


def test_of_several_processes_that_deliver_each_message_is_written_and_told_once(
    server_host: Flask,
) -> None:
    owe(server_host)
    run_processes(work, PROCESSES, url_of(server_host))
    work(url_of(server_host))
    assert levels(server_host) == heard(server_host) == dict.fromkeys(EXPECTED, 1)


@pytest.mark.parametrize(
    "death", ["before the commit", "before it is told", "before that is noted"]
)
def test_whatever_process_dies_each_message_is_there_once_and_told(
    new_server_host: MakeHost, death: str
) -> None:
    """Told once more than needed, by the same id, is only what a process told and did not note."""
    app = new_server_host()
    owe(app)
    url = url_of(app)
    assert run_all(work_and_die, (url, death), (url, death)) == [-signal.SIGKILL] * 2
    work_once_more(url)
    assert levels(app) == dict.fromkeys(EXPECTED, 1)
    told = heard(app)
    twice = sum(told.values()) - len(EXPECTED)
    assert set(told) == EXPECTED
    assert twice <= (2 if death == "before that is noted" else 0)
