"""Eight real processes tick, untick and run into caps at once: earned once, and never too much."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.hosts import ADA, MakeHost, close, db_of, engine_of, mount_host, write_row
from tests.processes import meet, run_processes
from zeeguu_gamify import emit
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import EventReceipt, ExpAllowance, LedgerEntry, OutboxMessage
from zeeguu_gamify.testing import frozen

PROCESSES = 8
TIMES = 20
MOST = 100
NOON = datetime(2026, 3, 2, 12)  #: a cap is for a date, which must not end meanwhile
CAPPED = (EventType("quiz.completed", "a quiz", most_exp_a_day=MOST),)
CAUSE = {"cause": "quiz.completed"}


def url_of(app: Flask) -> str:
    return engine_of(app).url.render_as_string(hide_password=False)


def sums(app: Flask) -> tuple[int, int]:
    """What the ledger sums up to, and what the boards are told."""
    with engine_of(app).connect() as connection:
        total = connection.execute(select(func.sum(LedgerEntry.amount))).scalar()
        moved = select(OutboxMessage.payload).where(OutboxMessage.topic == "exp.moved")
        told = connection.execute(moved).scalars()
        return int(total or 0), sum(payload["amount"] for payload in told)


def used(app: Flask) -> int:
    with engine_of(app).connect() as connection:
        return int(connection.execute(select(func.sum(ExpAllowance.used))).scalar() or 0)


def tick_and_untick(url: str, times: int, objects: int) -> int:
    """The EXP that this process was told of."""
    host = mount_host(url, events=CAPPED)
    with host.app_context(), frozen(NOON):
        random, told = Random(meet()), 0
        session = db_of(host).session
        for number in range(times):
            object_id = f"o{random.randrange(objects)}"
            name = random.choice(("exp.gained", "exp.lost"))
            write_row(host)
            outcome = emit(
                session, name, user_id=ADA, amount=number + 1, object_id=object_id, context=CAUSE
            )
            session.commit()
            told += outcome.exp
    close(host)
    return told


def earned_objects(app: Flask) -> set[str | None]:
    with engine_of(app).connect() as connection:
        return set(connection.execute(select(EventReceipt.object_id)).scalars())


def assert_each_object_was_earned_once(host: Flask, told: list[int]) -> None:
    """What is ticked at the end has the EXP of one completion, what is not has none."""
    entry = LedgerEntry.__table__.c
    with engine_of(host).connect() as connection:
        per_object = select(entry.object_id, func.sum(entry.amount)).group_by(entry.object_id)
        nets = {row[0]: int(row[1]) for row in connection.execute(per_object)}
    ticked = earned_objects(host)
    assert {object_id for object_id, net in nets.items() if net} <= ticked
    assert all(0 <= net <= TIMES for net in nets.values())
    total, owed = sums(host)
    assert sum(told) == total == owed == used(host) <= MOST


@pytest.mark.parametrize("objects", [1, 3])
def test_ticked_and_unticked_in_any_race_an_object_earns_once(
    new_server_host: MakeHost, objects: int
) -> None:
    host = new_server_host(events=CAPPED)
    told = run_processes(tick_and_untick, PROCESSES, url_of(host), TIMES, objects)
    assert_each_object_was_earned_once(host, told)


def test_so_it_is_on_sqlite(new_sqlite_host: MakeHost) -> None:
    host = new_sqlite_host(events=CAPPED)
    told = run_processes(tick_and_untick, 2, url_of(host), TIMES, 1)
    assert_each_object_was_earned_once(host, told)


def earn(url: str) -> int:
    host = mount_host(url, events=CAPPED)
    with host.app_context(), frozen(NOON):
        session, told = db_of(host).session, 0
        for _ in range(TIMES):
            write_row(host)
            told += emit(session, "exp.gained", user_id=ADA, amount=3, context=CAUSE).exp
            emit(session, "exp.gained", user_id=ADA, amount=1)  # not capped, in between
            session.commit()
    close(host)
    return told


def test_a_daily_cap_is_exact_in_any_race(new_server_host: MakeHost) -> None:
    host = new_server_host(events=CAPPED)
    told = run_processes(earn, PROCESSES, url_of(host))
    assert sum(told) == used(host) == MOST
    assert sums(host) == (MOST + PROCESSES * TIMES,) * 2
