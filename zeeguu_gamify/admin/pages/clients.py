"""Ingestion clients: the services that may send events, and what each may tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm, listed, strip
from zeeguu_gamify.admin.lists import Column, ListPage, instant, links
from zeeguu_gamify.admin.pages.acting import OverlapForm, add_acting
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.ingestion import clients
from zeeguu_gamify.ingestion.clients import Client, UnknownClient
from zeeguu_gamify.mount import Mount


class NameForm(PanelForm):
    """Which client."""

    client = StringField("Name", [InputRequired(), Length(max=50)], [strip])


class ClientForm(NameForm):
    """A client, and what it may tell."""

    events = StringField(
        "Events", [InputRequired(), Length(max=2000)], [strip],
        description="What it may tell, with commas between.",
    )  # fmt: skip


class RotateForm(NameForm, OverlapForm):
    """Which client gets a new secret."""


def _clients(asked: Asked) -> Sequence[Client]:
    return clients.every(asked.session)


def _doing(row: Client) -> list[tuple[str, str]]:
    switch = "enable" if row.disabled_at else "disable"
    return [
        ("Allow", change_url("client.allow", client=row.name, events=", ".join(row.events))),
        (switch.capitalize(), change_url(f"client.{switch}", client=row.name)),
        ("Rotate", change_url("client.rotate", client=row.name)),
    ]


add_acting(
    ListPage(
        name="client_list",
        path="/clients",
        title="Clients",
        about="Services that may send events.",
        empty="No other service sends events.",
        columns=(
            Column("Name", lambda row: row.name, "code"),
            Column("May tell", lambda row: ", ".join(row.events), "code"),
            Column("State", lambda row: "off" if row.disabled_at else "on", "tags"),
            instant("Since", lambda row: row.disabled_at or row.created_at),
            links("Do", _doing),
        ),
        source=InMemory(_clients),
        has_page=False,
    ),
    "clients",
    [("New client", "client.add")],
)


def _known(session: Session, values: Values) -> Client:
    found = clients.called(session, values["client"])
    if found is None:
        raise UnknownClient(values["client"], [one.name for one in clients.every(session)])
    return found


def _events(values: Values) -> list[str]:
    return listed(values["events"])


def _here() -> str:
    return url_for("gamify_admin.clients")


def _plan_add(session: Session, mount: Mount, values: Values) -> Plan:
    clients.add(session, mount, values["client"], _events(values))
    lines = (
        f"{values['client']} may tell {', '.join(listed(values['events']))}, and nothing else.",
    )
    off = ("Nothing is taken before GAMIFY_INGESTION is True.",)
    return Plan(lines if mount.config.ingestion else lines + off)


def _add(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    secret = clients.add(session, mount, values["client"], _events(values))
    return Done(
        message=f"{values['client']} may send events now.", subject=values["client"],
        new={"events": _events(values)}, to=_here(), secret=secret,
    )  # fmt: skip


def _plan_allow(session: Session, mount: Mount, values: Values) -> Plan:
    old, new = set(_known(session, values).events), set(_events(values))
    clients.allow(session, mount, values["client"], new)
    lines = [f"{values['client']} may tell {one} now." for one in sorted(new - old)]
    lines += [f"{values['client']} may not tell {one} any more." for one in sorted(old - new)]
    if not lines:
        raise BadInput(f"{values['client']} may tell that already.")
    return Plan(tuple(lines))


def _allow(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    old = _known(session, values).events
    clients.allow(session, mount, values["client"], _events(values))
    return Done(
        message=f"What {values['client']} may tell is changed.", subject=values["client"],
        old={"events": list(old)}, new={"events": _events(values)}, to=_here(),
    )  # fmt: skip


def _plan_switch(session: Session, _mount: Mount, values: Values, what: str) -> Plan:
    name = _known(session, values).name
    taken = what == "enable"
    return Plan((f"Events of {name} are {'taken again' if taken else 'refused from now on'}.",))


def _switch(session: Session, _mount: Mount, values: Values, _reason: str, what: str) -> Done:
    old = _known(session, values)
    clients.switch(session, old.name, on=what == "enable")
    state: dict[str, Any] = {"disabled_at": old.disabled_at}
    return Done(message=f"{old.name}: {what}d.", subject=old.name, old=state, to=_here())


def _plan_rotate(session: Session, _mount: Mount, values: Values) -> Plan:
    return Plan(
        (
            f"{_known(session, values).name} gets a new secret, which is shown once.",
            f"The old one is good for {values['hours']} hours more.",
        )
    )


def _rotate(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    hours = float(values["hours"])
    secret = clients.rotate(session, values["client"], timedelta(hours=hours))
    return Done(
        message="There is a new secret.", subject=values["client"], new={"overlap_hours": hours},
        to=_here(), secret=secret,
    )  # fmt: skip


changes.add(
    Change(
        name="client.add", title="New client", button="Add it", form=ClientForm,
        about="Its secret is shown once.", describe=_plan_add, apply=_add,
    )
)  # fmt: skip
changes.add(
    Change(
        name="client.allow", title="What a client may tell", button="Change it", form=ClientForm,
        describe=_plan_allow, apply=_allow,
    )
)  # fmt: skip
changes.add(
    Change(
        name="client.rotate", title="New secret", button="Rotate", form=RotateForm,
        describe=_plan_rotate, apply=_rotate,
    )
)  # fmt: skip
for _name, _title in (("enable", "Enable"), ("disable", "Disable")):
    changes.add(
        Change(
            name=f"client.{_name}", title=f"{_title} a client", button=_title, form=NameForm,
            describe=partial(_plan_switch, what=_name), apply=partial(_switch, what=_name),
            is_dangerous=_name == "disable",
        )
    )  # fmt: skip
