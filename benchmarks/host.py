"""A host on a MariaDB of its own, on a durable disk, with one learner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.servers import mariadb_server
from zeeguu_gamify import Catalog, Gamify
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG
from zeeguu_gamify.testing import prepare


class Base(DeclarativeBase):
    """The host's tables."""


class User(Base):
    """A learner."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(50), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))
    timezone: Mapped[str | None] = mapped_column(String(64))


def create_user(session: Session, username: str, zone: str) -> int:
    """A learner for a replay."""
    user = User(username=username, timezone=zone)
    session.add(user)
    session.flush()
    return user.id


@contextmanager
def host(catalog: Catalog = DEFAULT_CATALOG) -> Iterator[tuple[Flask, SQLAlchemy]]:
    """The mounted app, inside its context, and its db; the learner's id is 1."""
    with mariadb_server(durable=True) as server:
        app = Flask("bench")
        app.config["SQLALCHEMY_DATABASE_URI"] = server.new_database()
        app.config["GAMIFY_PUBLISHER"] = False
        db = SQLAlchemy(app, model_class=Base)
        Gamify(app, db, create_user=create_user, catalog=catalog)
        with app.app_context():
            db.create_all()
            prepare(app)
            create_user(db.session(), "ada", "Europe/Berlin")
            db.session.commit()
            yield app, db
            db.session.remove()
            db.engine.dispose()
