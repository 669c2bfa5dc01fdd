"""Resetting broken streaks by the job, against one bare UPDATE that joins the zones."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from zoneinfo import available_timezones

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.servers import mariadb_server
from zeeguu_gamify import Gamify, settings
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.streaks.zones import Zones
from zeeguu_gamify.testing import prepare

ROWS, ZONES, ROUNDS = 1_000_000, 500, 5
#: Of so many streaks one breaks at a time.
BROKEN_ONE_OF = 50
AT = datetime(2026, 3, 4, 12)

BARE = """
UPDATE user_language AS studied
INNER JOIN user ON user.id = studied.user_id
INNER JOIN gamify_zone_0 AS zone ON zone.name = user.timezone
SET studied.daily_streak = 0
WHERE studied.daily_streak > 0 AND studied.last_practiced < zone.cutoff_at
"""
BARE_WITH_BRIDGES = """
UPDATE user_language AS studied
INNER JOIN user ON user.id = studied.user_id
INNER JOIN gamify_zone_0 AS zone ON zone.name = user.timezone
LEFT JOIN streak
    ON streak.user_id = studied.user_id AND streak.language_id = studied.language_id
SET studied.daily_streak = 0
WHERE studied.daily_streak > 0
    AND COALESCE(streak.covered_to < zone.cutoff, studied.last_practiced < zone.cutoff_at)
"""


class Base(DeclarativeBase):
    """The host's tables."""


class Language(Base):
    """A language."""

    __tablename__ = "language"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(50))


class User(Base):
    """A learner."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    timezone: Mapped[str | None] = mapped_column(String(64))
    learned_language_id: Mapped[int | None]
    native_language_id: Mapped[int | None]


class UserLanguage(Base):
    """A language of a learner."""

    __tablename__ = "user_language"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("language.id"))
    last_practiced: Mapped[datetime | None]
    daily_streak: Mapped[int] = mapped_column(default=0)
    max_streak: Mapped[int] = mapped_column(default=0)
    max_streak_date: Mapped[datetime | None]


def run() -> list[str]:
    """The table of this benchmark."""
    with _host() as db:
        _fill(db)
        settings.write(db.session(), settings.STREAKS_OPENED, "now")
        db.session.commit()
        contenders = {
            "bare UPDATE, by last_practiced": lambda: _bare(db, BARE),
            "bare UPDATE, by our streaks": lambda: _bare(db, BARE_WITH_BRIDGES),
            "the job, in batches, fenced": _job("streak_reset"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, work in contenders.items():
                _arm(db)
                seconds[name].append(_time(work))
        gauges = _time(_job("streak_gauges"))
        memory = [_peak(partial(_until, rows)) for rows in (ROWS // 10, ROWS)]
    best = {name: statistics.median(times) for name, times in seconds.items()}
    limit = next(iter(best.values()))
    return [
        f"Streak reset, {ROWS:,} rows of user_language in {ZONES} zones, {ROWS // BROKEN_ONE_OF:,}"
        " broken (MariaDB, durable disk)",
        *(f"  {name:<46} {taken:>8.2f} s  {taken / limit:.2f}" for name, taken in best.items()),
        f"  {'(the gauges, a job of their own)':<46} {gauges:>8.2f} s",
        f"  memory at its peak: {memory[0]:.1f} MB for a tenth of the rows, {memory[1]:.1f} MB"
        " for all",
    ]


@contextmanager
def _host() -> Iterator[SQLAlchemy]:
    with mariadb_server(durable=True) as server:
        app = Flask("bench")
        app.config["SQLALCHEMY_DATABASE_URI"] = server.new_database()
        db = SQLAlchemy(app, model_class=Base)
        Gamify(app, db)
        with app.app_context():
            db.create_all()
            prepare(app)
            yield db
            db.session.remove()
            db.engine.dispose()


def _fill(db: SQLAlchemy) -> None:
    """Two languages a learner; each streak was alive until yesterday."""
    zones = sorted(available_timezones())[:ZONES]
    digits = " CROSS JOIN ".join(
        f"(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"
        f" UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS t{place}"
        for place in range(6)
    )
    number = "+".join(f"t{place}.d*{10**place}" for place in range(6))
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE zone_number (n INT PRIMARY KEY, name VARCHAR(64))"))
        connection.execute(
            text("INSERT INTO zone_number VALUES (:n, :name)"),
            [{"n": n, "name": name} for n, name in enumerate(zones)],
        )
        connection.execute(text("INSERT INTO language VALUES (1,'de','German'), (2,'da','Danish')"))
        connection.execute(
            text(
                "INSERT INTO user (id, timezone) SELECT 1 + n.n, z.name FROM"
                f" (SELECT {number} AS n FROM {digits}) AS n"
                f" JOIN zone_number z ON z.n = n.n % {ZONES} WHERE n.n < {ROWS // 2}"
            )
        )
        for language in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO user_language (user_id, language_id, daily_streak, max_streak)"
                    f" SELECT id, {language}, 5, 5 FROM user"
                )
            )
        for language in (0, 1, 2):
            connection.execute(
                text(
                    "INSERT INTO streak (user_id, language_id, current, started, last_date,"
                    f" covered_to, zone, longest) SELECT id, {language}, 5, :day, :day, :day,"
                    " timezone, 5 FROM user"
                ),
                {"day": AT.date()},
            )
        connection.execute(
            text(
                "INSERT INTO user_badge_progress (user_id, badge_category_id, value)"
                " SELECT user.id, c.id, 5 FROM user"
                " JOIN badge_category c ON c.metric = 'STREAK_DAYS'"
            )
        )
        connection.execute(text("ANALYZE TABLE user, user_language, streak, user_badge_progress"))


def _arm(db: SQLAlchemy) -> None:
    """Half practised today, the others yesterday; some break anew."""
    broken = f"id % {BROKEN_ONE_OF} = 0"
    days = {"at": AT - timedelta(hours=1), "before": AT - timedelta(hours=20)}
    old = AT - timedelta(days=9)
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE user_language SET daily_streak = 5,"
                " last_practiced = CASE WHEN id % 2 THEN :at ELSE :before END"
            ),
            days,
        )
        connection.execute(
            text(f"UPDATE user_language SET last_practiced = :at WHERE {broken}"), {"at": old}
        )
        connection.execute(
            text(
                "UPDATE streak JOIN user_language USING (user_id, language_id)"
                f" SET covered_to = :day WHERE user_language.{broken}"
            ),
            {"day": old.date()},
        )


def _bare(db: SQLAlchemy, statement: str) -> None:
    with db.engine.connect() as connection:
        Zones(connection, current_mount(), AT)
        connection.commit()
        connection.execute(text(statement))
        connection.commit()
        connection.invalidate()


_periods = count()


def _job(name: str) -> Callable[[], Any]:
    job = schedule.job_called(name)
    return lambda: runner.run(current_mount(), job, AT, period=f"round {next(_periods)}")


def _until(rows: int) -> Any:
    """The job, ended when it has seen so many rows."""
    seen = 0

    def note(cursor: int) -> None:
        nonlocal seen
        seen = cursor

    job = schedule.job_called("streak_reset")
    period = f"round {next(_periods)}"
    return runner.run(current_mount(), job, AT, period, note, lambda: seen >= rows)


def _time(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak(work: Callable[[], Any]) -> float:
    """Megabytes that Python had allocated at most meanwhile."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6
