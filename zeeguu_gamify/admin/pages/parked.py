"""Parked messages: what failed to be delivered too often, and trying it again."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.lists import Column, ListPage, instant, links
from zeeguu_gamify.admin.pages.acting import IdForm, add_acting
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.mount import Mount

_MESSAGE: Any = OutboxMessage.__table__


def _parked(asked: Asked) -> Select[Any]:
    user = asked.mount.host.table("user")
    return select(_MESSAGE, name_column(asked.mount, user)).join_from(
        _MESSAGE, user, user.c.id == _MESSAGE.c.user_id, isouter=True
    )


def _never(_asked: Asked) -> Equal:
    return _MESSAGE.c.due_at, claims.NEVER


def _doing(row: Any) -> list[tuple[str, str]]:
    return [("Try again", change_url("message.retry", id=row.id))]


add_acting(
    ListPage(
        name="parked_list",
        path="/parked",
        title="Parked messages",
        about="What failed to be delivered too often. It waits for a person.",
        empty="Nothing is parked.",
        columns=(
            instant("Since", lambda row: row.created_at),
            Column("Topic", lambda row: row.topic, "code"),
            person(),
            Column("Error", lambda row: row.error or ""),
            links("Do", _doing),
        ),
        source=BySelect(_parked, keys=(_MESSAGE.c.id,), within=_never),
        has_page=False,
    ),
    "parked",
    [("Try all again", "outbox.retry")],
)


def _message(session: Session, values: Values) -> Any:
    wanted = select(_MESSAGE).where(
        _MESSAGE.c.id == values["id"], _MESSAGE.c.due_at == claims.NEVER
    )
    row = session.execute(wanted).first()
    if row is None:
        raise NotFound(f"Message {values['id']} is not parked.")
    return row


def _plan(session: Session, _mount: Mount, values: Values) -> Plan:
    row = _message(session, values)
    return Plan((f"{row.topic} is tried again now; it failed with: {row.error}",))


def _retry(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    row = _message(session, values)
    claims.retry(session, row.id)
    return Done(
        message=f"{row.topic} is tried again.", subject=f"message {row.id}, {row.topic}",
        user_id=row.user_id, old={"error": row.error}, to=url_for("gamify_admin.parked"),
    )  # fmt: skip


changes.add(
    Change(
        name="message.retry", title="Try a message again", button="Try again", form=IdForm,
        describe=_plan, apply=_retry, after=Mount.wake,
    )
)  # fmt: skip
