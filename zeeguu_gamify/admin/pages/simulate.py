"""The simulator: what other facts, times or events would bring to a user; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, TextAreaField
from wtforms.validators import Length, Optional

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.forms import PanelForm, strip, user_field
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.catalog import badge_url
from zeeguu_gamify.admin.pages.users import User
from zeeguu_gamify.badges.simulate import timeline
from zeeguu_gamify.badges.simulate.events_file import read_events
from zeeguu_gamify.badges.simulate.facts import read_fact
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.economy.supposed import books_of
from zeeguu_gamify.errors import BadInput, GamifyError
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

#: So many steps are shown, so many events are played, so long a window may be.
MOST, EVENTS, LONGEST = 500, 5_000, timedelta(days=366)
_TEXT = 500_000


class SimulateForm(PanelForm):
    """Who, and what to suppose. It changes nothing; it is posted because it may be long."""

    user = user_field()
    facts = TextAreaField(
        "Suppose these numbers", [Length(max=_TEXT)], [strip],
        description="One in each line, e.g. READ_ARTICLES=100; or a badge's metric.",
        render_kw={"rows": 3, "spellcheck": "false"},
    )  # fmt: skip
    at = DateTimeLocalField("Suppose that it is (UTC)", validators=[Optional()])
    events = TextAreaField(
        "Play these events", [Length(max=_TEXT)], [strip],
        description='JSON, one in each line or a list: {"event": "article.read", "amount": 3}',
        render_kw={"rows": 5, "spellcheck": "false"},
    )  # fmt: skip
    since = DateTimeLocalField("Play what was stored from (UTC)", validators=[Optional()])
    until = DateTimeLocalField("until", validators=[Optional()])


@panel.route("/simulate", methods=["GET", "POST"], endpoint="simulate")
def _simulate() -> str:
    """The form, and below it the timeline."""
    is_asked = request.method == "POST"
    form = SimulateForm(request.form if is_asked else request.args)
    found: dict[str, Any] = {}
    if is_asked and form.validate():
        try:
            found = _answer(form)
        except GamifyError as error:
            found = {"problem": error.message}
    return render_template("gamify_admin/simulate.html", form=form, badge_url=badge_url, **found)


def _answer(form: SimulateForm) -> dict[str, Any]:
    """In a session in which the database refuses every write."""
    mount = current_mount()
    with read_only(mount.db.engine) as session:
        mount.refresh(session)
        user = users.called(session, mount, form.user.data or "")
        steps = list(islice(_steps(session, mount, user, form), MOST + 1))
    return {"user": user, "steps": steps[:MOST], "is_cut": len(steps) > MOST}


def _steps(session: Session, mount: Mount, user: User, form: SimulateForm) -> Iterator[Step]:
    window = (form.since.data, form.until.data)
    lines = [line for line in (form.facts.data or "").splitlines() if line.strip()]
    if any(window):
        since, until = window
        if since is None or until is None or not (since < until and until - since <= LONGEST):
            raise BadInput("from and until: a window of a year at most")
        if lines or form.at.data or form.events.data:
            raise BadInput("A stored window goes with nothing else to suppose.")
        yield from timeline.of_window(session, mount, since, until, user.id)
        return
    supposed = dict(read_fact(mount, line, "numbers:") for line in lines)
    present = form.at.data or clock.now()
    if form.events.data:
        told = read_events(_lines(form.events.data), user.id, mount.events)
        books = partial(books_of, session, mount)
        yield from timeline.of_events(session, mount, user.id, told, supposed, present, books)
    else:
        yield from timeline.of_facts(session, mount, user.id, supposed, present)


def _lines(text: str) -> list[str]:
    """The events, one in each line; a JSON list is taken apart."""
    lines = text.splitlines()
    if text.startswith("["):
        try:
            lines = [json.dumps(one) for one in json.loads(text)]
        except (ValueError, RecursionError) as error:
            raise BadInput(f"events: this is not JSON: {error}") from error
    if len(lines) > EVENTS:
        raise BadInput(f"events: at most {EVENTS}")
    return lines
