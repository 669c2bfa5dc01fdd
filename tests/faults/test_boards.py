"""Boards under faults: Redis killed or flushed under load, and copies made anew beside writers."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.hosts import close, engine_of, make_host, mount_host, mount_on
from tests.integration.boards import (
    MONDAY,
    WEEK,
    copied,
    earn,
    look,
    run_job,
    scores,
    session_of,
    settle,
)
from tests.processes import FORKS, SECONDS, meet, run_processes
from tests.servers import RedisServer, Server
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.leaderboards import drift, upkeep
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.leaderboards.choice import BestRanking
from zeeguu_gamify.models import Asset, LedgerEntry
from zeeguu_gamify.testing import frozen

USERS, PROCESSES, ROUNDS = 20, 3, 60
#: A day of the week of the scores.
NOW = datetime(2026, 11, 19, 12)


def settings(redis: RedisServer) -> dict[str, Any]:
    """With a mount that looks at its settings anew each time."""
    return {
        "config": {
            "GAMIFY_REDIS_URL": redis.url(),
            "GAMIFY_REFRESH_SECONDS": 0.001,
            "GAMIFY_REDIS_TIMEOUT": 60.0,
        }
    }


@pytest.fixture(params=["mariadb", "mysql"])
def url(request: pytest.FixtureRequest) -> str:
    server: Server = request.getfixturevalue(request.param)
    return server.new_database()


@pytest.fixture
def app(url: str, redis_server: RedisServer) -> Iterator[Flask]:
    """A host with users, on servers that the test may kill."""
    look(redis_server.url()).flushdb()
    made = make_host(url, **settings(redis_server))
    with made.app_context():
        settle(made, USERS)
        run_job(made)
        yield made
    close(made)
    if redis_server._process is None:
        redis_server.start()


def play(url: str, options: dict[str, Any]) -> int:
    """One of several processes: earn, lose, deliver and look at the board; how often it could."""
    app, dice, looked = mount_host(url, **options), random.Random(meet()), 0
    with app.app_context(), frozen(NOW):
        mount = mount_on(app)
        for _ in range(ROUNDS):
            user_id, day = dice.randint(1, USERS), MONDAY + timedelta(days=dice.randint(0, 2))
            earn(app, user_id, dice.choice([-2, 1, 3, 5]), day, language_id=dice.randint(0, 1))
            deliver(mount)
            with session_of(app) as session:
                mount.refresh(session)
                ranking = BestRanking(session, mount)
                found = ranking.rank(WEEK, user_id), ranking.around(WEEK, user_id, 2)
                ranking.page(WEEK, (3, user_id), 5)
                looked += len(found) > 1
    close(app)
    return looked


def entries(app: Flask) -> int:
    """How much was earned or lost so far."""
    with engine_of(app).connect() as connection:
        return int(connection.execute(select(func.count(LedgerEntry.id))).scalar_one())


def wait_for(app: Flask, count: int, is_over: Callable[[], bool]) -> None:
    """Until the players have come so far, or no further."""
    while entries(app) < count and not is_over():
        threading.Event().wait(0.01)


def by_ledger(app: Flask) -> dict[int, int]:
    """What the entries of this week add up to."""
    found: Counter[int] = Counter()
    with engine_of(app).connect() as connection:
        for user_id, amount in connection.execute(
            select(LedgerEntry.user_id, LedgerEntry.amount).where(LedgerEntry.asset == Asset.EXP)
        ):
            found[user_id] += amount
    return dict(found)


def while_playing(
    app: Flask, url: str, redis: RedisServer, disturb: Callable[[Callable[[], bool]], None]
) -> None:
    """Let processes play, and disturb them; each must come through."""
    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(run_processes, play, PROCESSES, url, settings(redis))
        disturb(playing.done)
        assert playing.result() == [ROUNDS] * PROCESSES
    deliver(mount_on(app))
    assert scores(app) == by_ledger(app)


def assert_copies_are_right(app: Flask) -> None:
    shown = {user_id: score for user_id, score in by_ledger(app).items() if score > 0}
    assert shown
    assert copied(app) == shown
    with session_of(app) as session:
        for key in upkeep.kept_keys(session):
            right = {user_id: score for user_id, score in scores(app, key).items() if score > 0}
            assert copied(app, key) == right, key


def test_redis_is_killed_and_comes_back_with_old_scores(
    app: Flask, url: str, redis_server: RedisServer
) -> None:
    everything = PROCESSES * ROUNDS

    def disturb(is_over: Callable[[], bool]) -> None:
        wait_for(app, everything // 4, is_over)
        run_job(app)
        look(redis_server.url()).save()
        redis_server.kill()
        wait_for(app, everything // 2, is_over)
        redis_server.start()

    with frozen(NOW):
        while_playing(app, url, redis_server, disturb)
        mount_on(app).redis._next_try = 0.0  # type: ignore[union-attr]
        run_job(app)
        assert_copies_are_right(app)


def test_redis_is_flushed_and_copies_are_made_again_and_again_while_scores_move(
    app: Flask, url: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SCORES", 3)  # so that there is time for others to come between

    def mend() -> None:
        with session_of(app) as session:
            users = upkeep.everybody(session, mount_on(app))
        found = list(drift.look_at(mount_on(app), users, BOARDS, mend=True, anew=True))
        assert [step for step in found if step.wrong and step.what != "copies"] == []

    def disturb(is_over: Callable[[], bool]) -> None:
        mend()
        look(redis_server.url()).flushdb()
        while not is_over():
            mend()

    with frozen(NOW):
        while_playing(app, url, redis_server, disturb)
        assert "entries" not in run_job(app)
        assert_copies_are_right(app)


def die_before_the_commit(url: str, options: dict[str, Any]) -> None:
    """Deliver, and be killed when Redis has been told and SQL has not committed."""
    app = mount_host(url, **options)
    with (
        app.app_context(),
        frozen(NOW),
        patch.object(claims, "finish", lambda *_: os.kill(os.getpid(), signal.SIGKILL)),
    ):
        deliver(mount_on(app))


def test_a_publisher_is_killed_between_redis_and_the_commit(
    app: Flask, url: str, redis_server: RedisServer
) -> None:
    with frozen(NOW):
        earn(app, 1, 10)
        deliver(mount_on(app))
        run_job(app)
        earn(app, 1, 5)
        dying = FORKS.Process(target=die_before_the_commit, args=(url, settings(redis_server)))
        dying.start()
        dying.join(SECONDS)
        assert dying.exitcode == -signal.SIGKILL
        assert (copied(app), scores(app)) == ({1: 15}, {1: 10})
    with frozen(NOW + claims.LEASE + timedelta(seconds=1)):
        deliver(mount_on(app))
        assert scores(app) == {1: 15}
        assert_copies_are_right(app)
