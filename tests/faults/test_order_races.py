"""Orders from the panel among real processes: done once, and gone on with when one is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tests.hosts import User, close, engine_of, make_host, mount_host, mount_on
from tests.processes import FORKS, SECONDS, meet, run_processes
from tests.servers import Server
from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.clock import now
from zeeguu_gamify.jobs import orders
from zeeguu_gamify.jobs.orders import BACKFILL, Order
from zeeguu_gamify.models import JobRun, JobState, UserBadge, UserBadgeProgress
from zeeguu_gamify.mount import Mount

USERS = range(100, 160)
BATCH = 10
#: How often a process may ask whether to stop, before it is killed: once, then before each batch.
ASKED = 4
ORDER = Order(BACKFILL, "badge translated_words_1", {"badge": "translated_words_1"})


def in_small_batches(mount: Mount, options: Mapping[str, Any]) -> Round:
    return Round(badges_of(mount, badge=options["badge"]), Manner(BACKFILL), size=BATCH)


@pytest.fixture
def ordered(sql_server: Server, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Flask]:
    """A host whose users have earned a badge each; the backfill of it is ordered."""
    monkeypatch.setattr(orders, "backfill", in_small_batches)
    url = sql_server.new_database()
    app = make_host(url)
    with app.app_context(), Session(engine_of(app)) as session:
        mount_on(app).refresh(session)
        family = mount_on(app).live.by_metric["TRANSLATED_WORDS"].id
        people = [{"id": n, "username": f"u{n}", "name": "x"} for n in USERS]
        session.execute(insert(User), people)
        row = {"badge_category_id": family, "value": 10}
        session.execute(insert(UserBadgeProgress), [row | {"user_id": n} for n in USERS])
        orders.place(session, ORDER)
        session.commit()
    return url, app


def work(url: str, asked: int | None = None) -> None:
    """Do what is ordered; killed when it has asked so often whether to stop."""
    left = iter(range(asked or 0))

    def stopping() -> bool:
        if asked is not None and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    app = mount_host(url)
    with app.app_context():
        orders.run_waiting(mount_on(app), stopping)
    close(app)


def work_together(url: str) -> None:
    """In a process of its own, which no test shares."""
    orders.backfill = in_small_batches
    meet()
    work(url)


def work_until_killed(url: str) -> None:
    orders.backfill = in_small_batches
    work(url, ASKED)


def holders(app: Flask) -> list[int]:
    with engine_of(app).connect() as connection:
        return list(connection.execute(select(UserBadge.user_id)).scalars())


def is_waiting(app: Flask) -> bool:
    with Session(engine_of(app)) as session:
        return orders.is_waiting(session, ORDER)


@pytest.mark.core
def test_an_order_is_done_once_by_however_many_processes(ordered: tuple[str, Flask]) -> None:
    url, app = ordered
    run_processes(work_together, 4, url)
    assert sorted(holders(app)) == list(USERS)
    work(url)
    assert not is_waiting(app)
    close(app)


@pytest.mark.core
def test_when_a_process_is_killed_the_next_goes_on_at_the_cursor(
    ordered: tuple[str, Flask],
) -> None:
    url, app = ordered
    process = FORKS.Process(target=work_until_killed, args=(url,))
    process.start()
    process.join(SECONDS)
    assert process.exitcode == -signal.SIGKILL
    with engine_of(app).connect() as connection:
        others = connection.execute(select(func.count()).where(User.id < USERS[0])).scalar_one()
        cursor = connection.execute(select(JobRun.cursor)).scalar_one()
    done = (ASKED - 1) * BATCH - others
    assert sorted(holders(app)) == list(USERS)[:done]
    assert cursor == USERS[done - 1]

    work(url)  # the lease of the dead one holds yet
    assert len(holders(app)) == done
    with engine_of(app).begin() as connection:
        connection.execute(update(JobRun).values(lease_until=now() - timedelta(seconds=1)))
    work(url)
    assert sorted(holders(app)) == list(USERS)
    assert not is_waiting(app)
    with engine_of(app).connect() as connection:
        run = connection.execute(select(JobRun.state, JobRun.summary)).one()
    assert run.state is JobState.DONE
    assert run.summary == f"{len(USERS) + others} users looked at, {len(USERS)} badges granted"
    close(app)
