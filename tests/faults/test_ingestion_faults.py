"""Services that send again and again, and die in between: each event counts once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.hosts import ADA, MakeHost, close, db_of, engine_of, mount_host, mount_on, receipts
from tests.processes import FORKS, SECONDS
from zeeguu_gamify import clock, emit
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.deliver import deliver as deliver_mount
from zeeguu_gamify.events import EventType
from zeeguu_gamify.ingestion.accept import accept
from zeeguu_gamify.ingestion.clients import Client
from zeeguu_gamify.models import OutboxMessage, UserProfile
from zeeguu_gamify.testing import deliver

PAYING = (EventType("lesson.completed", "a lesson", exp=10),)
TOLD = {"event": "lesson.completed", "event_id": "e1", "user_id": ADA}
ARENA = Client("arena", ["lesson.completed"], [], datetime(2026, 11, 23), None)
PROCESSES, TIMES = 8, 20

#: Where half of the processes die, in their third round.
DEATHS = ("before the commit", "after the commit", "in the delivery", "after the delivery")


def url_of(app: Flask) -> str:
    return engine_of(app).url.render_as_string(hide_password=False)


def die(*_args: object, **_kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tell(url: str, death: str) -> None:
    """Send the event, as a web process takes it, and deliver; die where it is said."""
    host = mount_host(url, events=PAYING)
    with host.app_context():
        session, mount = db_of(host).session(), mount_on(host)
        for number in range(TIMES):
            dying = death if number == 2 else ""
            accept(session, mount, ARENA, [TOLD])
            if dying == "before the commit":
                die()
            session.commit()
            if dying == "after the commit":
                die()
            if dying == "in the delivery":
                vars(claims)["finish"] = die
            deliver_mount(mount)
            if dying:  # in the delivery too, when another process had taken the message
                die()
    close(host)


def emit_it(url: str, death: str) -> None:
    """Emit the event, as the host itself does; die where it is said."""
    host = mount_host(url, events=PAYING)
    with host.app_context():
        session = db_of(host).session()
        for number in range(TIMES):
            dying = death if number == 2 else ""
            emit(session, "lesson.completed", user_id=ADA, event_id="e1")
            if dying == "before the commit":
                die()
            session.commit()
            if dying:
                die()
    close(host)


def run_all(target: Callable[..., None], *given: tuple[object, ...]) -> list[int | None]:
    """How each process ended."""
    processes = [FORKS.Process(target=target, args=one) for one in given]
    for process in processes:
        process.start()
    for process in processes:
        process.join(SECONDS)
    return [process.exitcode for process in processes]


@pytest.fixture
def paying(new_server_host: MakeHost) -> Flask:
    return new_server_host(events=PAYING)


@pytest.mark.parametrize(("send", "deaths"), [(tell, DEATHS), (emit_it, 2 * DEATHS[:2])])
def test_an_event_sent_by_eight_processes_of_which_half_are_killed_counts_once(
    paying: Flask, send: Callable[[str, str], None], deaths: Sequence[str]
) -> None:
    everybodys = [*deaths, *[""] * (PROCESSES - len(deaths))]
    ends = run_all(send, *[(url_of(paying), death) for death in everybodys])
    assert ends == [-signal.SIGKILL] * 4 + [0] * 4
    with time_machine.travel(clock.now() + claims.LEASE + timedelta(seconds=5)):
        deliver(paying)
    with engine_of(paying).connect() as connection:
        assert connection.execute(select(OutboxMessage.id)).all() == []
        exp = connection.execute(select(UserProfile.exp).where(UserProfile.user_id == ADA))
        assert exp.scalar_one() == 10
    assert receipts(paying) == 1
