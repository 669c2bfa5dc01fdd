"""Signing up, logging in and out, and one's own details (docs/contract.md §1.2, §1.4, §8)."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy import ColumnElement, and_, delete, update

from zeeguu_gamify import clock
from zeeguu_gamify.demo import accounts
from zeeguu_gamify.demo.answers import EMAIL, Body, make_error, received, refuse, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.details import details_of
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user
from zeeguu_gamify.demo.languages import language_of
from zeeguu_gamify.demo.models import LoginSession
from zeeguu_gamify.endpoints.wrappers import allows_unverified, cross_domain, requires_session
from zeeguu_gamify.mount import current_mount

ZONES = available_timezones() - {"localtime"}  # which is the server's, whatever it may be


class SignUp(Body):
    """The form of a new account."""

    username = text(255, required=True)  #: the name to show; the username is made up
    password = text(1000, required=True)
    learned_language = fields.String(load_default=accounts.LEARNED)
    native_language = fields.String(load_default=accounts.NATIVE)
    timezone = fields.String(
        load_default=None, validate=validate.OneOf(ZONES, error="Unknown zone")
    )


# ---------------------------------------------------------------------------
@api.route("/add_user/<email>", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
def add_user(email: str) -> ResponseReturnValue:
    """A new account; answers the uuid of its first session as plain text."""
    form = received(SignUp())
    if len(email) > 255 or not EMAIL.fullmatch(email.strip()):
        refuse(400, "That is not an e-mail address")
    user = accounts.sign_up(
        email,
        form["password"],
        form["username"],
        language_of(form["learned_language"]),
        language_of(form["native_language"]),
        form["timezone"],
    )
    uuid = accounts.log_in(user)
    db.session.commit()
    return uuid, {"Content-Type": "text/plain; charset=utf-8"}


# ---------------------------------------------------------------------------
@api.route("/session/<email>", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
def get_session(email: str) -> ResponseReturnValue:
    """Log in: `{"session": uuid}`."""
    user = accounts.user_by_email(email)
    if user is None or not accounts.has_password(user, request.form.get("password", "")):
        return make_error(401, "Wrong e-mail address or password")
    uuid = accounts.log_in(user)
    db.session.commit()
    return jsonify(session=uuid)


# ---------------------------------------------------------------------------
@api.route("/validate", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@allows_unverified
def validate_session() -> ResponseReturnValue:
    """The session is good, and stays so for another while."""
    db.session.execute(update(LoginSession).where(_this_session()).values(last_use=clock.now()))
    db.session.commit()
    return "OK"


# ---------------------------------------------------------------------------
@api.route("/logout_session", methods=["GET", "POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@allows_unverified
def logout_session() -> ResponseReturnValue:
    """End the session."""
    db.session.execute(delete(LoginSession).where(_this_session()))
    db.session.commit()
    return "OK"


def _this_session() -> ColumnElement[bool]:
    cookie = current_mount().config.session_cookie
    uuid = request.args.get("session") or request.cookies.get(cookie)
    return and_(LoginSession.user_id == g.user_id, LoginSession.uuid == uuid)


# ---------------------------------------------------------------------------
@api.route("/get_user_details", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@allows_unverified
def get_user_details() -> ResponseReturnValue:
    """All that the client keeps of its user."""
    return jsonify(details_of(current_user()))


# ---------------------------------------------------------------------------
@api.route("/user_timezone", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def user_timezone() -> ResponseReturnValue:
    """The zone of the user's device, by its IANA name."""
    zone = request.form.get("timezone", "")
    if zone not in ZONES:
        abort(400)
    current_user().timezone = zone
    db.session.commit()
    return "OK"
