"""Rewards: what there is to be had for coins, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.codes import RULE, is_code
from zeeguu_gamify.economy import profile
from zeeguu_gamify.errors import BadInput, Unknown
from zeeguu_gamify.events import whole_number
from zeeguu_gamify.models import RedemptionStatus, Reward, RewardRedemption

_REWARD: Any = Reward.__table__
_REDEMPTION: Any = RewardRedemption.__table__
#: How long texts may be, at least and at most.
_LENGTHS = {"name": (1, 100), "description": (0, 255), "kind": (1, 32)}
#: How low numbers may be, and those that may be unlimited.
_LEAST = {"cost": 0, "amount": 1, "stock": 0, "per_user": 1}
_UNLIMITED = ("stock", "per_user")
#: What was bought is given back as the reward says, so this stays as it was bought.
_KEPT = ("kind", "amount")


@dataclass(frozen=True, slots=True)
class Offers:
    """What is to be had, and what there is to pay with."""

    coins: int
    rewards: list[Row[Any]]


class UnknownReward(Unknown):
    """There is no reward of this code."""

    kind = "reward"
    status = 404


def find(session: Session, code: str) -> Row[Any]:
    """The reward of that code; raises UnknownReward."""
    connection = session.connection()
    row: Row[Any] | None = connection.execute(select(_REWARD).where(_REWARD.c.code == code)).first()
    if row is None:
        raise UnknownReward(code, connection.execute(select(_REWARD.c.code)).scalars())
    return row


def offers(session: Session, user_id: int, at: datetime) -> Offers:
    """What the user may choose from at `at` (UTC); two SELECTs."""
    coins = profile.read(session.connection(), user_id).coins
    return Offers(coins, on_sale(session, user_id, at))


def on_sale(session: Session, user_id: int, at: datetime) -> list[Row[Any]]:
    """What is to be had at `at` (UTC), sold out or not, the cheapest first.

    `bought` of each is how many the user has.
    """
    reward = _REWARD.c
    wanted = select(_REWARD, _bought(user_id).label("bought")).where(
        or_(reward.starts_at.is_(None), reward.starts_at <= at),
        or_(reward.ends_at.is_(None), reward.ends_at > at),
    )
    return list(session.connection().execute(wanted.order_by(reward.cost, reward.code)))


def bought(session: Session, user_id: int, reward_id: int) -> int:
    """How many of a reward the user has bought and kept."""
    count = _count(user_id).where(_REDEMPTION.c.reward_id == reward_id)
    return int(session.connection().execute(count).scalar_one())


def _bought(user_id: int) -> Any:
    return _count(user_id).where(_REDEMPTION.c.reward_id == _REWARD.c.id).scalar_subquery()


def _count(user_id: int) -> Any:
    kept = _REDEMPTION.c.status == RedemptionStatus.GRANTED
    return select(func.count(_REDEMPTION.c.id)).where(_REDEMPTION.c.user_id == user_id, kept)


def save(session: Session, code: str, **columns: Any) -> bool:
    """Make the reward called `code` have these columns; whether it is new. Does not commit.

    Raises BadInput naming the field. What was bought before keeps what it cost then; kind and
    amount of what was bought cannot be changed. The code of a new one must be one that a URL can
    hold; one that is there already may be changed whatever it is called.
    """
    connection, this = session.connection(), _REWARD.c.code == code
    known = connection.execute(select(_REWARD).where(this).with_for_update()).first()
    if known is None:
        if not is_code(code):
            raise BadInput(f"code: {RULE}, not {code!r}")
        if missing := sorted({"name", "kind", "cost"} - columns.keys()):
            raise BadInput(f"{', '.join(missing)}: a new reward needs that")
        _check(columns)
        connection.execute(insert(_REWARD), {"code": code, **columns})
    elif columns:
        _check({**known._mapping, **columns})
        _check_kept(session, known, columns)
        connection.execute(update(_REWARD).where(this).values(columns))
    return known is None


def _check(columns: Mapping[str, Any]) -> None:
    for name, (least, most) in _LENGTHS.items():
        if name in columns and not least <= len(columns[name]) <= most:
            raise BadInput(f"{name} must be a text of {least} to {most} letters")
    for name, least in _LEAST.items():
        if name in columns and not (name in _UNLIMITED and columns[name] is None):
            whole_number(name, columns[name], at_least=least)
    starts, ends = columns.get("starts_at"), columns.get("ends_at")
    if starts and ends and starts >= ends:
        raise BadInput("ends_at must be later than starts_at")


def _check_kept(session: Session, known: Row[Any], columns: Mapping[str, Any]) -> None:
    """By a locking look: who has shown the page before may see a state before the purchase."""
    was = known._mapping
    changed = [name for name in _KEPT if columns.get(name, was[name]) != was[name]]
    sold = select(_REDEMPTION.c.id).where(_REDEMPTION.c.reward_id == known.id).limit(1)
    sold = sold.with_for_update(read=True)
    if changed and session.connection().execute(sold).first() is not None:
        raise BadInput(f"{', '.join(changed)}: it was bought already; make another reward")
