"""Rewards: what there is to be had for coins, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.economy import profile
from zeeguu_gamify.errors import BadInput, Unknown
from zeeguu_gamify.events import whole_number
from zeeguu_gamify.models import RedemptionStatus, Reward, RewardRedemption

#: The kind that the streaks give; others are for the host to give.
FREEZES = "freezes"

_REWARD: Any = Reward.__table__
_REDEMPTION: Any = RewardRedemption.__table__
#: How long texts may be.
_LENGTHS = {"code": 64, "name": 100, "kind": 32}


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

    Raises BadInput naming the field. What was bought before keeps what it cost then.
    """
    _check({"code": code, **columns})
    connection = session.connection()
    known = connection.execute(select(_REWARD.c.id).where(_REWARD.c.code == code)).scalar()
    if known is None:
        if missing := sorted({"name", "kind", "cost"} - columns.keys()):
            raise BadInput(f"{', '.join(missing)}: a new reward needs that")
        connection.execute(insert(_REWARD), {"code": code, **columns})
    elif columns:
        connection.execute(update(_REWARD).where(_REWARD.c.id == known).values(columns))
    return known is None


def _check(columns: dict[str, Any]) -> None:
    for name, length in _LENGTHS.items():
        if name in columns and not 1 <= len(columns[name]) <= length:
            raise BadInput(f"{name} must be a text of 1 to {length} letters")
    for name, least in (("cost", 0), ("amount", 1)):
        if name in columns:
            whole_number(name, columns[name], at_least=least)
    for name, least in (("stock", 0), ("per_user", 1)):
        if columns.get(name) is not None:
            whole_number(name, columns[name], at_least=least)
    starts, ends = columns.get("starts_at"), columns.get("ends_at")
    if starts and ends and starts >= ends:
        raise BadInput("ends_at must be later than starts_at")
