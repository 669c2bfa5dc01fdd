"""What may be done about webhooks: new ones, new secrets, on and off, sending again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateTimeLocalField, StringField
from wtforms.validators import InputRequired, Length

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm, listed, strip
from zeeguu_gamify.admin.pages.acting import IdForm, OverlapForm
from zeeguu_gamify.admin.pages.webhooks import find, outcome, url_of
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.guard import networks
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import WebhookDelivery
from zeeguu_gamify.mount import Mount

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


def _topics(values: Values) -> list[str]:
    return listed(values["topics"])


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
        new={"url": values["url"], "topics": _topics(values)}, to=url_of(id_), secret=secret,
    )  # fmt: skip


def _plan_rotate(session: Session, _mount: Mount, values: Values) -> Plan:
    url = find(session, values["id"]).url
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
        new={"overlap_hours": hours}, to=url_of(values["id"]), secret=secret,
    )  # fmt: skip


_SWITCHES = {
    "enable": "{url} is sent to again, also what still waits.",
    "disable": "Nothing is sent to {url}, and nothing is owed to it, from now on.",
    "remove": "{url} is forgotten, with everything that was sent to it.",
}


def _plan_switch(session: Session, _mount: Mount, values: Values, what: str) -> Plan:
    return Plan((_SWITCHES[what].format(url=find(session, values["id"]).url),))


def _switch(session: Session, _mount: Mount, values: Values, reason: str, what: str) -> Done:
    row, id_ = find(session, values["id"]), values["id"]
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
    url = find(session, values["id"]).url
    count = queue.again(session, *_which(values))
    return Plan(
        (f"{count} messages are sent to {url} again.", "Their ids stay, so it knows which it has."),
        {"Messages": count},
    )


def _replay(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    count = queue.again(session, *_which(values))
    return Done(
        message=f"{count} are sent again.", subject=f"endpoint {values['id']}",
        new={"messages": count, "since": values["since"]}, to=url_of(values["id"]),
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
        to=url_of(row.endpoint_id),
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
