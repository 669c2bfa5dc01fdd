"""A host with languages, for the tests of streaks: learners who practise, and what is then there.

What the tests look at is read through a connection of its own, so it is what was committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import time_machine
from blinker import signal
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, ForeignKey, Row, String, event, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests import copies
from tests.sql_rules import check_executed
from zeeguu_gamify import Gamify, clock, practice
from zeeguu_gamify.events import EventType, Outcome
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import (
    Badge,
    BadgeCategory,
    Friendship,
    PracticeDay,
    Streak,
    StreakBridge,
    UserBadge,
    UserBadgeProgress,
    UserProfile,
)
from zeeguu_gamify.mount import Mount, mount_of
from zeeguu_gamify.streaks import pairs
from zeeguu_gamify.streaks.bridges import give_freezes
from zeeguu_gamify.testing import prepare

GERMAN, DANISH = 1, 2


class HostBase(DeclarativeBase):
    """The host's own models."""


class Language(HostBase):
    """A language."""

    __tablename__ = "language"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(50))


class User(HostBase):
    """Somebody who learns."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50))
    timezone: Mapped[str | None] = mapped_column(String(64))
    learned_language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))
    native_language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))


class UserLanguage(HostBase):
    """A language that somebody studies; nothing keeps it from being there twice."""

    __tablename__ = "user_language"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("language.id"))
    last_practiced: Mapped[datetime | None]
    daily_streak: Mapped[int] = mapped_column(default=0)
    max_streak: Mapped[int] = mapped_column(default=0)
    max_streak_date: Mapped[datetime | None]


class Learners:
    """The host with Gamify mounted, and its learners."""

    def __init__(
        self, url: str, *, prepared: bool = True, events: Iterable[EventType] = (), **config: Any
    ) -> None:
        """`config`: our settings; `prepared`: make all tables, else another process has."""
        self.url = url
        self.app = Flask("learners")
        self.app.config |= {"SQLALCHEMY_DATABASE_URI": url, **config}
        self.db = SQLAlchemy(metadata=HostBase.metadata)
        self.db.init_app(self.app)
        Gamify(self.app, self.db, events=events)
        self._context = self.app.app_context()
        self._context.push()
        event.listen(self.engine, "before_cursor_execute", check_executed)
        if prepared:
            copies.fill(self.mount, "learners", self._make)

    def _make(self) -> None:
        self.db.create_all()
        with self.engine.begin() as connection:
            names = [(GERMAN, "de", "German"), (DANISH, "da", "Danish")]
            rows = [{"id": id_, "code": code, "name": name} for id_, code, name in names]
            connection.execute(insert(Language), rows)
        prepare(self.app)

    def close(self) -> None:
        """Give back every connection."""
        self.db.session.remove()
        self.engine.dispose()
        self._context.pop()

    @property
    def engine(self) -> Engine:
        """The host's engine."""
        return self.db.engine

    @property
    def mount(self) -> Mount:
        """What Gamify keeps of the host."""
        mount = mount_of(self.app)
        assert mount is not None
        return mount

    def learner(self, zone: str | None = "UTC") -> int:
        """A new user's id."""
        row = {"username": "somebody", "timezone": zone, "learned_language_id": GERMAN}
        return self.add(User, row)

    def study(self, user_id: int, language_id: int = GERMAN, **columns: Any) -> int:
        """The user studies a language; the id of the row."""
        row = {"user_id": user_id, "language_id": language_id, "daily_streak": 0, "max_streak": 0}
        return self.add(UserLanguage, row | columns)

    def studying(self, zone: str | None = "UTC") -> int:
        """A new user who studies German and Danish."""
        user_id = self.learner(zone)
        self.study(user_id, GERMAN)
        self.study(user_id, DANISH)
        return user_id

    def befriend(self, one: int, other: int, since: datetime) -> int:
        """Make the two friends, as accepting does; the id of the friendship."""
        low, high = sorted((one, other))
        row = {"user_a_id": low, "user_b_id": high, "created_at": since, "max_friend_streak": 0}
        friendship_id = self.add(Friendship, row)
        with self.transaction() as session:
            pairs.start(session, self.mount, friendship_id)
        return friendship_id

    def practise(
        self,
        user_id: int,
        *instants: datetime,
        language_id: int | None = GERMAN,
        zone: str | None = None,
    ) -> Outcome:
        """Practise at each of the instants (UTC), each at its time."""
        for at in instants:
            with at_time(at), self.transaction() as session:
                outcome = practice(session, user_id, language_id, zone=zone)
        return outcome

    def give(self, user_id: int, freezes: int, at: datetime) -> None:
        """Give freezes at `at` (UTC)."""
        with at_time(at), self.transaction() as session:
            give_freezes(session, user_id, freezes, "a present")

    def run(self, *names: str, at: datetime) -> str:
        """Run jobs, all unless some are named, at `at` (UTC); what the last one did."""
        self.mount.forget()
        with at_time(at):
            for name in names or [job.name for job in schedule.JOBS]:
                period = schedule.period_of(at)
                done = runner.run(self.mount, schedule.job_called(name), period, period.isoformat())
        return done.summary if done else "not mine"

    def cli(self, *command: str, at: datetime | None = None, fails: bool = False) -> str:
        """What `flask gamify …` prints."""
        with at_time(at) if at else at_time(None):
            result = self.app.test_cli_runner().invoke(args=["gamify", *command])
        assert bool(result.exit_code) is fails, result.output
        return str(result.output)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction of the host, committed at its end."""
        with Session(self.engine) as session:
            yield session
            session.commit()

    def daily(self, user_id: int) -> dict[int, int]:
        """Language → `daily_streak` as the host's readers find it."""
        found = self.rows(select(UserLanguage).where(UserLanguage.user_id == user_id))
        return {row.language_id: row.daily_streak for row in found}

    def gauge(self, user_id: int) -> int | None:
        """The stored value of STREAK_DAYS."""
        wanted = (
            select(UserBadgeProgress.value)
            .join(BadgeCategory, BadgeCategory.id == UserBadgeProgress.badge_category_id)
            .where(UserBadgeProgress.user_id == user_id, BadgeCategory.metric == "STREAK_DAYS")
        )
        found = self.rows(wanted)
        return found[0].value if found else None

    def badges(self, user_id: int) -> list[str]:
        """The codes of the badges that the user holds."""
        held = select(Badge.code).join(UserBadge, UserBadge.badge_id == Badge.id)
        return sorted(row.code for row in self.rows(held.where(UserBadge.user_id == user_id)))

    def streak(self, user_id: int, language_id: int = 0) -> Row[Any]:
        """The streak row."""
        table = Streak.__table__
        mine = (table.c.user_id == user_id, table.c.language_id == language_id)
        return self.rows(select(table).where(*mine))[0]

    def bridges(self, user_id: int) -> dict[date, str]:
        """Bridged date → why."""
        found = self.rows(select(StreakBridge.__table__).where(StreakBridge.user_id == user_id))
        return {row.local_date: row.kind.value.lower() for row in found}

    def freezes(self, user_id: int) -> int:
        """How many freezes the user has."""
        found = self.rows(select(UserProfile.freezes).where(UserProfile.user_id == user_id))
        return found[0].freezes if found else 0

    def days(self, user_id: int, language_id: int = GERMAN) -> list[tuple[date, str]]:
        """The practice days of a language, and where they come from."""
        wanted = select(PracticeDay.local_date, PracticeDay.source).where(
            PracticeDay.user_id == user_id, PracticeDay.language_id == language_id
        )
        return [(row.local_date, row.source) for row in self.rows(wanted)]

    def friendship(self, friendship_id: int) -> Row[Any]:
        """The row of a friendship."""
        return self.rows(select(Friendship.__table__).where(Friendship.id == friendship_id))[0]

    def everything(self) -> dict[str, list[Any]]:
        """All rows of all tables that streaks move, without the instants of bookkeeping."""
        tables = {
            "user_language": "user_id, language_id, daily_streak, max_streak, last_practiced",
            "streak": "user_id, language_id, current, started, last_date, covered_to, bridged,"
            " longest",
            "streak_bridge": "user_id, local_date, kind",
            "user_profile": "user_id, freezes",
            "friendship": "user_a_id, user_b_id, friend_streak, friend_streak_date,"
            " max_friend_streak, a_from, a_last, b_from, b_last",
            "user_badge_progress": "user_id, badge_category_id, value",
        }
        return {
            table: sorted(
                tuple(map(str, row)) for row in self.rows(text(f"SELECT {columns} FROM {table}"))
            )
            for table, columns in tables.items()
        }

    def rows(self, statement: Any) -> list[Row[Any]]:
        """What a statement finds."""
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def change(self, statement: Any, *values: Any) -> None:
        """Let somebody else change the database."""
        with self.engine.begin() as connection:
            connection.execute(statement, *values)

    def add(self, model: Any, row: dict[str, Any]) -> int:
        """Insert a row; its id."""
        with self.engine.begin() as connection:
            return int(connection.execute(insert(model), row).lastrowid)


def counts_itself(
    learners: Learners, user_id: int, at: datetime, language: int = GERMAN, *, off: int = 0
) -> None:
    """The host's own code lets a streak go on, in the first of doubled rows (docs/contract.md §5).

    off: by how much it counts wrong.
    """
    with at_time(at), learners.transaction() as session:
        zone = learners.mount.host.zone_name(session, user_id)
        row = session.scalars(
            select(UserLanguage)
            .where(UserLanguage.user_id == user_id, UserLanguage.language_id == language)
            .order_by(UserLanguage.id)
        ).first()
        assert row is not None
        today = clock.local_date(at, zone)
        last = row.last_practiced and clock.local_date(row.last_practiced, zone)
        if last is None or last < today:
            row.daily_streak = (
                row.daily_streak + 1 if last == today - timedelta(days=1) else 1
            ) + off
            row.last_practiced = at
            if row.daily_streak > row.max_streak:
                row.max_streak, row.max_streak_date = row.daily_streak, at
            session.flush()
            signal("streak_changed").send(None, user_id=user_id, db_session=session)


@contextmanager
def at_time(at: datetime | None) -> Iterator[None]:
    """Let `at` (UTC) be the present; None leaves it as it is."""
    if at is None:
        yield
        return
    with time_machine.travel(at.isoformat() + "Z", tick=False):
        yield


#: Makes a host with settings of ours; it is closed after the test.
NewLearners = Callable[..., Learners]
