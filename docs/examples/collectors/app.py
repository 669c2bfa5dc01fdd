"""The host: its tables, its views, and one line for each thing that it tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from collectors.badges import BRANDS, CATALOG, GOALS
from collectors.events import EVENTS
from zeeguu_gamify import Gamify, emit


class Base(DeclarativeBase):
    """The host's models."""


class User(Base):
    """A collector."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime | None]


class Item(Base):
    """Something to collect."""

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(String(64))


class Owned(Base):
    """An item in somebody's collection."""

    __tablename__ = "owned"
    __table_args__ = (UniqueConstraint("user_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))


class Contribution(Base):
    """A review or a correction that waits for a moderator, or was approved."""

    __tablename__ = "contribution"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  #: review or edit
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    approved_at: Mapped[datetime | None]


db = SQLAlchemy(metadata=Base.metadata)
views = Blueprint("collectors", __name__)


def create_app(url: str = "sqlite:///collectors.db", **overrides: Any) -> Flask:
    """The host with Gamify mounted; `overrides` are Gamify's."""
    app = Flask("collectors")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config.from_prefixed_env()
    db.init_app(app)
    app.register_blueprint(views)
    options: dict[str, Any] = {
        "catalog": CATALOG,
        "events": EVENTS,
        "daily_goals": GOALS,
        "snapshot_fields": {BRANDS: brands_owned},
        "requires_session": requires_login,
    }
    Gamify(app, db, **{**options, **overrides})
    with app.app_context():
        db.create_all()
    return app


def brands_owned(user_id: ColumnElement[int]) -> Any:
    """SQL for how many brands are in the collection of `user_id`."""
    brands = func.count(Item.brand.distinct())
    return (
        select(brands)
        .join(Owned, Owned.item_id == Item.id)
        .where(Owned.user_id == user_id)
        .scalar_subquery()
    )


def requires_login(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run `view` for a user, whom a real host would know by a session or a token."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        g.user_id = request.headers.get("X-User-Id", type=int) or abort(401)
        return view(*args, **kwargs)

    return run


def _tell(name: str, user_id: int, **fields: Any) -> ResponseReturnValue:
    """Commit what the view has written together with what it means, and answer the new badges."""
    outcome = emit(db.session, name, user_id=user_id, **fields)
    db.session.commit()
    return jsonify(new_badges=[badge.code for badge in outcome.new_badges])


@views.post("/items/<int:item_id>/own")
@requires_login
def own(item_id: int) -> ResponseReturnValue:
    """Take an item into the collection."""
    db.session.add(Owned(user_id=g.user_id, item_id=item_id))
    return _tell_of_collection("ownership.added", item_id)


@views.delete("/items/<int:item_id>/own")
@requires_login
def give_away(item_id: int) -> ResponseReturnValue:
    """Take an item out of the collection. Badges stay: what falls revokes nothing."""
    mine = select(Owned).where(Owned.user_id == g.user_id, Owned.item_id == item_id)
    db.session.delete(db.one_or_404(mine))
    return _tell_of_collection("ownership.removed", item_id)


def _tell_of_collection(name: str, item_id: int) -> ResponseReturnValue:
    brand = db.get_or_404(Item, item_id).brand
    owned = select(func.count()).where(Owned.user_id == g.user_id)
    value = db.session.execute(owned).scalar_one()
    return _tell(name, g.user_id, value=value, context={"item_id": item_id, "brand": brand})


@views.post("/items/<int:item_id>/wish")
@requires_login
def wish(item_id: int) -> ResponseReturnValue:
    """Wish for an item; the same one again counts no more."""
    context = {"item_id": item_id}
    return _tell("wishlist.added", g.user_id, object_id=str(item_id), context=context)


@views.post("/compare")
@requires_login
def compare() -> ResponseReturnValue:
    """Compare items."""
    return _tell("compare.used", g.user_id)


@views.post("/items/<int:item_id>/<any(review, edit):kind>")
@requires_login
def contribute(item_id: int, kind: str) -> ResponseReturnValue:
    """Hand in a review or a correction: no event yet."""
    contribution = Contribution(kind=kind, user_id=g.user_id, item_id=item_id)
    db.session.add(contribution)
    db.session.commit()
    return jsonify(id=contribution.id)


@views.post("/contributions/<int:contribution_id>/approve")
@requires_login
def approve(contribution_id: int) -> ResponseReturnValue:
    """Approve it, as a moderator; the badge is its author's. Twice is once."""
    found = db.get_or_404(Contribution, contribution_id)
    found.approved_at = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    return _tell(
        f"{found.kind}.approved",
        found.user_id,
        event_id=f"approved:{found.id}",
        context={"item_id": found.item_id},
    )
