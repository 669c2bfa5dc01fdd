"""From an entry in the ledger to a place on the boards, in SQL and in Redis."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tests.hosts import MakeHost, User, change, db_of, engine_of, mount_on
from tests.integration.boards import (
    MONDAY,
    WEEK,
    copied,
    earn,
    look,
    put_scores,
    run_job,
    scores,
    session_of,
    settle,
)
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify import emit
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.doctor import Health, examine
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.leaderboards import behind, drift
from zeeguu_gamify.leaderboards.choice import BestRanking
from zeeguu_gamify.leaderboards.projection import changed
from zeeguu_gamify.leaderboards.ranking import Entry, Key
from zeeguu_gamify.leaderboards.sorted_sets import set_of
from zeeguu_gamify.models import BoardScore, LedgerEntry, OutboxMessage, Period, UserProfile
from zeeguu_gamify.testing import statements

NOW = datetime(2026, 11, 18, 12)
ALL = Key("exp", Period.ALL, date(1970, 1, 1))


@pytest.fixture
def app(new_host: MakeHost, redis_server: RedisServer) -> Iterator[Flask]:
    """A host with a Redis that is empty, on a Wednesday."""
    look(redis_server.url()).flushdb()
    with time_machine.travel(f"{NOW}Z", tick=False):
        made = new_host(
            config={"GAMIFY_REDIS_URL": redis_server.url(), "GAMIFY_REDIS_TIMEOUT": SECONDS}
        )
        settle(made, 6)
        yield made


def send(app: Flask) -> None:
    """Deliver what is owed."""
    deliver(mount_on(app))


def top(app: Flask, key: Key = WEEK) -> list[Entry]:
    with session_of(app) as session:
        mount_on(app).refresh(session)
        return BestRanking(session, mount_on(app)).top(key, 9)


def rank(app: Flask, user_id: int) -> Entry | None:
    with session_of(app) as session:
        mount_on(app).refresh(session)
        return BestRanking(session, mount_on(app)).rank(WEEK, user_id)


@pytest.mark.core
def test_what_is_earned_counts_in_each_period_and_in_its_language(app: Flask) -> None:
    earn(app, 1, 10, MONDAY, language_id=3)
    earn(app, 1, 5, MONDAY + timedelta(days=2))
    earn(app, 2, 7, MONDAY - timedelta(days=1))
    send(app)
    month = Key("exp", Period.MONTH, date(2026, 11, 1))
    assert scores(app) == {1: 15}
    assert scores(app, replace(WEEK, language_id=3)) == {1: 10}
    assert scores(app, replace(WEEK, starts=MONDAY - timedelta(days=7))) == {2: 7}
    assert scores(app, Key("exp", Period.DAY, MONDAY)) == {1: 10}
    assert scores(app, Key("exp", Period.DAY, MONDAY + timedelta(days=2))) == {1: 5}
    assert scores(app, month) == scores(app, ALL) == {1: 15, 2: 7}


@pytest.mark.core
def test_a_score_may_be_more_than_one_event_can_carry(app: Flask) -> None:
    run_job(app)
    for user_id in (1, 2):
        for amount in (MAX_INT, MAX_INT, user_id):
            earn(app, user_id, amount, MONDAY)
    send(app)
    run_job(app)
    assert scores(app) == {2: 2 * MAX_INT + 2, 1: 2 * MAX_INT + 1}
    assert rank(app, 1) == Entry(2, 1, 2 * MAX_INT + 1)
    assert copied(app) == scores(app)


def test_what_the_host_emits_reaches_the_boards(app: Flask) -> None:
    session = db_of(app).session
    for object_id, name in (("a", "exp.gained"), ("b", "exp.gained"), ("a", "exp.lost")):
        emit(session, name, user_id=1, amount=10, object_id=object_id, context={"language_id": 3})
        session.commit()
    send(app)
    assert scores(app) == scores(app, replace(WEEK, language_id=3)) == {1: 10}


@pytest.mark.core
def test_however_much_is_delivered_at_once_the_statements_are_as_many(app: Flask) -> None:
    run_job(app)
    counts = []
    for users in (1, 6):
        for user_id in range(1, users + 1):
            earn(app, user_id, 5, MONDAY, language_id=2)
        with statements(engine_of(app)) as ran:
            send(app)
        counts.append(len(ran))
    assert counts[0] == counts[1]
    assert scores(app) == {1: 10, 2: 5, 3: 5, 4: 5, 5: 5, 6: 5}


def test_what_is_taken_back_goes_and_who_has_nothing_left_stands_nowhere(app: Flask) -> None:
    run_job(app)
    earn(app, 1, 10)
    earn(app, 2, 4)
    send(app)
    earn(app, 1, -10)
    earn(app, 2, -9)
    send(app)
    assert scores(app) == {1: 0, 2: -5}
    assert top(app) == []
    earn(app, 2, 7)
    send(app)
    assert top(app) == [Entry(1, 2, 2)]


def test_a_user_who_is_gone_holds_up_nobody(app: Flask) -> None:
    earn(app, 1, 10)
    earn(app, 5, 10)
    change(app, update(OutboxMessage).where(OutboxMessage.user_id == 5).values(user_id=None))
    change(app, delete(LedgerEntry).where(LedgerEntry.user_id == 5))
    change(app, delete(User).where(User.id == 5))
    send(app)
    assert scores(app) == {1: 10}
    assert change(app, delete(OutboxMessage)) == 0


def test_redis_follows_once_the_job_has_made_a_copy(app: Flask) -> None:
    earn(app, 1, 10)
    send(app)
    assert copied(app) is None
    run_job(app)
    assert copied(app) == {1: 10}
    earn(app, 1, 5)
    earn(app, 2, 20)
    send(app)
    assert copied(app) == {1: 15, 2: 20}
    earn(app, 2, -20)
    send(app)
    assert copied(app) == {1: 15}
    assert copied(app, ALL) == {1: 15}


@pytest.mark.sqlite_only
def test_copies_are_forgotten_a_week_after_the_last_date(
    app: Flask, redis_server: RedisServer
) -> None:
    earn(app, 1, 10)
    earn(app, 1, 10, MONDAY - timedelta(days=30))
    send(app)
    run_job(app)
    redis = look(redis_server.url())
    assert redis.expiretime(set_of(WEEK)) == datetime(2026, 12, 1).timestamp() - 1
    assert redis.ttl(set_of(ALL)) == -1
    assert redis.exists(set_of(Key("exp", Period.DAY, MONDAY - timedelta(days=30)))) == 0


def test_whoever_wants_to_be_on_no_board_is_on_none_until_they_come_back(app: Flask) -> None:
    for user_id in (1, 2):
        earn(app, user_id, 10 * user_id)
    send(app)
    run_job(app)
    for wanted, shown in ((False, {1: 10}), (True, {1: 10, 2: 20})):
        change(app, delete(UserProfile))
        change(app, insert(UserProfile).values(user_id=2, on_boards=wanted))
        with session_of(app) as session:
            changed(session, mount_on(app), 2)
            session.commit()
        send(app)
        assert copied(app) == shown
        assert {entry.user_id: entry.score for entry in top(app)} == shown


def test_who_earns_after_opting_out_stays_unlisted(app: Flask) -> None:
    change(app, insert(UserProfile).values(user_id=2, on_boards=False))
    run_job(app)
    earn(app, 1, 10)
    earn(app, 2, 20)
    send(app)
    assert scores(app) == {1: 10, 2: 20}
    assert top(app) == [Entry(1, 1, 10)]
    run_job(app)
    assert copied(app) == {1: 10}


def test_who_is_erased_goes_from_redis_too(app: Flask) -> None:
    for user_id in (5, 6):
        earn(app, user_id, 10)
    send(app)
    run_job(app)
    with session_of(app) as session:
        changed(session, mount_on(app), 5, gone=True)
        for model in (BoardScore, LedgerEntry):
            session.execute(delete(model).where(model.user_id == 5))
        session.execute(delete(User).where(User.id == 5))
        session.commit()
    send(app)
    assert scores(app) == copied(app) == copied(app, ALL) == {6: 10}


@pytest.mark.core
def test_the_job_makes_scores_equal_to_the_ledger_and_copies_to_the_scores(app: Flask) -> None:
    for user_id in (1, 2, 3):
        earn(app, user_id, 10 * user_id)
    send(app)
    run_job(app)
    put_scores(app, {1: 99, 4: 7})
    change(app, delete(BoardScore).where(BoardScore.user_id == 2))
    change(app, update(BoardScore).where(BoardScore.user_id == 3).values(listed=False))
    assert run_job(app) == "13 scores mended"  # user 1 has no score of the other periods now
    assert scores(app) == {1: 10, 2: 20, 3: 30, 4: 0}
    assert copied(app) == copied(app, ALL) == {1: 10, 2: 20, 3: 30}
    assert run_job(app) == ""


def test_what_the_outbox_still_holds_is_not_counted_twice(app: Flask) -> None:
    earn(app, 1, 10)
    send(app)
    earn(app, 1, 5)
    assert run_job(app) == "4 copies mended"
    assert scores(app) == {1: 10}
    send(app)
    assert scores(app) == {1: 15}


@pytest.mark.sqlite_only
def test_a_tampered_copy_is_found_and_mended(app: Flask, redis_server: RedisServer) -> None:
    for user_id in (1, 2, 3):
        earn(app, user_id, 10 * user_id)
    send(app)
    run_job(app)
    redis, board = look(redis_server.url()), set_of(WEEK)
    redis.zadd(board, {"0000000001": 500, "0000000006": 60, "junk": 7, "0000000999": 1})
    redis.zrem(board, "0000000002")
    assert run_job(app) == "5 entries mended"
    assert copied(app) == {1: 10, 2: 20, 3: 30}


@pytest.mark.sqlite_only
def test_a_flush_is_noticed_and_sql_answers_until_there_are_copies_again(
    app: Flask, redis_server: RedisServer
) -> None:
    earn(app, 1, 10)
    send(app)
    run_job(app)
    look(redis_server.url()).flushdb()
    assert rank(app, 1) == Entry(1, 1, 10)
    earn(app, 2, 20)
    send(app)
    assert copied(app) is None
    assert rank(app, 1) == Entry(2, 1, 10)
    run_job(app)
    assert copied(app) == {1: 10, 2: 20}


def test_while_redis_is_away_sql_answers_and_afterwards_the_job_makes_good_what_was_missed(
    app: Flask, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    earn(app, 1, 10)
    send(app)
    run_job(app)
    redis_server.kill()
    try:
        earn(app, 2, 20)
        with caplog.at_level(logging.INFO):
            send(app)
            assert rank(app, 1) == Entry(2, 1, 10)
            assert health_of_redis(app) == [Health.WARNING]
            assert "left because Redis is away" in run_job(app)
        assert [line.name for line in caplog.records].count("zeeguu_gamify.redis") == 1
    finally:
        redis_server.start()
    mount_on(app).redis._next_try = 0.0  # type: ignore[union-attr]
    mount_on(app).forget()
    with session_of(app) as session:
        assert behind.token(session)
    assert rank(app, 1) == Entry(2, 1, 10)
    run_job(app)
    assert copied(app) == {1: 10, 2: 20}
    with session_of(app) as session:
        assert behind.token(session) is None
    assert rank(app, 1) == Entry(2, 1, 10)


@pytest.mark.sqlite_only
def test_a_stale_copy_is_not_asked(app: Flask) -> None:
    earn(app, 1, 10)
    send(app)
    run_job(app)
    put_scores(app, {1: 30})
    assert rank(app, 1) == Entry(1, 1, 10)  # by Redis, which cannot know
    with session_of(app) as session:
        behind.mark(session)
        session.commit()
    mount_on(app).forget()
    assert rank(app, 1) == Entry(1, 1, 30)


@pytest.mark.sqlite_only
def test_what_is_missed_while_copies_are_made_is_not_forgotten(app: Flask) -> None:
    with session_of(app) as session:
        behind.mark(session)
        session.commit()
        first = behind.token(session)
        assert first is not None
        behind.mark(session)
        session.commit()
        assert not behind.clear(session, first)
        assert behind.token(session) is not None


def health_of_redis(app: Flask) -> list[Health]:
    """What doctor finds."""
    mount_on(app).requires_session = lambda view: view
    with app.app_context(), Session(engine_of(app)) as session:
        found = examine(app, session, mount_on(app))
    return [finding.health for finding in found if finding.subject == "redis"]


@pytest.mark.sqlite_only
def test_when_memory_is_short_boards_that_are_over_go_first(
    app: Flask, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    past = replace(WEEK, starts=MONDAY - timedelta(days=7))
    earn(app, 1, 10)
    earn(app, 1, 10, past.starts)
    send(app)
    run_job(app)
    assert copied(app, past) == {1: 10}
    redis = look(redis_server.url())
    assert health_of_redis(app) == [Health.GOOD]
    redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] * 1.1))
    try:
        assert health_of_redis(app) == [Health.WARNING]
        run_job(app)
        assert copied(app, past) is None
        assert copied(app) == {1: 10}
        run_job(app)
        assert copied(app, past) is None
    finally:
        redis.config_set("maxmemory", 0)
    told = [line for line in caplog.records if line.name == "zeeguu_gamify.boards"]
    assert [line.levelno for line in told] == [logging.WARNING]


@pytest.mark.sqlite_only
def test_a_round_looks_at_a_slice_and_all_rounds_together_at_everybody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "SLICE", 2)
    earn(app, 1, 10)
    earn(app, 6, 10)
    change(app, delete(OutboxMessage))
    for number in range(3):
        with time_machine.travel(NOW + number * drift.ROUND, tick=False):
            run_job(app)
    assert scores(app) == {1: 10, 6: 10}


@pytest.mark.sqlite_only
def test_who_listens_is_told_once_a_round(app: Flask) -> None:
    assert run_job(app, "boards_refresh") == "1 told"
    with session_of(app) as session:
        (message,) = session.execute(select(OutboxMessage)).scalars()
    assert (message.topic, message.user_id) == ("leaderboard.refreshed", None)
    assert message.payload == {"boards": ["exp"]}
