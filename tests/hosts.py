"""A small host for tests: users, rows of its own, and Gamify mounted beside them.

What the tests look at is read through a connection of its own, so it is what was committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from blinker import signal
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, ForeignKey, String, event, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests import copies
from tests.sql_rules import check_executed
from zeeguu_gamify import Gamify
from zeeguu_gamify.models import (
    Badge,
    BadgeAwardLog,
    BadgeCategory,
    EventReceipt,
    UserBadge,
    UserBadgeProgress,
)
from zeeguu_gamify.mount import Mount, mount_of
from zeeguu_gamify.testing import prepare

#: The users of every host.
ADA, BEN = 1, 2
NOBODY = 999


class HostBase(DeclarativeBase):
    """The host's own models."""


class User(HostBase):
    """Somebody who learns."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(50))
    timezone: Mapped[str | None] = mapped_column(String(50))
    created_at: Mapped[datetime | None]


class HostRow(HostBase):
    """Something that the host writes in the transaction in which it tells us of an event."""

    __tablename__ = "host_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(String(50))


def mount_host(
    url: str,
    *,
    config: Mapping[str, Any] | None = None,
    engine_options: Mapping[str, Any] | None = None,
    gamify: Gamify | None = None,
    **overrides: Any,
) -> Flask:
    """The host over a database that another process has made; `overrides` are Gamify's.

    Every statement that reaches a cursor is checked to be one that MySQL 5.7 runs.
    """
    app = Flask("host")
    app.config |= {"SQLALCHEMY_DATABASE_URI": url, "GAMIFY_PUBLISHER": False, **(config or {})}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(engine_options or {})
    db = SQLAlchemy(metadata=HostBase.metadata)
    db.init_app(app)
    app.extensions["mounted"] = gamify = gamify or Gamify()
    gamify.init_app(app, db, **overrides)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", check_executed)
    return app


def make_host(url: str, **options: Any) -> Flask:
    """The host over an empty database, with its tables, ours, the catalog, Ada and Ben."""
    app = mount_host(url, **options)
    with app.app_context():
        copies.fill(mount_on(app), "host", partial(_fill, app))
    return app


def _fill(app: Flask) -> None:
    db_of(app).create_all()
    with engine_of(app).begin() as connection:
        connection.execute(
            insert(User),
            [
                {"id": ADA, "username": "ada", "name": "Ada", "timezone": "Europe/Berlin"},
                {"id": BEN, "username": "ben", "name": "Ben", "timezone": None},
            ],
        )
    prepare(app)


def close(app: Flask) -> None:
    """Give back every connection."""
    with app.app_context():
        db_of(app).session.remove()
        engine_of(app).dispose()


def db_of(app: Flask) -> SQLAlchemy:
    """The host's Flask-SQLAlchemy object."""
    db: SQLAlchemy = app.extensions["sqlalchemy"]
    return db


def engine_of(app: Flask) -> Engine:
    """The host's engine."""
    with app.app_context():
        return db_of(app).engine


def mount_on(app: Flask) -> Mount:
    """What Gamify keeps of the host."""
    mount = mount_of(app)
    assert mount is not None
    return mount


def send(app: Flask, name: str, user_id: int = ADA, times: int = 1) -> None:
    """Fire the host's signal inside its open transaction."""
    for _ in range(times):
        signal(name).send(None, user_id=user_id, db_session=db_of(app).session)


def write_row(app: Flask, note: str = "", user_id: int = ADA) -> None:
    """Let the host write a row of its own, in its open transaction."""
    session = db_of(app).session
    session.add(HostRow(user_id=user_id, note=note))
    session.flush()


def host_rows(app: Flask) -> int:
    """How many rows the host has committed."""
    return int(_read(app, select(func.count()).select_from(HostRow))[0][0])


def progress(app: Flask, user_id: int = ADA) -> dict[str, int]:
    """Metric → value."""
    values, families = UserBadgeProgress.__table__, BadgeCategory.__table__
    rows = _read(
        app,
        select(families.c.metric, values.c.value)
        .join_from(values, families, values.c.badge_category_id == families.c.id)
        .where(values.c.user_id == user_id),
    )
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: row[1] for row in rows}


def badges(app: Flask, user_id: int = ADA) -> list[str]:
    """The codes of the user's grants, revoked ones too, sorted; a doubled one shows twice."""
    return _codes(app, UserBadge, user_id)


def award_log(app: Flask, user_id: int = ADA) -> list[str]:
    """The codes that the award log names, sorted."""
    return _codes(app, BadgeAwardLog, user_id)


def receipts(app: Flask) -> int:
    """How many events are known to have been counted."""
    return int(_read(app, select(func.count()).select_from(EventReceipt))[0][0])


def grants(app: Flask, user_id: int = ADA) -> list[Any]:
    """The user's rows of user_badge with the badges' codes, oldest first."""
    table = UserBadge.__table__
    joined = select(Badge.__table__.c.code, table).join_from(
        table, Badge.__table__, table.c.badge_id == Badge.__table__.c.id
    )
    return _read(app, joined.where(table.c.user_id == user_id).order_by(table.c.id))


def change(app: Flask, statement: Any) -> int:
    """Let another process change the database; how many rows that was."""
    with engine_of(app).begin() as connection:
        return connection.execute(statement).rowcount


def _codes(app: Flask, model: Any, user_id: int) -> list[str]:
    table, badge = model.__table__, Badge.__table__
    rows = _read(
        app,
        select(badge.c.code)
        .join_from(table, badge, table.c.badge_id == badge.c.id)
        .where(table.c.user_id == user_id),
    )
    return sorted(row[0] for row in rows)


def _read(app: Flask, statement: Any) -> list[Any]:
    with engine_of(app).connect() as connection:
        return list(connection.execute(statement))


#: What a test calls to make hosts on its database; they are closed after it.
MakeHost = Callable[..., Flask]
