"""The task by which Celery's workers deliver what a commit owes."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery
from flask import Flask
from sqlalchemy import select

from tests.hosts import ADA, MakeHost, close, db_of, engine_of, mount_host, mount_on
from zeeguu_gamify import clock, emit, tasks
from zeeguu_gamify.delivery.publisher import Publisher
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.tasks import BROKER_PAUSE, DELIVER, TaskSender


@pytest.fixture
def celery() -> Celery:
    return Celery("host", broker="memory://")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Publisher]:
    """Whose thread was woken."""
    woken: list[Publisher] = []
    monkeypatch.setattr(Publisher, "wake", lambda self: woken.append(self))
    return woken


@pytest.fixture
def handing(new_sqlite_host: MakeHost, celery: Celery) -> Flask:
    """A host that hands what it owes to Celery."""
    return new_sqlite_host(config={"GAMIFY_PUBLISHER": True}, celery=celery)


def owe(app: Flask) -> None:
    """Owe a message; delivering it owes others, of boards."""
    emit(db_of(app).session, "exp.gained", user_id=ADA, amount=5)
    db_of(app).session.commit()


def owed(app: Flask) -> int:
    with engine_of(app).connect() as connection:
        return len(connection.execute(select(OutboxMessage.id)).all())


def test_a_commit_wakes_who_sends_the_task_and_the_task_wakes_nobody(
    handing: Flask, celery: Celery, woken: list[Publisher]
) -> None:
    owe(handing)
    assert woken == [mount_on(handing).publisher]
    assert owed(handing) > 0
    celery.tasks[DELIVER]()
    assert owed(handing) == 0
    assert len(woken) == 1


def test_a_task_that_has_gone_on_for_long_leaves_the_rest_to_another(
    handing: Flask, celery: Celery, woken: list[Publisher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LONGEST", 0.0)
    owe(handing)
    celery.tasks[DELIVER]()
    assert owed(handing) > 0
    assert len(woken) == 2


def test_the_task_is_that_of_the_app_that_was_mounted_last(handing: Flask, celery: Celery) -> None:
    url = engine_of(handing).url.render_as_string()
    again = mount_host(url, config={"GAMIFY_PUBLISHER": True}, celery=celery)
    sender = mount_on(again).publisher
    assert isinstance(sender, TaskSender)
    assert celery.tasks[DELIVER] is sender._task
    close(again)


def test_a_broker_that_is_away_is_told_after_a_pause_though_nobody_commits(
    handing: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    sender = mount_on(handing).publisher
    assert isinstance(sender, TaskSender)
    running, sent, present = sender._running.get(), list[float](), 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: present)

    def send(**_how: Any) -> None:
        sent.append(present)
        if len(sent) <= 2:
            raise ConnectionError("away")

    monkeypatch.setattr(sender._task, "apply_async", send)
    for waits in (0.0, 0.0, 1.0):  # woken at once, and a second before its time
        present += waits
        look_again = sender._deliver(running, running.ending)
        assert look_again == BROKER_PAUSE - waits
    for looks_again in (BROKER_PAUSE, None):
        present += BROKER_PAUSE
        assert sender._deliver(running, running.ending) == looks_again
    assert sent == [100.0, 101.0 + BROKER_PAUSE, 101.0 + 2 * BROKER_PAUSE]
    told = [record.message for record in caplog.records]
    assert told == ["no task can be sent, so the scheduler delivers: away", "tasks are sent again"]
