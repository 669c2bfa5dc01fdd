"""The pages of the demo: choose somebody, learn as them, look at each element, move the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import NotFound

from zeeguu_gamify import clock
from zeeguu_gamify.demo import words
from zeeguu_gamify.demo.accounts import log_in
from zeeguu_gamify.demo.clockwork import clockwork
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.elements import ELEMENTS, element_called
from zeeguu_gamify.demo.models import Article, User
from zeeguu_gamify.demo.world import LEARNERS, TEACHER, Learner

SHOWN = LEARNERS[:3]
PEOPLE = {who.username: who for who in (*LEARNERS, TEACHER)}
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
NO_TABLES = "Nothing is here yet: run flask --app zeeguu_gamify.demo demo init"
API = "/gamify/"  #: under which an unknown address is a client's mistake, not a reader's
READ = ("application/json", "text/html")  #: who has no preference is a program
DAY = timedelta(days=1)
MOVES = {"day": DAY, "week": 7 * DAY}

pages = Blueprint("pages", __name__)


# ---------------------------------------------------------------------------
@pages.route("/", methods=["GET"])
# ---------------------------------------------------------------------------
def choose() -> ResponseReturnValue:
    """What this is, with three learners one click away; before `demo init`, what to do."""
    db.session.execute(select(Article.id).limit(1))
    return render_template("choose.html")


# ---------------------------------------------------------------------------
@pages.route("/demo/as/<username>", methods=["GET"])
# ---------------------------------------------------------------------------
def learn(username: str) -> ResponseReturnValue:
    """The home of a learner, with a session of theirs: everybody may be everybody here."""
    who, session = _enter(username)
    articles = db.session.execute(select(Article.id, Article.title, Article.content))
    return render_template(
        "learn.html",
        who=who,
        session=session,
        given={
            "articles": [dict(article._mapping) for article in articles],
            "words": words.quiz(),
        },
    )


# ---------------------------------------------------------------------------
@pages.route("/demo/panel", methods=["GET"])
# ---------------------------------------------------------------------------
def panel() -> ResponseReturnValue:
    """The panel, as the admin."""
    _, session = _enter(TEACHER.username)
    return redirect(url_for("gamify_admin.overview", session=session))


# ---------------------------------------------------------------------------
@pages.route("/demo/elements/", methods=["GET"])
# ---------------------------------------------------------------------------
def elements() -> ResponseReturnValue:
    """Each element of a page, with a link to where it stands alone."""
    return render_template("elements.html", elements=ELEMENTS)


# ---------------------------------------------------------------------------
@pages.route("/demo/elements/<name>", methods=["GET"])
# ---------------------------------------------------------------------------
def element(name: str) -> ResponseReturnValue:
    """An element alone, with the HTML that makes it, for one of the learners."""
    found = element_called(name)
    if found is None:
        return _sorry(f"There is no element called “{name}”.", 404)
    who, session = _enter(request.args.get("as", SHOWN[0].username))
    return render_template(
        "element.html", element=found, elements=ELEMENTS, who=who, session=session
    )


# ---------------------------------------------------------------------------
@pages.route("/demo/clock", methods=["POST"])
# ---------------------------------------------------------------------------
def move_clock() -> ResponseReturnValue:
    """Let it be another time for everybody; then back to the page of `as`."""
    works = clockwork()
    if works is None:
        return _sorry("This clock cannot be moved; make demo has one that can.", 404)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return _sorry("Only the demo's own pages move its clock.", 403)
    username, move = request.form.get("as", ""), request.form.get("move", "")
    if move == "now":
        works.back()
    elif move in MOVES or move == "evening":
        zone = PEOPLE[username].zone if username in PEOPLE else clock.UTC_NAME
        by = MOVES.get(move) or works.until_evening(zone)
        if not works.move(by):
            return _sorry("A year ahead is as far as this clock goes.", 400)
    else:
        return _sorry(f"The clock cannot be moved by “{move}”.", 400)
    page = url_for(".learn", username=username) if username in PEOPLE else url_for(".choose")
    return redirect(page, 303)


class NoSuchPerson(LookupError):
    """Nobody here is called so."""


@pages.errorhandler(NoSuchPerson)
def _answer_nobody(error: NoSuchPerson) -> ResponseReturnValue:
    return _sorry(f"Nobody here is called “{error}”.", 404)


@pages.errorhandler(OperationalError)
@pages.errorhandler(ProgrammingError)
def _answer_outage(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return _sorry(NO_TABLES, 503)


@pages.app_errorhandler(NotFound)
def _answer_nothing(error: NotFound) -> ResponseReturnValue:
    """A page for readers who came to an address that nothing has; programs hear what they did."""
    is_route = request.url_rule is not None or request.path.startswith(API)
    if is_route or request.accept_mimetypes.best_match(READ) != "text/html":
        return error
    page = render_template(
        "sorry.html", text="There is nothing at this address.", **_for_templates()
    )
    return _guard(make_response(page, 404))


@pages.after_request
def _guard(response: Response) -> Response:
    """Nothing from elsewhere, nothing inline; a page has a session in it, so nobody keeps it."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.context_processor
def _for_templates() -> dict[str, Any]:
    return {"learners": SHOWN, "teacher": TEACHER, "avatar": _avatar, "time_of": _time_of}


def _enter(username: str) -> tuple[Learner, str]:
    """Who that is, and a new session of theirs; raises NoSuchPerson."""
    user = db.session.scalar(select(User).where(User.username == username))
    if user is None or user.username not in PEOPLE:
        raise NoSuchPerson(username)
    session = log_in(user)
    db.session.commit()
    return PEOPLE[user.username], session


def _sorry(text: str, status: int) -> tuple[str, int]:
    return render_template("sorry.html", text=text), status


def _avatar(who: Learner) -> dict[str, str]:
    """The attributes of the learner's <gamify-avatar>, as the world was made with."""
    names = ("image-name", "character-color", "background-color")
    return dict(zip(names, who.avatar, strict=True)) if who.avatar else {}


def _time_of(who: Learner | None) -> dict[str, Any] | None:
    """What the clock shows in the learner's zone; None if nobody may move it."""
    works = clockwork()
    if works is None:
        return None
    zone = clock.zone(who.zone if who else None)
    local: datetime = clock.now().replace(tzinfo=UTC).astimezone(zone)
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return {
        "text": f"{local:%A} {local.day} {local:%B}, {local:%H:%M}",
        "iso": local.isoformat(),
        "place": place,
        "ahead": round(works.ahead.total_seconds()),
        "days": works.ahead.days,
    }
