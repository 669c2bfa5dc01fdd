"""Webhooks: who hears of us by HTTP, what was sent, and sending it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import render_template, url_for
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateTimeLocalField, StringField
from wtforms.validators import InputRequired, Length

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm, strip
from zeeguu_gamify.admin.lists import (
    Column,
    Filter,
    ListPage,
    add_list,
    instant,
    links,
    listing,
    number,
)
from zeeguu_gamify.admin.pages.acting import IdForm, OverlapForm, add_acting
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.admin.words import when
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.guard import networks
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import WebhookDelivery, WebhookEndpoint
from zeeguu_gamify.mount import Mount

_ENDPOINT: Any = WebhookEndpoint.__table__
_DELIVERY: Any = WebhookDelivery.__table__


class NewForm(PanelForm):
    """A URL, and what it hears of."""

    url = StringField("URL", [InputRequired(), Length(max=500)], [strip])
    topics = StringField(
        "Topics", [Length(max=500)], [strip], description="With commas between; empty: everything."
    )


class RotateForm(IdForm, OverlapForm):
    """Which endpoint gets a new secret."""


class ReplayForm(IdForm):
    """What to send again to an endpoint."""

    since = DateTimeLocalField("Since (UTC)", validators=[InputRequired()])
    failed = BooleanField("Only what was not received")


# --- lists -------------------------------------------------------------------------------------


def _state(row: Any) -> str:
    if row.disabled_at:
        return "off"
    return "failing" if row.failing_since else "on"


def _doing(row: Any) -> list[tuple[str, str]]:
    switch = "enable" if row.disabled_at else "disable"
    return [
        (said, change_url(f"webhook.{name}", id=row.id))
        for said, name in (
            (switch.capitalize(), switch), ("Rotate", "rotate"), ("Replay", "replay"),
            ("Remove", "remove"),
        )
    ]  # fmt: skip


def _url(endpoint_id: int) -> str:
    return url_for("gamify_admin.webhook", endpoint_id=endpoint_id)


add_acting(
    ListPage(
        name="webhook_list",
        path="/webhooks",
        title="Webhooks",
        about="Who hears of us by HTTP.",
        empty="Nobody hears of us by HTTP.",
        columns=(
            Column("URL", lambda row: row.url, "strong", lambda row: _url(row.id)),
            Column("Topics", lambda row: ", ".join(row.topics) or "everything", "tags"),
            Column("State", _state, "tags"),
            Column("Why", lambda row: row.disabled_why or ""),
            instant("Since", lambda row: row.disabled_at or row.failing_since or row.created_at),
            links("Do", _doing),
        ),
        source=BySelect(lambda _asked: select(_ENDPOINT), keys=(_ENDPOINT.c.id,)),
        has_page=False,
    ),
    "webhooks",
    [("New endpoint", "webhook.add")],
)


def outcome(row: Any) -> str:
    """What became of a delivery."""
    if row.delivered_at is not None:
        return "received"
    if row.due_at is None:
        return "given up"
    return "failed" if row.attempts else "waiting"


_OUTCOMES = {
    "received": _DELIVERY.c.delivered_at.is_not(None),
    "given up": _DELIVERY.c.delivered_at.is_(None) & _DELIVERY.c.due_at.is_(None),
    "waiting": _DELIVERY.c.delivered_at.is_(None) & _DELIVERY.c.due_at.is_not(None),
}


def _deliveries(asked: Asked) -> Select[Any]:
    """The newest by the primary key: by the index of an endpoint the server would sort them all."""
    user = asked.mount.host.table("user")
    found = (
        select(_DELIVERY, name_column(asked.mount, user))
        .join_from(_DELIVERY, user, user.c.id == _DELIVERY.c.user_id, isouter=True)
        .where(_DELIVERY.c.endpoint_id + 0 == asked.path["endpoint_id"])
    )
    if asked.filters.get("outcome") in _OUTCOMES:
        found = found.where(_OUTCOMES[asked.filters["outcome"]])
    return found


def _outcomes(_asked: Asked) -> Iterable[tuple[str, str]]:
    return [(one, one) for one in _OUTCOMES]


def _again(row: Any) -> list[tuple[str, str]]:
    return [("Send again", change_url("delivery.replay", id=row.id))]


DELIVERIES = add_list(
    ListPage(
        name="deliveries",
        path="/webhooks/<int:endpoint_id>",
        title="Deliveries",
        empty="Nothing has been sent to it.",
        columns=(
            instant("When", lambda row: row.created_at),
            Column("Topic", lambda row: row.topic, "code"),
            person(),
            Column("Outcome", outcome, "tags"),
            number("Tries", lambda row: row.attempts),
            Column(
                "Answer",
                lambda row: row.status or "",
                below=Column("Error", lambda row: row.error or ""),
            ),
            Column("Message", lambda row: row.message_id, "code"),
            links("Do", _again),
        ),
        filters=(Filter("outcome", "Outcome", _outcomes),),
        source=BySelect(_deliveries, keys=(_DELIVERY.c.id,)),
        has_page=False,
    )
)


@panel.route("/webhooks/<int:endpoint_id>", endpoint="webhook")
def _webhook(endpoint_id: int) -> str:
    """An endpoint, and what was sent to it."""
    found = listing(DELIVERIES, endpoint_id=endpoint_id)
    row = _endpoint(found.asked.session, endpoint_id)
    facts = {
        "Topics": ", ".join(row.topics) or "everything", "State": _state(row),
        "Since": when(row.disabled_at or row.failing_since or row.created_at),
        "Why": row.disabled_why or "–",
    }  # fmt: skip
    return render_template(
        "gamify_admin/actions.html", listing=found, facts=facts, title=row.url,
        actions=_doing(row), crumbs=("Webhooks", url_for("gamify_admin.webhooks")),
    )  # fmt: skip


def _endpoint(session: Session, endpoint_id: int) -> Any:
    row = session.execute(select(_ENDPOINT).where(_ENDPOINT.c.id == endpoint_id)).first()
    if row is None:
        raise NotFound(f"There is no endpoint {endpoint_id}.")
    return row


# --- changes -----------------------------------------------------------------------------------


def _topics(values: Values) -> list[str]:
    return [one for one in map(str.strip, values["topics"].split(",")) if one]


def _plan_add(session: Session, mount: Mount, values: Values) -> Plan:
    endpoints.add(session, values["url"], _topics(values), networks(mount.config.webhook_allow))
    what = ", ".join(_topics(values)) or "everything"
    lines = (f"{values['url']} hears of {what} from now on.",)
    off = ("Nothing is sent before GAMIFY_WEBHOOKS is True.",)
    return Plan(lines if mount.config.webhooks else lines + off)


def _add(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    allowed = networks(mount.config.webhook_allow)
    id_, secret = endpoints.add(session, values["url"], _topics(values), allowed)
    return Done(
        message=f"{values['url']} hears of us now.", subject=f"endpoint {id_}",
        new={"url": values["url"], "topics": _topics(values)}, to=_url(id_), secret=secret,
    )  # fmt: skip


def _plan_rotate(session: Session, _mount: Mount, values: Values) -> Plan:
    url = _endpoint(session, values["id"]).url
    return Plan(
        (
            f"{url} gets a new secret, which is shown once.",
            f"Messages are signed by the old one too for {values['hours']} hours.",
        )
    )


def _rotate(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    hours = float(values["hours"])
    secret = endpoints.rotate(session, values["id"], timedelta(hours=hours))
    return Done(
        message="There is a new secret.", subject=f"endpoint {values['id']}",
        new={"overlap_hours": hours}, to=_url(values["id"]), secret=secret,
    )  # fmt: skip


_SWITCHES = {
    "enable": "{url} is sent to again, also what still waits.",
    "disable": "Nothing is sent to {url}, and nothing is owed to it, from now on.",
    "remove": "{url} is forgotten, with everything that was sent to it.",
}


def _plan_switch(session: Session, _mount: Mount, values: Values, what: str) -> Plan:
    return Plan((_SWITCHES[what].format(url=_endpoint(session, values["id"]).url),))


def _switch(session: Session, _mount: Mount, values: Values, reason: str, what: str) -> Done:
    row, id_ = _endpoint(session, values["id"]), values["id"]
    if what == "enable":
        endpoints.enable(session, id_)
    elif what == "disable":
        endpoints.disable(session, id_, reason)
    else:
        endpoints.remove(session, id_)
    return Done(
        message=f"{row.url}: {what}d.", subject=f"endpoint {id_}",
        old={"url": row.url, "topics": row.topics, "disabled_at": row.disabled_at},
        to=url_for("gamify_admin.webhooks"),
    )  # fmt: skip


def _which(values: Values) -> list[ColumnElement[bool]]:
    which = [
        _DELIVERY.c.endpoint_id == values["id"], _DELIVERY.c.created_at >= values["since"],
    ]  # fmt: skip
    return [*which, _DELIVERY.c.delivered_at.is_(None)] if values["failed"] else which


def _plan_replay(session: Session, _mount: Mount, values: Values) -> Plan:
    url = _endpoint(session, values["id"]).url
    count = queue.again(session, *_which(values))
    return Plan(
        (f"{count} messages are sent to {url} again.", "Their ids stay, so it knows which it has."),
        {"Messages": count},
    )


def _replay(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    count = queue.again(session, *_which(values))
    return Done(
        message=f"{count} are sent again.", subject=f"endpoint {values['id']}",
        new={"messages": count, "since": values["since"]}, to=_url(values["id"]),
    )  # fmt: skip


def _delivery(session: Session, delivery_id: int) -> Any:
    row = session.execute(select(_DELIVERY).where(_DELIVERY.c.id == delivery_id)).first()
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id}.")
    return row


def _plan_again(session: Session, _mount: Mount, values: Values) -> Plan:
    row = _delivery(session, values["id"])
    return Plan((f"{row.topic} {row.message_id} is sent again; it was {outcome(row)}.",))


def _send_again(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    row = _delivery(session, values["id"])
    queue.again(session, _DELIVERY.c.id == row.id)
    return Done(
        message="It is sent again.", subject=f"delivery {row.id} of endpoint {row.endpoint_id}",
        to=_url(row.endpoint_id),
    )  # fmt: skip


changes.add(
    Change(
        name="webhook.add", title="New endpoint", button="Add it", form=NewForm,
        about="Its secret is shown once.", describe=_plan_add, apply=_add,
    )
)  # fmt: skip
changes.add(
    Change(
        name="webhook.rotate", title="New secret", button="Rotate", form=RotateForm,
        describe=_plan_rotate, apply=_rotate,
    )
)  # fmt: skip
for _name, _title in (("enable", "Enable"), ("disable", "Disable"), ("remove", "Remove")):
    changes.add(
        Change(
            name=f"webhook.{_name}", title=f"{_title} an endpoint", button=_title, form=IdForm,
            describe=partial(_plan_switch, what=_name), apply=partial(_switch, what=_name),
            is_dangerous=_name != "enable",
        )
    )  # fmt: skip
changes.add(
    Change(
        name="webhook.replay", title="Send again", button="Send again", form=ReplayForm,
        describe=_plan_replay, apply=_replay,
    )
)  # fmt: skip
changes.add(
    Change(
        name="delivery.replay", title="Send a message again", button="Send again", form=IdForm,
        describe=_plan_again, apply=_send_again,
    )
)  # fmt: skip
