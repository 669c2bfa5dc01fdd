"""Amnesties: outages for which no streak may break; declared, and taken back."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField
from wtforms.validators import InputRequired

from zeeguu_gamify import clock
from zeeguu_gamify.admin import background, changes
from zeeguu_gamify.admin.access import admin
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.lists import Column, ListPage, instant, links
from zeeguu_gamify.admin.pages.acting import IdForm, add_acting
from zeeguu_gamify.admin.paging import BySelect
from zeeguu_gamify.admin.words import when
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.jobs import orders, schedule
from zeeguu_gamify.jobs.orders import Order
from zeeguu_gamify.models import Amnesty
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import amnesty, opening
from zeeguu_gamify.streaks.amnesty import Window
from zeeguu_gamify.streaks.repair import check_ours

_AMNESTY: Any = Amnesty.__table__


class WindowForm(PanelForm):
    """From when to when the service was not to be reached."""

    since = DateTimeLocalField("From (UTC)", validators=[InputRequired()])
    until = DateTimeLocalField("To (UTC)", validators=[InputRequired()])


def _doing(row: Any) -> list[tuple[str, str]]:
    return [] if row.undone_at else [("Take back", change_url("amnesty.undo", id=row.id))]


add_acting(
    ListPage(
        name="amnesty_list",
        path="/amnesties",
        title="Amnesties",
        about="Outages for which no streak may break: each local date that one touched is bridged.",
        empty="No amnesty has been declared.",
        columns=(
            instant("From", lambda row: row.from_utc),
            instant("Until", lambda row: row.to_utc),
            Column("Why", lambda row: row.reason),
            Column("Who", lambda row: row.actor),
            instant("Declared", lambda row: row.created_at),
            instant("Taken back", lambda row: row.undone_at),
            links("Do", _doing),
        ),
        source=BySelect(lambda _asked: select(_AMNESTY), keys=(_AMNESTY.c.id,)),
        has_page=False,
    ),
    "amnesties",
    [("Declare an amnesty", "amnesty.declare")],
)


def _check(session: Session, mount: Mount) -> None:
    check_ours(mount)
    if opening.is_needed(session, mount):
        raise BadInput("Streaks are not open yet; run `flask gamify streaks open` first.")
    if schedule.is_idle(session, mount):
        raise BadInput("Events are paused, so this waits.")


def _plan_declare(session: Session, mount: Mount, values: Values) -> Plan:
    _check(session, mount)
    amnesty.check(Window(values["since"], values["until"]), "–")
    return Plan(
        (
            f"No streak ends for {when(values['since'])} to {when(values['until'])}: each local "
            "date that this touched is bridged for whoever missed it.",
            "Freezes that were used for it are given back. It runs in the background.",
        )
    )


def _declare(session: Session, mount: Mount, values: Values, reason: str) -> Done:
    _check(session, mount)
    window = Window(values["since"], values["until"])
    amnesty.check(window, reason)
    window = amnesty.declare(session, window, reason, admin().name)
    orders.place(session, Order(orders.AMNESTY, str(window.id), {"amnesty": window.id}))
    return Done(
        message="The amnesty is declared; streaks are being bridged.",
        subject=f"amnesty {window.id}",
        new={"from": values["since"], "until": values["until"], "at": clock.now()},
        to=url_for("gamify_admin.amnesties"),
    )


def _plan_undo(session: Session, mount: Mount, values: Values) -> Plan:
    _check(session, mount)
    row = session.execute(select(_AMNESTY).where(_AMNESTY.c.id == values["id"])).first()
    if row is None or row.undone_at:
        raise NotFound(f"There is no amnesty {values['id']} that stands.")
    return Plan(
        (
            f"The bridges for {when(row.from_utc)} to {when(row.to_utc)} go; streaks may end.",
            "Freezes that it gave back are used again. It runs in the background.",
        )
    )


def _undo(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    _check(session, mount)
    amnesty.take_back(session, values["id"])
    orders.place(session, Order(orders.UNDO, str(values["id"]), {"amnesty": values["id"]}))
    return Done(
        message="The amnesty is being taken back.", subject=f"amnesty {values['id']}",
        to=url_for("gamify_admin.amnesties"),
    )  # fmt: skip


changes.add(
    Change(
        name="amnesty.declare", title="Declare an amnesty", button="Declare it", form=WindowForm,
        about="For an outage that is over: no streak ends for it.",
        describe=_plan_declare, apply=_declare, after=background.go_on,
    )
)  # fmt: skip
changes.add(
    Change(
        name="amnesty.undo", title="Take an amnesty back", button="Take it back", form=IdForm,
        describe=_plan_undo, apply=_undo, after=background.go_on, is_dangerous=True,
    )
)  # fmt: skip
