"""Several processes send at once: each message goes out once, and none is lost with a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.faults.test_ingestion_faults import run_all, url_of
from tests.hosts import ADA, MakeHost, close, db_of, engine_of, mount_host, mount_on
from tests.processes import SECONDS, run_processes
from tests.webhooks import Receiver, receiver
from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.guard import networks
from zeeguu_gamify.delivery.webhooks.send import send_due
from zeeguu_gamify.models import WebhookDelivery
from zeeguu_gamify.testing import deliver

CONFIG = {"GAMIFY_WEBHOOKS": True, "GAMIFY_WEBHOOK_ALLOW": "127.0.0.0/8"}
PROCESSES, MESSAGES = 4, 3 * queue.BATCH


@pytest.fixture
def app(new_server_host: MakeHost) -> Flask:
    return new_server_host(config=CONFIG)


def owe(app: Flask, hook: Receiver) -> None:
    session = db_of(app).session()
    endpoints.add(session, hook.url, (), networks("127.0.0.0/8"))
    for number in range(MESSAGES):
        put(session, mount_on(app), "badge.earned", {"code": f"b{number}"}, user_id=ADA)
    session.commit()
    deliver(app)


def unsent(app: Flask) -> int:
    waits = WebhookDelivery.delivered_at.is_(None)
    with Session(engine_of(app)) as session:
        return session.execute(select(func.count()).where(waits)).scalar_one()


def send_all(url: str) -> int:
    """Send until nothing is due; how many messages that was."""
    host, count = mount_host(url, config=CONFIG), 0
    with host.app_context():
        while sent := send_due(mount_on(host)):
            count += sent
    close(host)
    return count


def die_sending(url: str) -> None:
    """Claim a batch, and die before anything is written down."""
    host = mount_host(url, config=CONFIG)
    vars(queue)["received"] = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
    with host.app_context():
        send_due(mount_on(host))


def test_of_several_processes_that_send_each_message_is_sent_by_one(app: Flask) -> None:
    with receiver() as hook:
        owe(app, hook)
        counts = run_processes(send_all, PROCESSES, url_of(app))
        assert send_all(url_of(app)) + sum(counts) == MESSAGES
    times = Counter(one.headers["webhook-id"] for one in hook.received)
    assert (len(times), set(times.values()), unsent(app)) == (MESSAGES, {1}, 0)


def test_what_a_process_that_was_killed_had_claimed_is_sent_in_the_end(app: Flask) -> None:
    with receiver() as hook:
        owe(app, hook)
        assert run_all(die_sending, (url_of(app),)) == [-signal.SIGKILL]
        assert unsent(app) == MESSAGES
        with time_machine.travel(clock.now() + queue.LEASE + timedelta(seconds=5)):
            assert send_all(url_of(app)) == MESSAGES
    ids = {one.headers["webhook-id"] for one in hook.received}
    assert (len(ids), unsent(app)) == (MESSAGES, 0)


def test_the_scheduler_is_who_sends(new_sqlite_host: MakeHost, tmp_path: Path) -> None:
    app = new_sqlite_host(config=CONFIG)
    program = tmp_path / "host.py"
    program.write_text(
        "from tests.hosts import mount_host\n"
        f"app = mount_host({url_of(app)!r}, config={CONFIG!r})\n"
    )
    with receiver() as hook:
        owe(app, hook)
        command = [sys.executable, "-m", "flask", "--app", str(program), "gamify", "scheduler"]
        with subprocess.Popen(command) as process:
            deadline = time.monotonic() + SECONDS
            while unsent(app) and time.monotonic() < deadline:
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
    assert len(hook.received) == MESSAGES
