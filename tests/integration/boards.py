"""Boards in tests: scores in SQL, and copies of them in Redis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from tests.hosts import User, change, engine_of, mount_on
from zeeguu_gamify.leaderboards.copies import NewCopy
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.models import BoardScore, Period

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
