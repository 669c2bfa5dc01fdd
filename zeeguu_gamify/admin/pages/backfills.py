"""Backfills: grant what was earned and is lacking; followed, and cancelled, from here."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import jsonify, render_template, url_for
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from zeeguu_gamify import clock
from zeeguu_gamify.admin import background, changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm, badge_field, event_field, user_field
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, instant, links, listing
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.badges.backfill import Round
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.jobs import fence, orders, schedule
from zeeguu_gamify.jobs.orders import BACKFILL, Order
from zeeguu_gamify.models import AdminAudit, JobRun, JobState
from zeeguu_gamify.mount import Mount, current_mount

START, CANCEL = "backfill.start", "backfill.cancel"
_AUDIT: Any = AdminAudit.__table__
_RUN: Any = JobRun.__table__


class BackfillForm(PanelForm):
    """What to grant afterwards; nothing: all badges, to everybody."""

    user = user_field(
        "Username, e-mail or id: all badges of this user. Empty: of everybody.", required=False
    )
    badge = badge_field("Its code. Empty: all of them.", required=False)
    trigger = event_field("Trigger", "The badges that listen to this event.")
    recompute = BooleanField(
        "Recompute", description="Bring counters in line with their ledgers first."
    )
    notify = BooleanField(
        "Tell the users", description="Else the badges count as seen, and pay nothing."
    )


class RunForm(PanelForm):
    """Which backfill."""

    period = StringField("Backfill", [Length(max=32)])


# --- asking for one ----------------------------------------------------------------------------


def _options(values: Values) -> dict[str, Any]:
    """What is said of it, without what is not; raises BadInput for two at once."""
    named = [name for name in ("user", "badge", "trigger") if values[name]]
    if len(named) > 1:
        raise BadInput("Name one of user, badge and trigger.")
    wanted = ("badge", "trigger", "recompute", "notify")
    return {name: values[name] for name in wanted if values[name]}


def _check(session: Session, mount: Mount) -> None:
    if mount.config.shadow:
        raise BadInput("In shadow mode the badges are the host's to grant.")
    if schedule.is_idle(session, mount):
        raise BadInput("Events are paused, so nothing is granted.")


def _plan(session: Session, mount: Mount, values: Values) -> Plan:
    _check(session, mount)
    options = _options(values)
    round_ = orders.backfill(mount, options)
    what = f"{len(round_.badges)} badge{'s' if len(round_.badges) != 1 else ''}"
    told = "Those who get one are told." if options.get("notify") else "Nobody is told."
    counters = ("Counters are brought in line with their ledgers first.",)
    more = (told, *(counters if options.get("recompute") else ()))
    if values["user"]:
        user = users.called(session, mount, values["user"])
        counts = round_.of_users(session, mount, [user.id], clock.now(), write=False)
        return Plan((f"{user.name} gets what is earned and lacking of {what}.", *more), counts)
    host = mount.host.table("user")
    everybody = int(session.execute(select(func.count()).select_from(host)).scalar_one())
    return Plan(
        (
            f"Everybody gets what is earned and lacking of {what}.", *more,
            "It runs in the background, and can be cancelled; what was granted stays.",
        ),
        {"Users": everybody} | _sample(session, mount, round_),
    )  # fmt: skip


def _sample(session: Session, mount: Mount, round_: Round) -> dict[str, int]:
    """What it would grant to the first batch of users, which is quick whatever their number."""
    user_id = mount.host.table("user").c.id
    ids = list(session.execute(select(user_id).order_by(user_id).limit(round_.users)).scalars())
    counts = round_.of_users(session, mount, ids, clock.now(), write=False)
    return {f"Badges for the first {len(ids)}": counts["badges granted"]}


def _apply(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    _check(session, mount)
    options = _options(values)
    if values["user"]:
        return _of_user(session, mount, values, options)
    orders.backfill(mount, options)
    order = Order(BACKFILL, period(options), options)
    orders.place(session, order)
    return Done(
        message="The backfill has begun.", subject=order.period, new=options,
        to=url_for("gamify_admin.backfill", period=order.period),
    )  # fmt: skip


def _of_user(session: Session, mount: Mount, values: Values, options: dict[str, Any]) -> Done:
    """One user is done at once."""
    user = users.called(session, mount, values["user"])
    counts = orders.backfill(mount, options).of_users(session, mount, [user.id], clock.now())
    return Done(
        message=f"{user.name}: {fence.line(counts)}.", subject=f"user {user.id}",
        user_id=user.id, new=options | counts, to=url_for("gamify_admin.user", user_id=user.id),
    )  # fmt: skip


def period(options: dict[str, Any]) -> str:
    """What tells it from every other one, and says what it is about; at most 32 letters."""
    about = next(
        (f"{name} {options[name]}" for name in ("badge", "trigger") if name in options), "all"
    )
    plain = re.sub(r"[^\w. -]", "-", about, flags=re.ASCII)[:23]
    return f"{plain} {secrets.token_hex(4)}"


changes.add(
    Change(
        name=START, title="Backfill badges", button="Begin", form=BackfillForm,
        about="Grant what has been earned and is lacking, e.g. by a new badge. Without a user, "
        "badge or trigger: all badges, to everybody.",
        describe=_plan, apply=_apply, after=background.go_on,
    )
)  # fmt: skip


# --- following one -----------------------------------------------------------------------------


def _runs(asked: Asked) -> Select[Any]:
    """What was asked for, with what became of it."""
    user = asked.mount.host.table("user")
    mine = and_(_RUN.c.job == BACKFILL, _RUN.c.period == _AUDIT.c.subject)
    return (
        select(_AUDIT, name_column(asked.mount, user), _RUN.c.state, _RUN.c.summary)
        .join_from(_AUDIT, user, user.c.id == _AUDIT.c.actor_id, isouter=True)
        .outerjoin(_RUN, mine)
        .where(_AUDIT.c.action == START)
    )


def _doing(row: Any) -> list[tuple[str, str]]:
    if row.user_id is not None:
        return []
    return [("Look", url_for("gamify_admin.backfill", period=row.subject))]


def _state(row: Any) -> str:
    if row.user_id is not None or (row.state is None and row.summary is None):
        return "done" if row.user_id is not None else "waiting or long done"
    return state_of(row)


def state_of(run: Any) -> str:
    """How far it is."""
    if run.state is JobState.DONE:
        return "cancelled" if (run.summary or "").startswith(orders.CANCELLED) else "done"
    return "running"


RUNS = add_list(
    ListPage(
        name="backfill_list",
        path="/backfills",
        title="Backfills",
        empty="Nobody has asked for a backfill here.",
        columns=(
            instant("When", lambda row: row.at),
            Column("Of", lambda row: row.subject, "code"),
            person("Who", "actor_id"),
            Column("Why", lambda row: row.reason),
            Column("State", _state, "tags"),
            Column("Did", lambda row: row.summary or ""),
            links("Do", _doing),
        ),
        source=BySelect(_runs, keys=(_AUDIT.c.id,)),
        has_page=False,
    )
)


@panel.route("/backfills", endpoint="backfills")
def _backfills() -> str:
    """What was asked for; and the way to ask."""
    return render_template("gamify_admin/backfills.html", listing=listing(RUNS))


def _progress(asked_for: str) -> dict[str, Any]:
    """How far it is; and if nobody is at it, this process goes on."""
    mount = current_mount()
    session: Session = mount.db.session()
    order = Order(BACKFILL, asked_for)
    run, waits = fence.find(session, BACKFILL, asked_for), orders.is_waiting(session, order)
    if run is None and not waits:
        raise NotFound("There is no such backfill, or it was done long ago.")
    if orders.is_abandoned(session, order):
        background.go_on()
    host = mount.host.table("user").c
    last = session.execute(select(func.max(host.id))).scalar() or 1
    state = "waiting" if run is None else state_of(run)
    is_done = state == "done"
    return {
        "state": state,
        "summary": (run.summary if run else None) or "",
        "percent": 100 if is_done else min(99, 100 * (run.cursor if run else 0) // last),
        "is_over": not waits,
    }


@panel.route("/backfills/<period>", endpoint="backfill")
def _backfill(period: str) -> str:
    """One, as it goes on."""
    current_mount().refresh(current_mount().db.session)
    found = _progress(period)
    return render_template(
        "gamify_admin/backfill.html", period=period, found=found,
        cancel=change_url(CANCEL, period=period),
        data=url_for("gamify_admin.backfill_progress", period=period),
    )  # fmt: skip


@panel.route("/backfills/<period>/progress", endpoint="backfill_progress")
def _data(period: str) -> Response:
    """The same for the page's script."""
    return jsonify(_progress(period))


def _plan_cancel(session: Session, _mount: Mount, values: Values) -> Plan:
    if not orders.is_waiting(session, Order(BACKFILL, values["period"])):
        raise BadInput("That is done, or was cancelled.")
    return Plan(("No more is granted by it.", "What it has granted stays."))


def _cancel(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    orders.cancel(session, Order(BACKFILL, values["period"]))
    return Done(
        message="The backfill is cancelled.", subject=values["period"],
        to=url_for("gamify_admin.backfills"),
    )  # fmt: skip


changes.add(
    Change(
        name=CANCEL, title="Cancel a backfill", button="Cancel it", form=RunForm,
        describe=_plan_cancel, apply=_cancel,
    )
)  # fmt: skip
