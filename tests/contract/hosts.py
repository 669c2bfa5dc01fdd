"""A small host shaped like Zeeguu, with people in it, for the tests of what clients see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.orm import mapped_column

from tests import copies
from zeeguu_gamify import Gamify
from zeeguu_gamify.models import (
    CATALOG_VERSION,
    Badge,
    BadgeCategory,
    Friendship,
    Setting,
    UserBadge,
    UserBadgeProgress,
)
from zeeguu_gamify.mount import Mount, mount_of
from zeeguu_gamify.testing import SessionClient, prepare

#: When all of these tests play; every session was used just then.
NOW = datetime(2026, 11, 20, 12, 0)
LONG_AGO = datetime(2025, 1, 1)


class Person(SessionClient):
    """A user of the host, logged in."""

    def __init__(self, app: Flask, user_id: int, username: str) -> None:
        super().__init__(app, f"uuid-of-{username.lower()}")
        self.id = user_id
        self.username = username


class World:
    """A host with Gamify mounted, on a database of its own."""

    def __init__(
        self,
        url: str,
        *,
        answers: bool = True,
        prepared: bool = True,
        languages: bool = False,
        roles: bool = False,
        config: Mapping[str, Any] | None = None,
        **overrides: Any,
    ) -> None:
        """`answers`: there is such a database; `prepared`: with our tables, too.

        `languages`: its users learn languages, in classes, too, and what they do is kept.
        `roles`: some of them may be admins.
        `config` is the app's, `overrides` are Gamify's.
        """
        self.app = Flask("host")
        self.app.config |= {"SQLALCHEMY_DATABASE_URI": url, **(config or {})}
        self.db, self.tables = zeeguu_tables(languages, roles)
        self.db.init_app(self.app)
        self.gamify = Gamify(self.app, self.db, **overrides)
        if answers:
            with self.app.app_context():
                kind = ("world", prepared, languages, roles)
                copies.fill(self.mount, kind, partial(self._make, prepared))

    def _make(self, prepared: bool) -> None:
        self.db.create_all()
        if prepared:
            prepare(self.app)

    @property
    def mount(self) -> Mount:
        """What Gamify keeps of this host."""
        mount = mount_of(self.app)
        assert mount is not None
        return mount

    def close(self) -> None:
        """Give the connections back."""
        with self.app.app_context():
            self.db.engine.dispose()

    def person(self, username: str, **columns: Any) -> Person:
        """A new user with a session; `columns` are those of the host's user."""
        values = {
            "username": username,
            "name": username.title(),
            "email": f"{username.lower()}@example.org",
            "created_at": LONG_AGO,
            "email_verified": True,
        }
        user_id = self.add(self.tables["user"], values | columns)
        person = Person(self.app, user_id, username)
        self.add(self.tables["session"], {"user_id": user_id, "uuid": person.uuid, "last_use": NOW})
        return person

    def befriend(self, one: Person, other: Person, *, ended: bool = False) -> None:
        """Make the two friends; `ended`: they were, once."""
        low, high = sorted((one.id, other.id))
        row = {"user_a_id": low, "user_b_id": high, "created_at": LONG_AGO}
        self.add(Friendship.__table__, row | {"deleted_at": NOW if ended else None})

    def hold(self, person: Person, code: str, at: datetime | None = NOW, **columns: Any) -> None:
        """Let `person` hold the badge `code` since `at`, not seen yet."""
        row = {"user_id": person.id, "badge_id": self.badge_id(code), "achieved_at": at}
        self.add(UserBadge.__table__, row | columns)

    def progress(self, person: Person, metric: str, value: int) -> None:
        """Let `metric` of `person` stand at `value`."""
        family = select(BadgeCategory.id).where(BadgeCategory.metric == metric)
        row = {"user_id": person.id, "badge_category_id": self.scalar(family), "value": value}
        self.add(UserBadgeProgress.__table__, row | {"updated_at": NOW})

    def change_badge(self, code: str, **columns: Any) -> None:
        """Change the row of a badge, as another process would, and let this one notice."""
        setting = Setting.name == CATALOG_VERSION
        version = int(self.scalar(select(Setting.value).where(setting))) + 1
        with self.app.app_context(), self.db.engine.begin() as connection:
            connection.execute(update(Badge).where(Badge.code == code).values(columns))
            connection.execute(update(Setting).where(setting).values(value=str(version)))
        self.mount.forget()

    def badge_id(self, code: str) -> int:
        """The id of the badge `code`."""
        return int(self.scalar(select(Badge.id).where(Badge.code == code)))

    def add(self, table: Any, row: dict[str, Any]) -> int:
        """Insert a row; its id."""
        with self.app.app_context(), self.db.engine.begin() as connection:
            return int(connection.execute(insert(table), row).lastrowid)

    def scalar(self, statement: Any) -> Any:
        """The one value that `statement` finds, by a connection of its own."""
        with self.app.app_context(), self.db.engine.connect() as connection:
            return connection.execute(statement).scalar()


@cache
def zeeguu_tables(languages: bool, roles: bool) -> tuple[SQLAlchemy, dict[str, Table]]:
    """The host's own tables, as far as sessions, names and perhaps languages need them.

    Each kind of world has a base class of its own, made at run time, which mypy cannot follow:
    hence what it is told to ignore below.
    """
    db = SQLAlchemy()

    class User(db.Model):  # type: ignore[name-defined,misc]
        id = mapped_column(Integer, primary_key=True)
        username = mapped_column(String(50), unique=True)
        name = mapped_column(String(255))
        email = mapped_column(String(255))
        email_verified = mapped_column(Boolean)
        created_at = mapped_column(DateTime)
        timezone = mapped_column(String(64))

    class LoginSession(db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "session"
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id"))
        uuid = mapped_column(String(36), unique=True)
        last_use = mapped_column(DateTime)

    if roles:
        User.is_admin = mapped_column(Boolean)
    if languages:
        _add_languages(db, User)
        _add_classes(db)
        _add_activity(db)
    metadata: MetaData = db.metadata
    return db, dict(metadata.tables)


def _add_languages(db: SQLAlchemy, user: Any) -> None:
    user.learned_language_id = mapped_column(Integer)
    user.native_language_id = mapped_column(Integer)

    class Language(db.Model):  # type: ignore[name-defined,misc]
        id = mapped_column(Integer, primary_key=True)
        code = mapped_column(String(5))
        name = mapped_column(String(255))

    class UserLanguage(db.Model):  # type: ignore[name-defined,misc]
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id"))
        language_id = mapped_column(ForeignKey("language.id"))
        last_practiced = mapped_column(DateTime)
        daily_streak = mapped_column(Integer, default=0)
        max_streak = mapped_column(Integer, default=0)
        max_streak_date = mapped_column(DateTime)


def _add_classes(db: SQLAlchemy) -> None:
    class Cohort(db.Model):  # type: ignore[name-defined,misc]
        id = mapped_column(Integer, primary_key=True)
        name = mapped_column(String(255))
        language_id = mapped_column(Integer)

    class UserCohortMap(db.Model):  # type: ignore[name-defined,misc]
        user_id = mapped_column(ForeignKey("user.id"), primary_key=True)
        cohort_id = mapped_column(ForeignKey("cohort.id"), primary_key=True)

    class TeacherCohortMap(db.Model):  # type: ignore[name-defined,misc]
        id = mapped_column(Integer, primary_key=True)
        user_id = mapped_column(ForeignKey("user.id"))
        cohort_id = mapped_column(ForeignKey("cohort.id"))


def _add_activity(db: SQLAlchemy) -> None:
    """Production's tables, with its keys: the server indexes those, and nothing else."""
    for kind in ("exercise", "reading", "listening"):
        Table(
            f"user_{kind}_session",
            db.metadata,
            Column("id", Integer, primary_key=True),
            Column("user_id", ForeignKey("user.id")),
            Column("start_time", DateTime),
            Column("duration", Integer),
            Column("last_action_time", DateTime),
        )
    Table(
        "user_article",
        db.metadata,
        Column("id", Integer, primary_key=True),
        Column("user_id", ForeignKey("user.id")),
        Column("completed_at", DateTime),
    )
    Table(
        "exercise_outcome",
        db.metadata,
        Column("id", Integer, primary_key=True),
        Column("outcome", String(255)),
    )
    Table(
        "user_word",
        db.metadata,
        Column("id", Integer, primary_key=True),
        Column("user_id", ForeignKey("user.id")),
    )
    Table(
        "exercise",
        db.metadata,
        Column("id", Integer, primary_key=True),
        Column("user_word_id", ForeignKey("user_word.id")),
        Column("outcome_id", ForeignKey("exercise_outcome.id")),
        Column("time", DateTime),
    )


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Make hosts, by default on SQLite; they are closed after the test."""
    built: list[World] = []

    def make(url: str | None = None, **overrides: Any) -> World:
        world = World(url or f"sqlite:///{tmp_path / f'host{len(built)}.db'}", **overrides)
        built.append(world)
        return world

    with time_machine.travel(NOW.isoformat() + "Z", tick=False):
        yield make
    for world in built:
        world.close()


@pytest.fixture
def world(build: Callable[..., World], database_url: str) -> World:
    """A host with Gamify mounted, on each database."""
    return build(database_url)


@pytest.fixture
def sqlite_world(build: Callable[..., World]) -> World:
    """A host with Gamify mounted, where the database makes no difference."""
    return build()
