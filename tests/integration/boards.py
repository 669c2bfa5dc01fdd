"""Boards in tests: scores in SQL, and copies of them in Redis."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from tests.hosts import User, change, engine_of, mount_on
from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.jobs import runner
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.leaderboards.copies import NewCopy
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.ranking_sql import of_key
from zeeguu_gamify.leaderboards.sorted_sets import WHOLE, set_of
from zeeguu_gamify.models import Asset, BoardScore, LedgerEntry, Period

MONDAY = date(2026, 11, 16)
WEEK = Key("exp", Period.WEEK, MONDAY)


def settle(app: Flask, count: int) -> None:
    """Let there be the users 1 to `count`."""
    with engine_of(app).begin() as connection:
        known = connection.execute(select(func.max(User.id))).scalar() or 0
        more = range(known + 1, count + 1)
        users = [{"id": n, "username": f"u{n}", "name": f"U{n}", "timezone": None} for n in more]
        if users:
            connection.execute(insert(User), users)


def put_scores(app: Flask, scores: Mapping[int, int], key: Key = WEEK, **columns: Any) -> None:
    """Let exactly these users have these scores in SQL."""
    row = {
        "board": key.board, "period": key.period, "starts": key.starts,
        "language_id": key.language_id, "listed": True, **columns,
    }  # fmt: skip
    rows = [{**row, "user_id": user_id, "score": score} for user_id, score in scores.items()]
    change(app, delete(BoardScore).where(BoardScore.user_id.in_(scores)))
    if rows:
        change(app, insert(BoardScore).values(rows))


def copy_to_redis(app: Flask, scores: Mapping[int, int], key: Key = WEEK) -> None:
    """Make a whole copy of these scores."""
    link = mount_on(app).redis
    assert link is not None
    copy = NewCopy(link, key)
    copy.begin()
    copy.fill(scores)
    copy.finish()


def session_of(app: Flask) -> Session:
    """A session that the test closes."""
    return Session(engine_of(app))


def look(url: str) -> Redis:
    """Redis as a stranger sees it."""
    redis: Redis = Redis.from_url(url, decode_responses=True)
    return redis


def earn(app: Flask, user_id: int, amount: int, day: date = MONDAY, language_id: int = 0) -> None:
    """Let the user earn EXP as the economy writes it: an entry, and a message that is owed."""
    entry = {
        "user_id": user_id, "asset": Asset.EXP, "amount": amount, "local_date": day,
        "at": clock.now(), "reason": "test", "language_id": language_id,
    }  # fmt: skip
    payload = exp_moved(amount, day, language_id)
    with session_of(app) as session:
        session.execute(insert(LedgerEntry), entry)
        put(session, mount_on(app), EXP_MOVED, payload, user_id=user_id)
        session.commit()


def scores(app: Flask, key: Key = WEEK) -> dict[int, int]:
    """What SQL has, whoever is listed."""
    with session_of(app) as session:
        wanted = select(BoardScore.user_id, BoardScore.score).where(of_key(key))
        return {row.user_id: row.score for row in session.execute(wanted)}


def copied(app: Flask, key: Key = WEEK) -> dict[int, int] | None:
    """What the copy has; None when there is no whole one."""
    link = mount_on(app).redis
    assert link is not None
    found: Any = link.do(lambda redis: redis.zrange(set_of(key), 0, -1, withscores=True))
    names = dict(found)
    if names.pop(WHOLE, None) is None:
        return None
    return {int(name): int(score) for name, score in names.items()}


def run_job(app: Flask, name: str = "boards_drift") -> str:
    """Run a job for another period; what it says it did."""
    done = runner.run(mount_on(app), job_called(name), clock.now(), secrets.token_hex(4))
    assert done is not None
    assert done.finished
    return done.summary
