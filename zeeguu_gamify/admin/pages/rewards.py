"""Rewards: what coins buy, and how many are left; made, changed, switched off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from zeeguu_gamify import clock
from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm, strip
from zeeguu_gamify.admin.lists import Column, ListPage, links, number
from zeeguu_gamify.admin.pages.acting import add_acting
from zeeguu_gamify.admin.paging import BySelect
from zeeguu_gamify.codes import RULE
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.economy.rewards import UnknownReward
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.models import Reward
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.subscriber import FREEZES

_REWARD: Any = Reward.__table__
#: Column → the field of the form; `name` in the URL is that of the change.
_FIELDS = {
    "name": "title", "description": "description", "kind": "kind", "amount": "amount",
    "cost": "cost", "stock": "stock", "per_user": "per_user", "starts_at": "starts_at",
    "ends_at": "ends_at",
}  # fmt: skip
_LOCAL = "%Y-%m-%dT%H:%M:%S"


class CodeForm(PanelForm):
    """Which reward."""

    code = StringField("Code", [InputRequired(), Length(max=64)], [strip])


class RewardForm(CodeForm):
    """A reward, new or changed."""

    code = StringField(
        "Code", [InputRequired(), Length(max=64)], [strip],
        description=f"Of a new one: {RULE}.",
    )  # fmt: skip
    title = StringField("Name", [InputRequired(), Length(max=100)], [strip])
    description = StringField("Description", [Length(max=255)], [strip])
    kind = StringField(
        "Kind", [InputRequired(), Length(max=32)], [strip],
        description="freezes, or what your own code gives.",
    )  # fmt: skip
    amount = IntegerField(
        "So many of the kind", [InputRequired(), NumberRange(1, MAX_INT)], default=1
    )
    cost = IntegerField("Cost", [InputRequired(), NumberRange(0, MAX_INT)], description="Coins.")
    stock = IntegerField(
        "Left", [Optional(), NumberRange(0, MAX_INT)], description="Empty: without limit."
    )
    per_user = IntegerField(
        "For each user", [Optional(), NumberRange(1, MAX_INT)], description="Empty: without limit."
    )
    starts_at = DateTimeLocalField("To be had from (UTC)", validators=[Optional()])
    ends_at = DateTimeLocalField("until", validators=[Optional()])


# --- lists -------------------------------------------------------------------------------------


def _state(row: Any) -> str:
    now = clock.now()
    if row.starts_at and row.starts_at > now:
        return "not open now"
    if row.ends_at and row.ends_at <= now:
        return "off"
    return "sold out" if row.stock == 0 else "on sale"


def _gives(amount: int, kind: str) -> str:
    """E.g. "2 freezes"; of other kinds only the host knows how one of them is called."""
    return f"{amount} {'freeze' if (amount, kind) == (1, FREEZES) else kind}"


def _doing(row: Any) -> list[tuple[str, str]]:
    now = {name: _plain(getattr(row, column)) for column, name in _FIELDS.items()}
    is_off = row.ends_at and row.ends_at <= clock.now()
    switch = ("Switch on", "reward.on") if is_off else ("Switch off", "reward.off")
    edit = {name: value for name, value in now.items() if value is not None}
    return [
        ("Change", change_url("reward.save", code=row.code, **edit)),
        (switch[0], change_url(switch[1], code=row.code)),
    ]


def _plain(value: Any) -> Any:
    return value.strftime(_LOCAL) if isinstance(value, datetime) else value


add_acting(
    ListPage(
        name="reward_list",
        path="/rewards",
        title="Rewards",
        about="What coins buy.",
        empty="There is nothing to be had for coins.",
        columns=(
            Column(
                "Reward", lambda row: row.name, below=Column("Code", lambda it: it.code, "code")
            ),
            Column("Gives", lambda row: _gives(row.amount, row.kind)),
            number("Coins", lambda row: row.cost),
            number("Left", lambda row: row.stock, "–: without limit"),
            number("For each", lambda row: row.per_user, "–: without limit"),
            Column("State", _state, "tags"),
            links("Do", _doing),
        ),
        source=BySelect(lambda _asked: select(_REWARD), keys=(_REWARD.c.id,)),
        has_page=False,
    ),
    "rewards",
    [("New reward", "reward.save")],
)


# --- changes -----------------------------------------------------------------------------------


def _known(session: Session, code: str) -> dict[str, Any] | None:
    """The reward as it is, if there is one of this code."""
    try:
        row = rewards.find(session, code)
    except UnknownReward:
        return None
    return {name: getattr(row, name) for name in _FIELDS}


def _said(value: Any) -> str:
    return "none" if value is None or value == "" else str(value)


def _columns(values: Values) -> dict[str, Any]:
    return {column: values[name] for column, name in _FIELDS.items()}


def _plan_save(session: Session, _mount: Mount, values: Values) -> Plan:
    code, new = values["code"], _columns(values)
    old = _known(session, code)
    rewards.save(session, code, **new)
    kept = "What was bought before keeps what it cost then."
    if old is None:
        gives = _gives(new["amount"], new["kind"])
        return Plan((f"{code} is new: {gives} for {new['cost']} coins.",))
    lines = [
        f"{column.replace('_', ' ').capitalize()} of {code} becomes {_said(value)}; "
        f"it is {_said(old[column])}."
        for column, value in new.items()
        if value != old[column]
    ]
    if not lines:
        raise BadInput(f"{code} is like that already.")
    return Plan((*lines, kept))


def _save(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    old, new = _known(session, values["code"]), _columns(values)
    is_new = rewards.save(session, values["code"], **new)
    return _done(values["code"], "new" if is_new else "changed", old, new)


def _done(code: str, what: str, old: Any, new: Any) -> Done:
    return Done(
        message=f"{code} is {what}.", subject=code, old=old, new=new,
        to=url_for("gamify_admin.rewards"),
    )  # fmt: skip


def _plan_off(session: Session, _mount: Mount, values: Values) -> Plan:
    rewards.find(session, values["code"])
    return Plan((f"{values['code']} is not to be had any more, from now on.",))


def _off(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    old = _times(session, values["code"])
    new: dict[str, Any] = {"ends_at": clock.now()}
    if old["starts_at"] is not None and old["starts_at"] >= new["ends_at"]:
        new["starts_at"] = None
    rewards.save(session, values["code"], **new)
    return _done(values["code"], "switched off", old, new)


def _plan_on(session: Session, _mount: Mount, values: Values) -> Plan:
    row = rewards.find(session, values["code"])
    return Plan((f"{values['code']} is to be had again, for {row.cost} coins, from now on.",))


def _on(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    old = _times(session, values["code"])
    new = {"starts_at": None, "ends_at": None}
    rewards.save(session, values["code"], **new)
    return _done(values["code"], "switched on", old, new)


def _times(session: Session, code: str) -> dict[str, Any]:
    row = rewards.find(session, code)
    return {"starts_at": row.starts_at, "ends_at": row.ends_at}


changes.add(
    Change(
        name="reward.save", title="Make or change a reward", button="Save", form=RewardForm,
        describe=_plan_save, apply=_save,
    )
)  # fmt: skip
changes.add(
    Change(
        name="reward.off", title="Switch a reward off", button="Switch off", form=CodeForm,
        describe=_plan_off, apply=_off,
    )
)  # fmt: skip
changes.add(
    Change(
        name="reward.on", title="Switch a reward on", button="Switch on", form=CodeForm,
        describe=_plan_on, apply=_on,
    )
)  # fmt: skip
