"""Purchases: what was bought with coins, by everybody and by one user; and giving coins back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.blueprint import MAX_ID
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, instant, links, number, one_of
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.admin.rehearsal import rehearse
from zeeguu_gamify.economy import redeem
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import RedemptionStatus, Reward, RewardRedemption
from zeeguu_gamify.mount import Mount

_REDEMPTION: Any = RewardRedemption.__table__
_REWARD: Any = Reward.__table__


class RefundForm(PanelForm):
    """Which purchase."""

    redemption = IntegerField("Purchase", [InputRequired(), NumberRange(1, MAX_ID)])


# --- lists -------------------------------------------------------------------------------------


def _doing(row: Any) -> list[tuple[str, str]]:
    if row.status is not RedemptionStatus.GRANTED:
        return []
    return [("Refund", change_url("redemption.refund", redemption=row.id))]


_WHEN = instant("When", lambda row: row.redeemed_at)
_REST = (
    Column("Reward", lambda row: row.name, below=Column("Code", lambda row: row.code, "code")),
    number("Coins", lambda row: row.cost),
    Column("State", lambda row: row.status.value.lower(), "tags"),
    instant("Refunded", lambda row: row.refunded_at),
    links("Do", _doing),
)


def _all(asked: Asked) -> Select[Any]:
    user = asked.mount.host.table("user")
    found = (
        select(_REDEMPTION, _REWARD.c.code, _REWARD.c.name, name_column(asked.mount, user))
        .join_from(_REDEMPTION, _REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id)
        .join(user, user.c.id == _REDEMPTION.c.user_id)
    )
    return asked.narrowed(found, "state", _REDEMPTION.c.status, RedemptionStatus)


add_list(
    ListPage(
        name="redemptions",
        path="/purchases",
        title="Purchases",
        about="What was bought with coins, the newest first.",
        empty="Nothing has been bought.",
        columns=(_WHEN, person(), *_REST),
        filters=(one_of("state", "State", RedemptionStatus),),
        source=BySelect(_all, keys=(_REDEMPTION.c.id,)),
    )
)


def _of_user(_asked: Asked) -> Select[Any]:
    return select(_REDEMPTION, _REWARD.c.code, _REWARD.c.name).join_from(
        _REDEMPTION, _REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id
    )


def _user(asked: Asked) -> Equal:
    return _REDEMPTION.c.user_id, asked.path["user_id"]


users.add_tab(
    "purchases",
    ListPage(
        name="user_purchase_list",
        path="/users/<int:user_id>/purchases",
        title="Purchases",
        empty="This user has bought nothing.",
        columns=(_WHEN, *_REST),
        source=BySelect(_of_user, keys=(_REDEMPTION.c.id,), within=_user),
        has_page=False,
    ),
)


# --- giving coins back -------------------------------------------------------------------------


def _purchase(session: Session, values: Values) -> Any:
    wanted = (
        select(_REDEMPTION, _REWARD.c.code)
        .join_from(_REDEMPTION, _REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id)
        .where(_REDEMPTION.c.id == values["redemption"])
    )
    found = session.execute(wanted).first()
    if found is None:
        raise NotFound(f"There is no purchase {values['redemption']}.")
    return found


def _plan_refund(session: Session, mount: Mount, values: Values) -> Plan:
    row = _purchase(session, values)
    user = users.find(session, mount, row.user_id)
    _, counts = rehearse(session, mount, user.id, lambda: redeem.refund(session, row.id))
    return Plan(
        (
            f"{user.name} gets {row.cost} coins back for {row.code}.",
            "What was bought is taken back, and is in stock again.",
        ),
        counts,
    )


def _refund(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    back = redeem.refund(session, values["redemption"])
    user_id = _purchase(session, values).user_id
    return Done(
        message=f"{back.cost} coins are given back for {back.reward}.",
        subject=f"purchase {back.id} of {back.reward}",
        user_id=user_id,
        old={"status": "GRANTED"},
        new={"status": back.status.value, "coins": back.cost},
        to=users.tab_url(user_id, "purchases"),
    )


changes.add(
    Change(
        name="redemption.refund", title="Refund a purchase", button="Give the coins back",
        form=RefundForm, describe=_plan_refund, apply=_refund, after=Mount.wake,
    )
)  # fmt: skip
