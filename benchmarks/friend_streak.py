"""A first practice of a day with fifty friends, and its friend-streak step, against bare SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.measure import rates, report
from tests.integration.learners import GERMAN, HostBase, Language, User, UserLanguage
from tests.servers import mariadb_server
from zeeguu_gamify import Gamify, clock, practice
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.streaks import pairs, rows
from zeeguu_gamify.testing import prepare, statements

FRIENDS = 50
#: The learner has as many friends with a smaller id as with a larger one.
LEARNER = FRIENDS // 2 + 1
FIRST, LAST = date(1990, 1, 1), date(9000, 1, 1)
START = datetime(2000, 1, 1, 12)
BARE = (
    "UPDATE friendship SET friend_streak = friend_streak + 1, friend_streak_date = %s "
    "WHERE (user_a_id = %s OR user_b_id = %s) AND active = 1"
)
LIMIT = f"bare cursor: one set UPDATE of {FRIENDS} friendships"


class Calendar:
    """A clock whose every look at `next_day` is another day."""

    def __init__(self) -> None:
        """Begin with the first day."""
        self._days = count()
        self.now = START

    def next_day(self) -> datetime:
        """The noon of a new day."""
        self.now = START + timedelta(days=next(self._days))
        return self.now


def run() -> list[str]:
    """The table of this benchmark."""
    calendar = Calendar()
    with patch.object(clock, "now", lambda: calendar.now), host() as (_app, db):
        session, driver = db.session(), db.engine.raw_connection()
        practice(session, LEARNER, at=calendar.next_day())
        session.commit()
        current_mount().refresh(session)
        cursor: Any = driver.cursor()

        def bare() -> None:
            cursor.execute(BARE, (calendar.next_day().date(), LEARNER, LEARNER))
            driver.commit()

        def step() -> None:
            at = calendar.next_day()
            pairs.move(session, LEARNER, overall, at.date(), at)
            session.commit()

        def whole() -> None:
            calendar.next_day()
            practice(session, LEARNER)
            session.commit()

        def again() -> None:
            practice(session, LEARNER)
            session.commit()

        overall = rows.locked(session, LEARNER)[0]
        session.commit()
        with statements(db.engine) as ran:
            whole()
        found = rates(
            {
                LIMIT: bare,
                "the friend-streak step, two UPDATEs": step,
                "the first practice of a day, all of it": whole,
                "a second practice of a day": again,
            }
        )
        driver.close()
    lines = report(
        f"A practice with {FRIENDS} friends + commit (MariaDB, durable disk)", LIMIT, found
    )
    times = ", ".join(f"{1000 / rate:.2f} ms" for rate in found.values())
    return [*lines, f"  {times}; {len(ran)} statements for the first practice of a day"]


@contextmanager
def host() -> Iterator[tuple[Flask, SQLAlchemy]]:
    """A learner and friends who have practised, and will have, on every day."""
    with mariadb_server(durable=True) as server:
        app = Flask("bench")
        app.config["SQLALCHEMY_DATABASE_URI"] = server.new_database()
        db = SQLAlchemy(app, metadata=HostBase.metadata)
        Gamify(app, db)
        with app.app_context():
            db.create_all()
            prepare(app)
            settle(db.session())
            yield app, db
            db.session.remove()
            db.engine.dispose()


def settle(session: Session) -> None:
    """The learner, the friends, and what they share."""
    session.execute(insert(Language), {"id": GERMAN, "code": "de", "name": "German"})
    users = {"username": "somebody", "timezone": "Europe/Berlin", "learned_language_id": GERMAN}
    session.execute(insert(User), [{"id": number + 1, **users} for number in range(FRIENDS + 1)])
    session.execute(
        insert(UserLanguage),
        {"user_id": LEARNER, "language_id": GERMAN, "daily_streak": 0, "max_streak": 0},
    )
    for friend in range(1, FRIENDS + 2):
        if friend != LEARNER:
            low, high = sorted((friend, LEARNER))
            side = "a" if friend == low else "b"
            shared = {f"{side}_from": FIRST, f"{side}_last": LAST}
            pair = {"user_a_id": low, "user_b_id": high, "created_at": START}
            session.execute(insert(Friendship), {**pair, **shared})
    session.commit()
