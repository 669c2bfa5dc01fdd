"""SQL and Redis give the same answers, whatever has happened to the scores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tests.hosts import MakeHost, User, change, mount_on
from tests.integration.boards import (
    MONDAY,
    WEEK,
    earn,
    look,
    run_job,
    scores,
    session_of,
    settle,
)
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.leaderboards.projection import changed
from zeeguu_gamify.leaderboards.ranking import After, Key, Ranking
from zeeguu_gamify.leaderboards.ranking_redis import RedisRanking
from zeeguu_gamify.leaderboards.ranking_sql import SqlRanking
from zeeguu_gamify.models import BoardScore, LedgerEntry, OutboxMessage, Period, UserProfile
from zeeguu_gamify.testing import frozen

USERS = range(1, 9)
NOW = datetime(2026, 11, 19, 12)
LISTS = [
    WEEK,
    Key("exp", Period.WEEK, MONDAY, 1),
    Key("exp", Period.DAY, MONDAY),
    Key("exp", Period.ALL, MONDAY.replace(1970, 1, 1)),
]

users = st.sampled_from(USERS)
few = st.sampled_from([1, 2, 2, 3, 5])  # so that there are ties
#: What may happen: its name, and what it is given.
STEPS = st.one_of(
    st.tuples(st.just("earn"), users, few, st.integers(0, 2)),
    st.tuples(st.just("earn"), users, few.map(int.__neg__), st.integers(0, 2)),
    st.tuples(st.just("hide"), users, st.booleans(), st.just(0)),
    st.tuples(st.just("erase"), users, st.just(0), st.just(0)),
    st.tuples(st.sampled_from(["send", "mend", "flush"]), users, st.just(0), st.just(0)),
)


@pytest.fixture
def app(new_sqlite_host: MakeHost, redis_server: RedisServer) -> Iterator[Flask]:
    """A host with a Redis."""
    config = {"GAMIFY_REDIS_URL": redis_server.url(), "GAMIFY_REDIS_TIMEOUT": SECONDS}
    with frozen(NOW):
        yield new_sqlite_host(config=config)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(STEPS, min_size=5, max_size=25),
    after=st.tuples(st.integers(0, 12), st.integers(0, 10)),
    size=st.integers(1, 5),
)
def test_sql_and_redis_agree_on_every_answer(
    app: Flask,
    redis_server: RedisServer,
    steps: list[tuple[str, int, int, int]],
    after: After,
    size: int,
) -> None:
    begin_anew(app)
    for step in steps:
        take(app, redis_server, *step)
    deliver(mount_on(app))
    assert "scores" not in run_job(app)  # they were right without it
    with session_of(app) as session:
        for key in LISTS:
            if found := scores(app, key):
                afters = [after, *((score, user_id) for user_id, score in found.items())]
                compare(app, session, key, afters, size)


def compare(app: Flask, session: Session, key: Key, afters: list[After], size: int) -> None:
    """Ask both everything that can be asked of a list."""
    link = mount_on(app).redis
    assert link is not None
    assert answers(SqlRanking(session), key, afters, size) == answers(
        RedisRanking(link), key, afters, size
    )


def answers(ranking: Ranking, key: Key, afters: list[After], size: int) -> list[object]:
    everybody = range(max(USERS) + 2)
    return [
        ranking.top(key, size),
        *(ranking.page(key, after, size) for after in afters),
        *(ranking.around(key, user_id, size - 1) for user_id in everybody),
        *(ranking.rank(key, user_id) for user_id in everybody),
        ranking.ranks(key, everybody[::2]),
        ranking.count(key),
    ]


def begin_anew(app: Flask) -> None:
    """No scores and no copies."""
    for model in (BoardScore, LedgerEntry, OutboxMessage, UserProfile, User):
        change(app, delete(model))
    settle(app, max(USERS))
    link = mount_on(app).redis
    assert link is not None
    link.do(lambda redis: redis.flushdb())


def take(app: Flask, redis: RedisServer, what: str, user_id: int, value: int, kind: int) -> None:
    """Let something happen."""
    match what:
        case "earn" if user_id in present(app):
            earn(app, user_id, value, MONDAY + timedelta(days=kind % 2), language_id=kind // 2)
        case "send":
            deliver(mount_on(app))
        case "mend":
            run_job(app)
        case "flush":
            look(redis.url()).flushdb()
        case "hide" | "erase":
            with session_of(app) as session:
                session.execute(delete(UserProfile).where(UserProfile.user_id == user_id))
                changed(session, mount_on(app), user_id, gone=what == "erase")
                if what == "erase":
                    erase(session, user_id)
                else:
                    session.execute(insert(UserProfile).values(user_id=user_id, on_boards=value))
                session.commit()


def present(app: Flask) -> set[int]:
    with session_of(app) as session:
        return set(session.execute(select(User.id)).scalars())


def erase(session: Session, user_id: int) -> None:
    """Take the user away, as the keys do where there are any."""
    for model in (BoardScore, LedgerEntry):
        session.execute(delete(model).where(model.user_id == user_id))
    session.execute(delete(OutboxMessage).where(OutboxMessage.user_id == user_id))
    session.execute(delete(User).where(User.id == user_id))
