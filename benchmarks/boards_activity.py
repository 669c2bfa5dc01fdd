"""A week's board of 51 people with years of history, against production's aggregate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.measure import rates, report
from tests.servers import mariadb_server
from zeeguu_gamify import Gamify
from zeeguu_gamify.friends import people
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.leaderboards import activity
from zeeguu_gamify.leaderboards.activity_members import friends_as_of
from zeeguu_gamify.leaderboards.activity_span import Span
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.testing import frozen, prepare

PEOPLE, SESSIONS = 51, 9_800
#: A Friday noon; the week began on Monday.
NOW = datetime(2026, 11, 20, 12)
MONDAY = datetime(2026, 11, 16)
APART = timedelta(hours=3)  #: from one session of a person to the next: 3.4 years in all
THIS_WEEK = Span(MONDAY, MONDAY + timedelta(days=7, seconds=-1))
YEAR = Span(MONDAY - timedelta(days=365), NOW)
LAST_MONTH = Span(MONDAY - timedelta(days=35), MONDAY - timedelta(days=28, seconds=1))

#: What production's ORM sends, over a copy of the rows that has the keys which production has.
PRODUCTION = """
SELECT user.id, user.username, user.name, user_avatar.image_name, user_avatar.character_color,
    user_avatar.background_color, COALESCE(SUM(s.duration), 0) AS value
FROM user
JOIN (
    SELECT 1 AS id
    UNION SELECT user_b_id FROM friendship WHERE user_a_id = 1 AND created_at <= %(last)s
        AND (deleted_at IS NULL OR deleted_at >= %(last)s)
    UNION SELECT user_a_id FROM friendship WHERE user_b_id = 1 AND created_at <= %(last)s
        AND (deleted_at IS NULL OR deleted_at >= %(last)s)
) AS friend ON friend.id = user.id
LEFT JOIN user_avatar ON user_avatar.user_id = user.id
LEFT JOIN {sessions} AS s
    ON s.user_id = user.id AND s.start_time >= %(first)s AND s.start_time <= %(last)s
GROUP BY user.id
ORDER BY value DESC, user.id
"""


class Base(DeclarativeBase):
    """The host's tables."""


class User(Base):
    """A learner."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(50), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))


class _Session:
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    start_time: Mapped[datetime]
    duration: Mapped[int]
    last_action_time: Mapped[datetime]


class UserExerciseSession(_Session, Base):
    """Solving exercises."""

    __tablename__ = "user_exercise_session"


class UserReadingSession(_Session, Base):
    """Reading."""

    __tablename__ = "user_reading_session"


class ProductionsSession(_Session, Base):
    """The same rows in a table that none of our files has touched."""

    __tablename__ = "productions_session"


class CoveredSession(_Session, Base):
    """The same with an index that has all that the aggregate reads."""

    __tablename__ = "covered_session"


class UserListeningSession(_Session, Base):
    """Hearing lessons."""

    __tablename__ = "user_listening_session"


class UserArticle(Base):
    """An article read."""

    __tablename__ = "user_article"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    completed_at: Mapped[datetime | None]


class UserWord(Base):
    """A word."""

    __tablename__ = "user_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class ExerciseOutcome(Base):
    """How it went."""

    __tablename__ = "exercise_outcome"

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(255))


class Exercise(Base):
    """An exercise done."""

    __tablename__ = "exercise"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_word_id: Mapped[int] = mapped_column(ForeignKey("user_word.id"))
    outcome_id: Mapped[int] = mapped_column(ForeignKey("exercise_outcome.id"))
    time: Mapped[datetime]


def run() -> list[str]:
    """The table of this benchmark."""
    with _host() as db:
        _fill(db)
        production = "production's aggregate, its own keys"
        contenders = {
            production: lambda: _production(db, "productions_session"),
            "the same with a covering index": lambda: _production(db, "covered_session"),
            "ours before the first roll-up": lambda: _ours(db, THIS_WEEK),
            "ours before the first roll-up, a year": lambda: _ours(db, YEAR),
        }
        assert _ours(db, THIS_WEEK) == _production(db, "productions_session")
        found = rates(contenders)
        took = [_roll_up(NOW), _roll_up(NOW + timedelta(days=1))]
        assert _ours(db, THIS_WEEK) == _production(db, "productions_session")
        contenders = {
            production: contenders[production],
            "ours, the week under way": lambda: _ours(db, THIS_WEEK),
            "ours, a week of last month": lambda: _ours(db, LAST_MONTH),
            "ours, a year": lambda: _ours(db, YEAR),
        }
        rolled = rates(contenders)
    found |= {name: rate / rolled[production] * found[production] for name, rate in rolled.items()}
    title = f"A week's board, {PEOPLE} people with {SESSIONS:,} sessions each"
    return [
        *report(title, production, found),
        f"  {production}: {1000 / found[production]:.0f} ms a board",
        f"  the job over all rows, first {took[0]:.1f} s, each night {took[1]:.1f} s",
    ]


@contextmanager
def _host() -> Iterator[SQLAlchemy]:
    with mariadb_server(durable=True) as server:
        app = Flask("bench")
        app.config |= {"SQLALCHEMY_DATABASE_URI": server.new_database(), "GAMIFY_PUBLISHER": False}
        db = SQLAlchemy(app, model_class=Base)
        Gamify(app, db)
        with app.app_context():
            db.create_all()
            prepare(app)
            yield db
            db.session.remove()
            db.engine.dispose()


def _fill(db: SQLAlchemy) -> None:
    """User 1 is friends with all others; everybody has a session each three hours until now."""
    numbers = f"seq_0_to_{SESSIONS - 1}"
    values = {"now": NOW, "apart": int(APART.total_seconds()), "then": NOW - timedelta(days=2000)}
    with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO user (id, username, name)"
            f" SELECT seq, CONCAT('u', seq), CONCAT('User ', seq) FROM seq_1_to_{PEOPLE}",
            "INSERT INTO friendship (user_a_id, user_b_id, created_at)"
            " SELECT 1, id, :then FROM user WHERE id > 1",
            "INSERT INTO user_avatar (user_id, image_name) SELECT id, 'owl' FROM user",
            "INSERT INTO user_reading_session (user_id, start_time, duration, last_action_time)"
            " SELECT user.id, :now - INTERVAL (seq * :apart + user.id * 60) SECOND,"
            f" 60000 + seq % 977 * 1000, :now FROM {numbers} JOIN user ORDER BY seq DESC, user.id",
        ):
            connection.execute(text(statement), values)
        for table in ("productions_session", "covered_session"):
            connection.execute(text(f"INSERT INTO {table} SELECT * FROM user_reading_session"))
        covering = "ALTER TABLE covered_session ADD INDEX c (user_id, start_time, duration)"
        connection.execute(text(covering))
        connection.execute(
            text("ANALYZE TABLE user_reading_session, productions_session, covered_session")
        )


def _production(db: SQLAlchemy, sessions: str) -> list[tuple[int, int]]:
    values = {"first": THIS_WEEK.first, "last": THIS_WEEK.last}
    with db.engine.connect() as connection:
        sql = PRODUCTION.format(sessions=sessions)
        return [(row.id, int(row.value)) for row in connection.exec_driver_sql(sql, values)]


def _ours(db: SQLAlchemy, span: Span) -> list[tuple[int, int]]:
    mount = current_mount()
    members = people.cards(mount, friends_as_of(1, span.last))
    metric = activity.metric_called("reading_time")
    board = activity.board(db.session(), mount, members, metric, span)
    db.session.rollback()
    return [(row.id, value) for row, value in board]


def _roll_up(at: datetime) -> float:
    start = time.perf_counter()
    job: Any = schedule.job_called("activity_rollup")
    with frozen(at):
        assert runner.run(current_mount(), job, at, at.isoformat())
    return time.perf_counter() - start
