"""Webhooks: who hears of us by HTTP, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import change_url
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
from zeeguu_gamify.admin.pages.acting import add_acting
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.admin.words import when
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import WebhookDelivery, WebhookEndpoint

_ENDPOINT: Any = WebhookEndpoint.__table__
_DELIVERY: Any = WebhookDelivery.__table__


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


def url_of(endpoint_id: int) -> str:
    """The page of an endpoint."""
    return url_for("gamify_admin.webhook", endpoint_id=endpoint_id)


add_acting(
    ListPage(
        name="webhook_list",
        path="/webhooks",
        title="Webhooks",
        about="Who hears of us by HTTP.",
        empty="Nobody hears of us by HTTP.",
        columns=(
            Column("URL", lambda row: row.url, "strong", lambda row: url_of(row.id)),
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
    row = find(found.asked.session, endpoint_id)
    facts = {
        "Topics": ", ".join(row.topics) or "everything", "State": _state(row),
        "Since": when(row.disabled_at or row.failing_since or row.created_at),
        "Why": row.disabled_why or "–",
    }  # fmt: skip
    return render_template(
        "gamify_admin/actions.html", listing=found, facts=facts, title=row.url,
        actions=_doing(row), crumbs=("Webhooks", url_for("gamify_admin.webhooks")),
    )  # fmt: skip


def find(session: Session, endpoint_id: int) -> Any:
    """The row of an endpoint; raises NotFound."""
    row = session.execute(select(_ENDPOINT).where(_ENDPOINT.c.id == endpoint_id)).first()
    if row is None:
        raise NotFound(f"There is no endpoint {endpoint_id}.")
    return row
