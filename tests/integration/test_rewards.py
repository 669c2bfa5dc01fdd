"""Rewards are bought whole or not at all, once per key, and given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from tests.hosts import ADA, BEN, NOBODY, MakeHost, change, db_of, engine_of, mount_on
from zeeguu_gamify import emit
from zeeguu_gamify.economy import redeem as shop
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.economy.redeem import Redemption, redeem, refund
from zeeguu_gamify.errors import BadInput, Forbidden, GamifyError, NotFound, UnknownUser
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import (
    Asset,
    LedgerEntry,
    RedemptionStatus,
    Reward,
    RewardRedemption,
    UserProfile,
)
from zeeguu_gamify.streaks.subscriber import StreakSubscriber
from zeeguu_gamify.testing import frozen

NOON = datetime(2026, 3, 10, 12)
HOUR = timedelta(hours=1)
PAYING = (EventType("lesson.completed", "a lesson", coins=10),)
FREEZES: dict[str, Any] = {"name": "Two freezes", "kind": "freezes", "amount": 2, "cost": 30}


@pytest.fixture
def shop_host(new_host: MakeHost) -> Flask:
    """Ada has 50 coins; two freezes cost 30."""
    host = new_host(events=PAYING)
    offer(host, "freezes", **FREEZES)
    earn(host, 5)
    return host


def offer(app: Flask, code: str, **columns: Any) -> None:
    session = db_of(app).session()
    rewards.save(session, code, **columns)
    session.commit()


def earn(app: Flask, lessons: int, user_id: int = ADA) -> None:
    session = db_of(app).session()
    emit(session, "lesson.completed", user_id=user_id, amount=lessons)
    session.commit()


def buy(app: Flask, code: str = "freezes", user_id: int = ADA, **options: Any) -> Redemption:
    """Redeem at noon and commit, also after an error, as a careless host does."""
    session = db_of(app).session()
    with frozen(NOON):
        try:
            return redeem(session, user_id, code, **options)
        finally:
            session.commit()


def give_back(app: Flask, redemption_id: int) -> Redemption:
    session = db_of(app).session()
    try:
        return refund(session, redemption_id)
    finally:
        session.commit()


def one(app: Flask, statement: Any) -> Any:
    with engine_of(app).connect() as connection:
        return connection.execute(statement).scalar()


def coins(app: Flask, user_id: int = ADA) -> int:
    """The balance, which is the sum of the entries."""
    balance = one(app, select(UserProfile.coins).where(UserProfile.user_id == user_id)) or 0
    entry = LedgerEntry.__table__.c
    total = select(func.sum(entry.amount)).where(
        entry.user_id == user_id, entry.asset == Asset.COINS
    )
    assert balance == (one(app, total) or 0)
    return int(balance)


def freezes(app: Flask) -> int:
    return int(one(app, select(UserProfile.freezes).where(UserProfile.user_id == ADA)))


def stock(app: Flask, code: str = "freezes") -> int | None:
    left: int | None = one(app, select(Reward.stock).where(Reward.code == code))
    return left


def redemptions(app: Flask) -> int:
    return int(one(app, select(func.count()).select_from(RewardRedemption)))


def assert_nothing_was_bought(app: Flask) -> None:
    assert (coins(app), redemptions(app), freezes(app)) == (50, 0, 0)


@pytest.mark.core
def test_freezes_are_bought_with_coins(shop_host: Flask) -> None:
    bought = buy(shop_host)
    assert (bought.reward, bought.kind, bought.amount, bought.cost) == ("freezes", "freezes", 2, 30)
    assert (bought.status, bought.redeemed_at) == (RedemptionStatus.GRANTED, NOON)
    assert (coins(shop_host), freezes(shop_host)) == (20, 2)


def test_who_has_too_few_coins_pays_nothing(shop_host: Flask) -> None:
    offer(shop_host, "freezes", cost=51)
    with pytest.raises(shop.InsufficientCoins, match="costs 51 coins; you have 50"):
        buy(shop_host)
    assert_nothing_was_bought(shop_host)


@pytest.mark.core
def test_who_saw_another_price_pays_nothing(shop_host: Flask) -> None:
    for seen in (0, 29, 31):
        with pytest.raises(shop.PriceChanged, match=f"costs 30 coins now, not {seen}"):
            buy(shop_host, cost=seen)
    assert_nothing_was_bought(shop_host)
    assert buy(shop_host, cost=30).cost == 30


def test_a_price_that_rose_beyond_the_balance_is_told_as_a_price_that_rose(
    shop_host: Flask,
) -> None:
    offer(shop_host, "freezes", cost=51)
    with pytest.raises(shop.PriceChanged):
        buy(shop_host, cost=30)
    with pytest.raises(shop.InsufficientCoins):
        buy(shop_host, cost=51)
    assert_nothing_was_bought(shop_host)


def test_a_key_answers_its_purchase_again_though_the_price_has_changed(shop_host: Flask) -> None:
    first = buy(shop_host, key="k", cost=30)
    offer(shop_host, "freezes", cost=40)
    for seen in (30, 40, None):
        again = buy(shop_host, key="k", cost=seen)
        assert (again.id, again.cost, again.replayed) == (first.id, 30, True)
    assert coins(shop_host) == 20


def test_a_key_is_free_again_after_a_price_that_was_refused(shop_host: Flask) -> None:
    with pytest.raises(shop.PriceChanged):
        buy(shop_host, key="k", cost=20)
    assert not buy(shop_host, key="k", cost=30).replayed


def test_stock_0_is_sold_out_and_none_is_unlimited(shop_host: Flask) -> None:
    offer(shop_host, "freezes", stock=0)
    with pytest.raises(shop.OutOfStock):
        buy(shop_host)
    assert_nothing_was_bought(shop_host)
    offer(shop_host, "freezes", stock=1)
    buy(shop_host)
    assert stock(shop_host) == 0
    offer(shop_host, "freezes", stock=None)
    earn(shop_host, 1)
    buy(shop_host)
    assert stock(shop_host) is None


def test_it_is_to_be_had_from_its_start_until_before_its_end(shop_host: Flask) -> None:
    for window in (
        {"starts_at": NOON + HOUR, "ends_at": None},
        {"starts_at": None, "ends_at": NOON},
    ):
        offer(shop_host, "freezes", **window)
        with pytest.raises(shop.NotOnSale):
            buy(shop_host)
    assert_nothing_was_bought(shop_host)
    offer(shop_host, "freezes", starts_at=NOON, ends_at=NOON + HOUR)
    buy(shop_host)


def test_nobody_may_have_more_than_the_limit(shop_host: Flask) -> None:
    offer(shop_host, "freezes", per_user=1, cost=10)
    first = buy(shop_host)
    with pytest.raises(shop.LimitReached):
        buy(shop_host)
    assert coins(shop_host) == 40
    give_back(shop_host, first.id)
    buy(shop_host)


@pytest.mark.core
def test_the_same_key_is_the_same_purchase(shop_host: Flask) -> None:
    first = buy(shop_host, key="k")
    again = buy(shop_host, key="k")
    assert (again.id, again.replayed, first.replayed) == (first.id, True, False)
    assert (coins(shop_host), freezes(shop_host), redemptions(shop_host)) == (20, 2, 1)


def test_keys_are_compared_byte_by_byte_and_are_each_users_own(shop_host: Flask) -> None:
    offer(shop_host, "freezes", cost=10)
    earn(shop_host, 1, BEN)
    for key in ("k", "K", "k "):
        assert not buy(shop_host, key=key).replayed
    assert not buy(shop_host, user_id=BEN, key="k").replayed


def test_a_key_stands_for_one_reward(shop_host: Flask) -> None:
    offer(shop_host, "hat", name="A hat", kind="hat", cost=1)
    buy(shop_host, key="k")
    with pytest.raises(shop.KeyReused, match="idempotency_key"):
        buy(shop_host, "hat", key="k")
    assert coins(shop_host) == 20


@pytest.mark.parametrize("key", ["", "k" * 129, "\udc00"])
def test_a_key_that_cannot_be_kept_is_refused(shop_host: Flask, key: str) -> None:
    with pytest.raises(BadInput, match="idempotency_key"):
        buy(shop_host, key=key)


@pytest.mark.core
def test_a_refund_gives_coins_and_stock_back_and_takes_the_freezes(shop_host: Flask) -> None:
    offer(shop_host, "freezes", stock=5)
    bought = buy(shop_host)
    refunded = give_back(shop_host, bought.id)
    assert refunded.status is RedemptionStatus.REFUNDED
    assert (coins(shop_host), freezes(shop_host), stock(shop_host)) == (50, 0, 5)
    with pytest.raises(shop.AlreadyRefunded):
        give_back(shop_host, bought.id)
    assert coins(shop_host) == 50


def test_what_is_used_up_is_not_refunded(shop_host: Flask) -> None:
    bought = buy(shop_host)
    change(shop_host, update(UserProfile).values(freezes=1))
    with pytest.raises(BadInput, match="freezes"):
        give_back(shop_host, bought.id)
    assert coins(shop_host) == 20


@pytest.mark.core
def test_when_the_reward_cannot_be_given_nothing_is_paid(
    shop_host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> None:
        raise GamifyError("no")

    offer(shop_host, "freezes", stock=3)
    with monkeypatch.context() as patch:
        patch.setattr(StreakSubscriber, "handle", refuse)
        with pytest.raises(GamifyError, match="no"):
            buy(shop_host)
    assert_nothing_was_bought(shop_host)
    assert stock(shop_host) == 3


def test_what_is_not_there_cannot_be_bought_or_given_back(shop_host: Flask) -> None:
    with pytest.raises(rewards.UnknownReward, match="did you mean 'freezes'"):
        buy(shop_host, "freeze")
    with pytest.raises(UnknownUser):
        buy(shop_host, user_id=NOBODY)
    with pytest.raises(NotFound):
        give_back(shop_host, 99)


def test_who_is_not_in_the_game_buys_nothing(
    shop_host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mount_on(shop_host), "is_enabled_for", lambda _user_id: False)
    with pytest.raises(Forbidden):
        buy(shop_host)
    assert_nothing_was_bought(shop_host)


def test_what_is_on_sale_is_shown_with_how_many_the_user_has(shop_host: Flask) -> None:
    offer(shop_host, "hat", name="A hat", kind="hat", cost=1, stock=0)
    offer(shop_host, "later", name="Later", kind="hat", cost=1, starts_at=NOON + HOUR)
    buy(shop_host)
    rows = rewards.on_sale(db_of(shop_host).session(), ADA, NOON)
    assert [(row.code, row.bought) for row in rows] == [("hat", 0), ("freezes", 1)]


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"cost": -1}, "cost"),
        ({"amount": 0}, "amount"),
        ({"stock": -1}, "stock"),
        ({"per_user": 0}, "per_user"),
        ({"name": ""}, "name"),
        ({"description": "d" * 256}, "description"),
        ({"starts_at": NOON, "ends_at": NOON}, "ends_at"),
    ],
)
def test_a_reward_that_cannot_be_meant_is_refused(
    shop_host: Flask, columns: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput, match=field):
        offer(shop_host, "freezes", **columns)


@pytest.mark.parametrize("code", ["", "two/freezes", "two freezes", "zwei_für_1", "x" * 61, "a\n"])
def test_a_code_that_no_url_can_hold_is_refused(shop_host: Flask, code: str) -> None:
    with pytest.raises(BadInput) as error:
        offer(shop_host, code, **FREEZES)
    assert error.value.message == (f"code: 1 to 60 letters, digits and underscores, not {code!r}")


def test_a_reward_that_is_there_keeps_its_code_whatever_it_is(shop_host: Flask) -> None:
    for code in ("two-freezes/a", "x" * 64):
        change(shop_host, insert(Reward).values(code=code, **FREEZES))
        offer(shop_host, code, cost=10)
        assert buy(shop_host, code, cost=10).reward == code


def test_an_end_before_the_start_that_was_set_before_is_refused(shop_host: Flask) -> None:
    offer(shop_host, "freezes", starts_at=NOON)
    with pytest.raises(BadInput, match="ends_at"):
        offer(shop_host, "freezes", ends_at=NOON - HOUR)


def test_what_was_bought_gives_the_same_for_good_so_that_it_can_be_given_back(
    shop_host: Flask,
) -> None:
    buy(shop_host)
    for columns in ({"amount": 5}, {"kind": "hat"}):
        with pytest.raises(BadInput, match="bought already"):
            offer(shop_host, "freezes", **columns)
    offer(shop_host, "freezes", cost=1, amount=2)
