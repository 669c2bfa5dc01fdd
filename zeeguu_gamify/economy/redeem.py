"""Buying a reward with coins, and giving it back: all of it or nothing.

Whoever buys or gives back holds the user's profile first and the reward after it; so nobody waits
in a circle, and what is read behind the first lock is what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.economy import profile, rewards
from zeeguu_gamify.errors import BadInput, Forbidden, GamifyError, NotFound, NotReady, UnknownUser
from zeeguu_gamify.events import emit
from zeeguu_gamify.models import (
    Asset,
    LedgerEntry,
    RedemptionStatus,
    Reward,
    RewardRedemption,
    UserProfile,
)
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import AnySession, begin_at_once, plain, savepoint

REDEEMED, REFUNDED = "reward.redeemed", "reward.refunded"

#: So many bytes of UTF-8 at most.
MAX_KEY = 128

_REDEMPTION: Any = RewardRedemption.__table__
_REWARD: Any = Reward.__table__


class NotRedeemable(GamifyError):
    """The reward is not to be had, at least not now or by this user; nothing was deducted."""

    status = 409


class InsufficientCoins(NotRedeemable):
    """The user has fewer coins than the reward costs."""


class OutOfStock(NotRedeemable):
    """None of the reward is left."""


class NotOnSale(NotRedeemable):
    """The reward is not to be had yet, or no more."""


class PriceChanged(NotRedeemable):
    """The reward is not what the user saw, or not at that cost."""


class LimitReached(NotRedeemable):
    """The user has as many of the reward as one may have."""


class KeyReused(NotRedeemable):
    """The idempotency key stands for the purchase of something else."""


class AlreadyRefunded(NotRedeemable):
    """The coins were given back already."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """A reward that was bought."""

    id: int
    reward: str  #: its code
    kind: str
    amount: int
    cost: int
    status: RedemptionStatus
    redeemed_at: datetime  #: UTC
    refunded_at: datetime | None = None  #: UTC
    replayed: bool = False  #: it was bought before, under the same key


def redeem(
    session: AnySession,
    user_id: int,
    code: str,
    *,
    key: str | None = None,
    cost: int | None = None,
) -> Redemption:
    """Buy the reward called `code` for the user, in the caller's transaction; does not commit.

    Must be the first of its transaction. key: the client's; the same key is the same purchase,
    which is answered again and costs nothing, whatever the price is by now. cost: what the user
    saw that it costs, in coins; None takes the price as it is. Tells of it by the event
    `reward.redeemed`.

    Raises UnknownReward, UnknownUser, BadInput for the key, Forbidden where gamification is off,
    NotReady while events are paused, or a NotRedeemable; then nothing is deducted.
    """
    _check_key(key)
    session = plain(session)
    begin_at_once(session)
    with savepoint(session):
        held = profile.lock(session.connection(), user_id)
        _check_ready(session, current_mount(), user_id)
        reward = rewards.find(session, code)
        if key is not None and (known := _bought_by(session, user_id, key)):
            if known.reward_id != reward.id:
                raise KeyReused("idempotency_key: it was used for another reward.")
            return _redemption(known, reward, replayed=True)
        _check(session, user_id, reward)
        _check_price(reward, held.coins, cost)
        return _buy(session, user_id, reward, key)


def refund(session: AnySession, redemption_id: int) -> Redemption:
    """Give the coins of a redemption back and take what they bought; does not commit.

    Must be the first of its transaction. Tells of it by the event `reward.refunded`. Raises
    NotFound, AlreadyRefunded, NotReady, or BadInput when what was bought is used up.
    """
    session = plain(session)
    begin_at_once(session)
    user_id = _owner(session, redemption_id)
    profile.lock(session.connection(), user_id)
    _check_ready(session, current_mount(), user_id)
    with savepoint(session) as connection:
        now = clock.now()
        granted = (
            _REDEMPTION.c.id == redemption_id, _REDEMPTION.c.status == RedemptionStatus.GRANTED,
        )  # fmt: skip
        given = {"status": RedemptionStatus.REFUNDED, "refunded_at": now}
        if not connection.execute(update(_REDEMPTION).where(*granted).values(given)).rowcount:
            raise AlreadyRefunded(f"Redemption {redemption_id} is refunded already.")
        row = _row(session, _REDEMPTION.c.id == redemption_id)
        reward = connection.execute(select(_REWARD).where(_REWARD.c.id == row.reward_id)).one()
        more = update(_REWARD).where(_REWARD.c.id == reward.id, _REWARD.c.stock.is_not(None))
        connection.execute(more.values(stock=_REWARD.c.stock + 1))
        if row.cost:
            profile.add(connection, user_id, 0, row.cost)
            _enter(session, user_id, row.cost, f"refund of {reward.code}")
        refunded = _redemption(row, reward)
        _tell(session, REFUNDED, user_id, refunded)
    return refunded


def _check_key(key: str | None) -> None:
    if key is None:
        return
    try:
        size = len(key.encode())
    except UnicodeEncodeError:  # half of a character
        size = 0
    if not 1 <= size <= MAX_KEY:
        raise BadInput(f"idempotency_key must be a text of 1 to {MAX_KEY} bytes")


def _check_ready(session: Session, mount: Mount, user_id: int) -> None:
    """What is bought is given by whoever hears of it, so somebody must."""
    if not mount.host.has_user(session, user_id):  # SQLite may not look at foreign keys
        raise UnknownUser(user_id)
    if not mount.is_enabled_for(user_id):
        raise Forbidden("Gamification is not switched on for this user.")
    if not mount.takes_events(session):
        raise NotReady("Events are paused, and so are rewards.")


def _check(session: Session, user_id: int, reward: Row[Any]) -> None:
    now = clock.now()
    begun = reward.starts_at is None or reward.starts_at <= now
    if not begun or (reward.ends_at and reward.ends_at <= now):
        raise NotOnSale(f"{reward.code} is not to be had now.")
    most = reward.per_user
    if most is not None and rewards.bought(session, user_id, reward.id) >= most:
        raise LimitReached(f"{reward.code}: nobody may have more than {most}.")
    if reward.stock == 0:
        raise OutOfStock(f"{reward.code}: none is left.")


def _check_price(reward: Row[Any], coins: int, seen: int | None) -> None:
    """What is compared here is what is paid: the row is read once, and not again."""
    if seen is not None and seen != reward.cost:
        raise PriceChanged(f"{reward.code} costs {reward.cost} coins now, not {seen}.")
    if coins < reward.cost:
        raise InsufficientCoins(f"{reward.code} costs {reward.cost} coins; you have {coins}.")


def _buy(session: Session, user_id: int, reward: Row[Any], key: str | None) -> Redemption:
    """Take stock and coins, each only if it is there, and write the redemption."""
    _take_one(session, reward)
    _pay(session, user_id, reward)
    row = {
        "user_id": user_id, "reward_id": reward.id, "cost": reward.cost,
        "status": RedemptionStatus.GRANTED, "idempotency_key": key, "redeemed_at": clock.now(),
    }  # fmt: skip
    id_ = session.connection().execute(insert(_REDEMPTION), row).lastrowid
    _check_unchanged(session, reward)
    bought = _redemption(_row(session, _REDEMPTION.c.id == id_), reward)
    _tell(session, REDEEMED, user_id, bought)
    return bought


def _take_one(session: Session, reward: Row[Any]) -> None:
    if reward.stock is None:
        return
    left = update(_REWARD).where(_REWARD.c.id == reward.id, func.coalesce(_REWARD.c.stock, 1) > 0)
    if not session.connection().execute(left.values(stock=_REWARD.c.stock - 1)).rowcount:
        raise OutOfStock(f"{reward.code}: none is left.")


def _check_unchanged(session: Session, reward: Row[Any]) -> None:
    """It gives what it gave when it was read: what is bought is given back as the reward says.

    The redemption that names the reward keeps it from being changed from here on.
    """
    gives = select(_REWARD.c.kind, _REWARD.c.amount).where(_REWARD.c.id == reward.id)
    now = session.connection().execute(gives.with_for_update(read=True)).one()
    if now != (reward.kind, reward.amount):
        raise PriceChanged(f"{reward.code} was changed just now; look at it again.")


def _pay(session: Session, user_id: int, reward: Row[Any]) -> None:
    if not reward.cost:
        return
    enough = (UserProfile.user_id == user_id, UserProfile.coins >= reward.cost)
    paid = update(UserProfile).where(*enough).values(coins=UserProfile.coins - reward.cost)
    if not session.connection().execute(paid).rowcount:
        raise InsufficientCoins(f"{reward.code} costs {reward.cost} coins.")
    _enter(session, user_id, -reward.cost, f"paid for {reward.code}")


def _enter(session: Session, user_id: int, coins: int, reason: str) -> None:
    entry = {
        "user_id": user_id, "asset": Asset.COINS, "amount": coins, "at": clock.now(),
        "reason": reason,
    }  # fmt: skip
    session.connection().execute(insert(LedgerEntry), entry)


def _tell(session: Session, name: str, user_id: int, bought: Redemption) -> None:
    context = {
        "redemption_id": bought.id, "reward": bought.reward, "kind": bought.kind,
        "amount": bought.amount,
    }  # fmt: skip
    emit(session, name, user_id=user_id, context=context)


def _owner(session: Session, redemption_id: int) -> int:
    wanted = select(_REDEMPTION.c.user_id).where(_REDEMPTION.c.id == redemption_id)
    user_id = session.connection().execute(wanted).scalar()
    if user_id is None:
        raise NotFound(f"There is no redemption {redemption_id}.")
    return int(user_id)


def _bought_by(session: Session, user_id: int, key: str) -> Row[Any] | None:
    theirs = (_REDEMPTION.c.user_id == user_id, _REDEMPTION.c.idempotency_key == key)
    return session.connection().execute(select(_REDEMPTION).where(*theirs)).first()


def _row(session: Session, *where: Any) -> Row[Any]:
    return session.connection().execute(select(_REDEMPTION).where(*where)).one()


def _redemption(row: Row[Any], reward: Row[Any], *, replayed: bool = False) -> Redemption:
    return Redemption(
        row.id, reward.code, reward.kind, reward.amount, row.cost, row.status, row.redeemed_at,
        row.refunded_at, replayed,
    )  # fmt: skip
