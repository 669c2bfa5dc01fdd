"""The blueprint of the panel: whoever is not let in sees nothing of it, and errors are pages."""

from __future__ import annotations

import logging
from typing import NoReturn

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from sqlalchemy import exc
from werkzeug.exceptions import NotFound, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from zeeguu_gamify import errors
from zeeguu_gamify.admin import access, flashes, words
from zeeguu_gamify.endpoints.blueprint import OUTAGES, message
from zeeguu_gamify.errors import GamifyError

log = logging.getLogger("zeeguu_gamify")

#: Bigger ids there are none.
MAX_ID = 2**63 - 1
#: Nothing from elsewhere, nothing inline, no frames.
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

panel = Blueprint("gamify_admin", __name__, template_folder="templates", static_folder="static")
panel.before_request(access.enter)
panel.context_processor(words.for_templates)


@panel.before_request
def _refuse_ids_that_cannot_be() -> None:
    """Those that no database can keep would be errors of its driver."""
    given = (request.view_args or {}).values()
    if any(isinstance(id_, int) and id_ > MAX_ID for id_ in given):
        raise errors.NotFound("There is nothing with that id.")


@panel.route("/<path:_address>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(_address: str) -> NoReturn:
    """Whatever is no page here: a page with a way back, for whoever is let in."""
    raise errors.NotFound("There is no page at this address.")


@panel.after_request
def _guard(response: Response) -> Response:
    """Headers for what an admin is shown; others must not see by them that there is a panel."""
    if access.who() is not None:
        response.headers.extend(HEADERS)
        response.headers["Cache-Control"] = _kept()
        flashes.forget_shown(response)
    elif response.status_code == Unauthorized.code and access.COOKIE in request.cookies:
        access.forget(response)  # has ended; the host's own cookie may be of a new session
    return response


def _kept() -> str:
    """How long the browser may keep the answer."""
    if request.endpoint == "gamify_admin.static":
        return "private, max-age=600"
    return "private, no-cache" if g.pop("gamify_panel_for_back", False) else "no-store"


def keep_for_back() -> None:
    """Let the browser's Back show this answer again, if it is one to a POST.

    Unlike a page, the browser cannot ask for it anew; it would show an error of its own.
    """
    g.gamify_panel_for_back = request.method == "POST"


def error_page(text: str, status: int) -> AnyResponse:
    """A page that says what is wrong."""
    return make_response(
        render_template("gamify_admin/error.html", message=text, status=status), status
    )


@panel.errorhandler(GamifyError)
def _answer(error: GamifyError) -> AnyResponse:
    if access.who() is not None:
        return error_page(error.message, error.status)
    if error.status == NotFound.code:  # by the host, as for any route that does not exist
        return make_response(current_app.handle_user_exception(NotFound()))
    return message(error.message, error.status)


def _answer_outage(error: exc.SQLAlchemyError) -> AnyResponse:
    """Also where a table is missing; the log has what the driver said, without parameters."""
    log.error("The database does not answer, or does not fit: %s", getattr(error, "orig", error))
    text = "The database does not answer, or does not fit; `flask gamify doctor` says why."
    return error_page(text, 503) if access.who() is not None else message(text, 503)


for outage in (*OUTAGES, exc.ProgrammingError):
    panel.register_error_handler(outage, _answer_outage)
