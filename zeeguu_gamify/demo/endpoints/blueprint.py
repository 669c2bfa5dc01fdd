"""The demo's blueprint, and whom a request is from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Response, abort, g
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from zeeguu_gamify.demo.answers import make_error
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.errors import GamifyError

api = Blueprint("api", __name__)

P = ParamSpec("P")
R = TypeVar("R")


def current_user() -> User:
    """The user of this request's session."""
    user = db.session.get(User, g.user_id)
    if user is None:
        abort(401)
    return user


def one_at_a_time(view: Callable[P, R]) -> Callable[P, R]:
    """Let a user's requests wait for each other, so that two taps at once are one after the other.

    The write locks the user's row (on SQLite the file) until the commit. It is the first statement
    of its transaction: a snapshot taken before would hide what the request before it has done.
    """

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        db.session.rollback()
        db.session.execute(update(User).where(User.id == g.user_id).values(id=User.id))
        return view(*args, **kwargs)

    return run


@api.errorhandler(GamifyError)
def answer_gamify_error(error: GamifyError) -> Response:
    """What the extension refused, e.g. a session whose user has not verified the e-mail."""
    return make_error(error.status, error.message)


@api.errorhandler(OperationalError)
def answer_outage(_error: OperationalError) -> Response:
    """The database does not answer, or `flask demo init` was not run."""
    return make_error(503, "The database does not answer; please try again soon.")


@api.after_request
def leave_nothing_half_done(response: Response) -> Response:
    """A request that is refused changes nothing, whatever it had done before."""
    if response.status_code >= 400:
        db.session.rollback()
    return response
