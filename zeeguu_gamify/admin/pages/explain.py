"""Why somebody holds a badge or does not; and what an event would bring to them now."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session
from wtforms import Form, IntegerField
from wtforms.validators import NumberRange, Optional

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.forms import badge_field, event_field, user_field
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.catalog import badge_url, icon_url
from zeeguu_gamify.admin.pages.users import User
from zeeguu_gamify.badges.explain import (
    Explanation,
    Standing,
    badge_called,
    badges_listening,
    explain,
)
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.simulate import timeline
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.economy.supposed import books_of
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.event_json import event_of
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

#: What is worth a look first, then what there is already.
_ORDER = (Standing.EARNED, Standing.REVOKED, Standing.OPEN, Standing.HELD, Standing.CLOSED)
#: So many badges are explained on a page.
MOST = 60


class ExplainForm(Form):
    """Who, and which badge or event; nothing is changed, so it needs no token."""

    user = user_field()
    badge = badge_field("Its code. Empty: all of them.", required=False)
    event = event_field("Event", "A dry run of it.")
    amount = IntegerField(
        "Amount", [Optional(), NumberRange(1, MAX_INT)], description="Of the event."
    )
    value = IntegerField("Value", [Optional(), NumberRange(0, MAX_INT)], description="Of a gauge.")


@panel.route("/explain", endpoint="explain")
def _explain() -> str:
    """The form, and below it the answer."""
    form = ExplainForm(request.args)
    found: dict[str, Any] = {}
    if request.args and form.validate():
        try:
            found = _answer(form)
        except GamifyError as error:
            found = {"problem": error.message}
    return render_template(
        "gamify_admin/explain.html", form=form, badge_url=badge_url,
        icon_url=icon_url, **found,
    )  # fmt: skip


def _answer(form: ExplainForm) -> dict[str, Any]:
    mount = current_mount()
    with read_only(mount.db.engine) as session:
        mount.refresh(session)
        user = users.called(session, mount, form.user.data or "")
        asked = _asked(mount, form)
        found = sorted(explain(session, mount, user.id, asked), key=_place)
        steps = _dry_run(session, mount, user, form) if form.event.data else None
    return {"user": user, "found": found[:MOST], "more": len(found) - MOST, "steps": steps}


def _asked(mount: Mount, form: ExplainForm) -> Iterable[LiveBadge]:
    """One badge, those that listen to an event, or all."""
    if form.badge.data:
        return [badge_called(mount, form.badge.data)]
    if form.event.data:
        return badges_listening(mount, form.event.data)
    return mount.live.by_id.values()


def _place(one: Explanation) -> int:
    return _ORDER.index(one.standing)


def _dry_run(session: Session, mount: Mount, user: User, form: ExplainForm) -> list[Step]:
    """What such an event would grant, if it happened now."""
    told = {"event": form.event.data, "amount": form.amount.data or 1, "value": form.value.data}
    books = partial(books_of, session, mount)
    event = event_of(told, user.id, mount.events)
    return list(timeline.of_events(session, mount, user.id, [event], {}, clock.now(), books))
