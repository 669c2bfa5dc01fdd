"""The demo's database: one Flask-SQLAlchemy object and the base of its models."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, SmallInteger, event
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.orm import DeclarativeBase

BUSY_SECONDS = 30  #: how long SQLite waits for another writer

#: Every table of the demo on MySQL and MariaDB.
MYSQL_TABLE = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}

TinyInt = SmallInteger().with_variant(TINYINT(), "mysql", "mariadb")


class Base(DeclarativeBase):
    """Base of every model of the demo."""

    __table_args__: Any = MYSQL_TABLE


db = SQLAlchemy(metadata=Base.metadata)


def user_fk() -> ForeignKey:
    """The foreign key to a user whose rows go when the user goes."""
    return ForeignKey("user.id", ondelete="CASCADE")


def init_database(app: Flask) -> None:
    """Bind `db` to `app`; an SQLite file is made to behave like a server."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Keep foreign keys, let readers go on beside a writer, wait for another writer."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
