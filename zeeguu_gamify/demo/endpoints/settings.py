"""`POST /user_settings`: all or nothing (docs/contract.md §1.3)."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.exc import IntegrityError

from zeeguu_gamify import Event
from zeeguu_gamify.demo.accounts import hashed, normalized, user_by_email
from zeeguu_gamify.demo.answers import EMAIL, Body, received, refuse, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user, one_at_a_time
from zeeguu_gamify.demo.languages import language_of, learn
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session

CEFR_LEVELS = validate.Range(0, 6)


class Settings(Body):
    """What may be set; the client posts all it knows of the user, and the rest is ignored."""

    name = text(255)
    native_language = fields.String()
    learned_language = fields.String()
    cefr_level = fields.Integer(validate=CEFR_LEVELS)
    email = text(255)
    password = text(1000)


# ---------------------------------------------------------------------------
@api.route("/user_settings", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
def user_settings() -> ResponseReturnValue:
    """Change what was sent; with the first thing wrong nothing is changed."""
    form = received(Settings())
    try:
        _change(current_user(), form)
        db.session.commit()
    except IntegrityError:
        refuse(400, "Could not update user settings")
    return "OK"


def _change(user: User, form: dict[str, Any]) -> None:
    user.name = form.get("name", user.name)
    if "native_language" in form:
        user.native_language = language_of(form["native_language"])
    if "learned_language" in form:
        learn(user, language_of(form["learned_language"]), form.get("cefr_level"))
    if "email" in form:
        _change_email(user, form["email"])
    if "password" in form:
        user.password = hashed(form["password"])


def _change_email(user: User, email: str) -> None:
    if not EMAIL.fullmatch(email.strip()):
        refuse(400, "That is not an e-mail address")
    owner = user_by_email(email)
    if owner is not None and owner.id != user.id:
        refuse(400, "Email already in use")
    user.email = normalized(email)


def profile_was_set_up(_response: Response) -> Event | None:
    """`profile.completed`, when name and avatar were saved: only the profile page sends both."""
    wanted = ("name", "avatar_image_name")
    if not all(request.form.get(key) for key in wanted):
        return None
    return Event(name="profile.completed", user_id=g.user_id)
