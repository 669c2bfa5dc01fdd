"""EXP, coins and purchases of accounts that are merged or erased."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.hosts import ADA, BEN, MakeHost, db_of, engine_of, send
from tests.integration.test_accounts import rows_naming
from zeeguu_gamify import Levels, emit, redeem
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import Asset, LedgerEntry, OutboxMessage, RewardRedemption, UserProfile
from zeeguu_gamify.testing import deliver

PAYING = (EventType("lesson.completed", "a lesson", exp=60, coins=10),)
LEVELS = Levels((0, 100, 200), reward=lambda _level: 5)


@pytest.fixture
def world(new_host: MakeHost) -> Flask:
    """Ada has done two lessons and Ben one, the same; a hat costs 10 coins."""
    host = new_host(events=PAYING, levels=LEVELS)
    session = db_of(host).session()
    rewards.save(session, "hat", name="A hat", kind="hat", cost=10)
    session.commit()
    for user_id, lesson in ((ADA, "1"), (ADA, "2"), (BEN, "1")):
        emit(session, "lesson.completed", user_id=user_id, object_id=lesson)
        session.commit()
    return host


def buy(app: Flask, user_id: int, key: str | None) -> None:
    session = db_of(app).session()
    redeem(session, user_id, "hat", key=key)
    session.commit()


def unite(app: Flask) -> None:
    """Ada's account goes into Ben's."""
    session = db_of(app).session()
    merge(session, ADA, BEN)
    session.commit()


def look(app: Flask, statement: Any) -> list[Any]:
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def sum_of(app: Flask, asset: Asset) -> int:
    """What the entries of Ben sum up to."""
    mine = (LedgerEntry.user_id == BEN, LedgerEntry.asset == asset)
    ((total,),) = look(app, select(func.sum(LedgerEntry.amount)).where(*mine))
    return int(total)


def profile(app: Flask, user_id: int) -> tuple[int, ...]:
    """EXP, level, best level and coins."""
    row = UserProfile.__table__.c
    wanted = select(row.exp, row.level, row.best_level, row.coins)
    (found,) = look(app, wanted.where(row.user_id == user_id))
    return tuple(found)


@pytest.mark.core
def test_what_both_earned_adds_up_and_an_object_earns_once(world: Flask) -> None:
    assert (profile(world, ADA), profile(world, BEN)) == ((120, 2, 2, 25), (60, 1, 1, 10))
    unite(world)
    assert profile(world, BEN) == (120, 2, 2, 25)
    assert (sum_of(world, Asset.EXP), sum_of(world, Asset.COINS)) == (120, 25)
    assert not rows_naming(world, ADA)


def test_what_was_earned_for_another_object_of_the_same_name_stays(new_host: MakeHost) -> None:
    host = new_host(events=(*PAYING, EventType("song.completed", "a song", exp=7, coins=1)))
    session = db_of(host).session()
    for user_id, event in (
        (ADA, "lesson.completed"),
        (ADA, "song.completed"),
        (BEN, "lesson.completed"),
    ):
        emit(session, event, user_id=user_id, object_id="1")
        session.commit()
    emit(session, "exp.gained", user_id=ADA, object_id="1", amount=5, context={"cause": "a poem"})
    session.commit()
    unite(host)
    assert profile(host, BEN)[0] == 60 + 7 + 5
    assert profile(host, BEN)[3] == 10 + 1


def test_an_object_that_both_completed_pays_coins_once_as_far_as_they_are_not_spent(
    world: Flask,
) -> None:
    for user_id in (ADA, ADA, BEN):
        buy(world, user_id, None)
    assert (profile(world, ADA)[3], profile(world, BEN)[3]) == (5, 0)
    unite(world)
    assert profile(world, BEN)[3] == 0
    assert sum_of(world, Asset.COINS) == 0


def test_the_level_of_the_united_account_is_neither_told_nor_rewarded(world: Flask) -> None:
    session = db_of(world).session()
    emit(session, "lesson.completed", user_id=BEN, object_id="3")
    session.commit()
    before = len(look(world, select(OutboxMessage.id).where(OutboxMessage.topic == "level.up")))
    unite(world)
    assert profile(world, BEN)[:3] == (180, 2, 2)
    told = look(world, select(OutboxMessage.user_id).where(OutboxMessage.topic == "level.up"))
    assert len(told) <= before


@pytest.mark.core
@pytest.mark.parametrize("holders", [(ADA,), (ADA, BEN)])
def test_what_was_owed_for_a_badge_is_paid_to_the_united_account_once(
    new_host: MakeHost, holders: tuple[int, ...]
) -> None:
    host = new_host(events=(EventType("badge.granted", "a badge was granted", exp=50, coins=5),))
    for user_id in holders:
        send(host, "word_translated", user_id, times=10)
    db_of(host).session.commit()
    unite(host)
    deliver(host)
    assert profile(host, BEN) == (50, 1, 1, 5)


def test_purchases_move_and_of_a_key_that_both_used_the_own_stays(world: Flask) -> None:
    buy(world, ADA, "k")
    buy(world, ADA, None)
    buy(world, BEN, "k")
    unite(world)
    row = RewardRedemption.__table__.c
    bought = look(world, select(row.user_id, row.idempotency_key).order_by(row.id))
    assert bought == [(BEN, None), (BEN, None), (BEN, "k")]


def test_of_who_is_erased_no_purchase_is_left(world: Flask) -> None:
    buy(world, ADA, "k")
    session = db_of(world).session()
    erase(session, ADA)
    session.commit()
    assert not rows_naming(world, ADA)
    assert not look(world, select(RewardRedemption.id))
