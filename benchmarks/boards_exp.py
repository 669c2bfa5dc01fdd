"""A board of a million: its top, a place and its neighbours, by SQL and Redis; and rebuilding."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.measure import rates, report
from tests.servers import mariadb_server, redis_server
from zeeguu_gamify import Gamify
from zeeguu_gamify.leaderboards import upkeep
from zeeguu_gamify.leaderboards.ranking import Key, Ranking
from zeeguu_gamify.leaderboards.ranking_redis import RedisRanking
from zeeguu_gamify.leaderboards.ranking_sql import SqlRanking
from zeeguu_gamify.leaderboards.sorted_sets import member, set_of
from zeeguu_gamify.leaderboards.upkeep import Found, Users
from zeeguu_gamify.models import Period
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.testing import frozen, prepare

MEMBERS = 1_000_000
NOW = datetime(2026, 11, 20, 12)
WEEK = Key("exp", Period.WEEK, datetime(2026, 11, 16).date())
#: Of these places the neighbours and the rank are asked.
PLACES = {"at the top": 1, "at place 10 000": 10_000, "in the middle": MEMBERS // 2}
#: Whose entries are summed anew, and how many each has.
EARNERS, ENTRIES = 5_000, 20

SCORES = """
INSERT INTO board_score (board, period, starts, language_id, user_id, score, listed)
SELECT 'exp', 'WEEK', '2026-11-16', 0, seq, 1 + CRC32(seq) % 50000, 1 FROM seq_1_to_{members}
"""
LEDGER = """
INSERT INTO ledger_entry (user_id, asset, amount, at, reason, local_date, language_id)
SELECT user.seq, 'EXP', 5, '2026-11-16 12:00:00', 'bench',
    '2026-11-16' - INTERVAL entry.seq % 10 DAY, entry.seq % 2
FROM seq_1_to_{earners} AS user, seq_1_to_{entries} AS entry
"""


class Base(DeclarativeBase):
    """The host's tables."""


class User(Base):
    """A learner."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)


def run() -> list[str]:
    """The tables of this benchmark."""
    with world() as mount, Session(mount.db.engine) as session, frozen(NOW):
        link = mount.redis
        assert link is not None
        seconds, copied = timed(upkeep.make_copy(mount, link, WEEK))
        lines = [
            "Making copies and scores anew (MariaDB and Redis in memory)",
            f"  a copy in Redis: {MEMBERS} of board_score in {seconds:.1f} s"
            f" = {copied / seconds:,.0f}/s",
        ]
        session.connection()
        rankings: dict[str, Ranking] = {"SQL": SqlRanking(session), "Redis": RedisRanking(link)}
        lines += ["", *top(link, rankings)]
        for name, place in PLACES.items():
            lines += ["", *at(link, rankings, name, place)]
        session.rollback()
        return [*lines[:2], *ledger(mount), *lines[2:]]


def top(link: Any, rankings: dict[str, Ranking]) -> list[str]:
    """The first hundred."""
    limit, board = "bare ZREVRANGE 0 99 WITHSCORES", set_of(WEEK)
    redis = link.client(1.0)
    contenders: dict[str, Any] = {limit: lambda: redis.zrevrange(board, 0, 99, withscores=True)}
    for name, ranking in rankings.items():
        contenders[f"top 100, {name}"] = lambda ranking=ranking: ranking.top(WEEK, 100)
    return report(f"The top 100 of {MEMBERS}", limit, rates(contenders))


def at(link: Any, rankings: dict[str, Ranking], name: str, place: int) -> list[str]:
    """The rank and the neighbours of whoever stands at that place."""
    limit, board, redis = "bare ZREVRANK", set_of(WEEK), link.client(1.0)
    user_id = int(redis.zrevrange(board, place - 1, place - 1)[0])
    contenders: dict[str, Any] = {limit: lambda: redis.zrevrank(board, member(user_id))}
    for kind, ranking in rankings.items():
        contenders[f"rank, {kind}"] = lambda ranking=ranking: ranking.rank(WEEK, user_id)
        contenders[f"12 on each side, {kind}"] = lambda ranking=ranking: ranking.around(
            WEEK, user_id, 12
        )
    return report(f"A user {name} of {MEMBERS}", limit, rates(contenders))


def ledger(mount: Mount) -> list[str]:
    """How quickly scores are summed anew, and checked."""
    users = Users(1, EARNERS)
    made, _ = timed(upkeep.scores_by_ledger(mount, users, mend=True))
    checked, _ = timed(upkeep.scores_by_ledger(mount, users, mend=False))
    entries = EARNERS * ENTRIES
    return [
        f"  scores from {entries} entries: {made:.1f} s = {entries / made:,.0f} entries/s;"
        f" only compared: {entries / checked:,.0f}/s"
    ]


def timed(steps: Iterator[Found]) -> tuple[float, int]:
    """Seconds that the steps took, and how much they looked at."""
    start = time.perf_counter()
    looked_at = sum(step.looked_at for step in steps)
    return time.perf_counter() - start, looked_at


@contextmanager
def world() -> Iterator[Mount]:
    """A million users with a score each."""
    with mariadb_server() as server, redis_server() as redis:
        app = Flask("bench")
        app.config["SQLALCHEMY_DATABASE_URI"] = server.new_database()
        app.config["GAMIFY_REDIS_URL"] = redis.url()
        app.config["GAMIFY_REDIS_TIMEOUT"] = 5.0
        db = SQLAlchemy(app, metadata=Base.metadata)
        Gamify(app, db)
        with app.app_context():
            db.create_all()
            prepare(app)
            with db.engine.begin() as connection:
                sizes = {"members": MEMBERS, "earners": EARNERS, "entries": ENTRIES}
                users = "INSERT INTO user (id) SELECT seq FROM seq_1_to_{members}"
                for statement in (users, SCORES, LEDGER):
                    connection.execute(text(statement.format(**sizes)))
                connection.execute(text("ANALYZE TABLE board_score"))
            yield current_mount()
            db.session.remove()
            db.engine.dispose()
