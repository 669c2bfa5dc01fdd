"""What a badge pays goes with the badge; what a profile says is what the ledger sums up to."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from tests.hosts import ADA, BEN, MakeHost, change, db_of, engine_of, mount_on, send
from zeeguu_gamify import Levels, emit, give_freezes
from zeeguu_gamify.badges import moderation
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.events import EventType
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import Asset, BoardScore, LedgerEntry, OutboxMessage, UserProfile
from zeeguu_gamify.testing import frozen

NOON = datetime(2026, 3, 10, 12)
WORDS = "translated_words_1"
PAYING = (EventType("badge.granted", "a badge was granted", exp=120, coins=7),)
LEVELS = Levels((0, 100, 200), reward=lambda _level: 50)

_nights = count()


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """Ada, whose ten words have earned a badge that pays 120 EXP and 7 coins."""
    host = new_host(events=PAYING, levels=LEVELS)
    with frozen(NOON):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
        deliver_all(host)
    return host


def deliver_all(app: Flask) -> None:
    with app.app_context():
        while deliver(mount_on(app)):
            pass


def by_moderator(app: Flask, what: Any, **options: Any) -> None:
    with frozen(NOON + timedelta(hours=1)):
        session = db_of(app).session()
        mount_on(app).refresh(session)
        order = moderation.order(session, mount_on(app), ADA, WORDS, by=BEN, reason="-")
        what(session, order, **options)
        session.commit()
        deliver_all(app)


def profile(app: Flask, user_id: int = ADA) -> tuple[int, ...]:
    """EXP, level, best level, coins and freezes."""
    row = UserProfile.__table__.c
    wanted = select(row.exp, row.level, row.best_level, row.coins, row.freezes)
    with engine_of(app).connect() as connection:
        return tuple(connection.execute(wanted.where(row.user_id == user_id)).one())


def on_boards(app: Flask) -> set[int]:
    with engine_of(app).connect() as connection:
        return set(connection.execute(select(BoardScore.score)).scalars())


def mend(app: Flask) -> str:
    """The summary of the night."""
    with app.app_context():
        job = schedule.job_called("balances")
        found = runner.run(mount_on(app), job, NOON, period=f"night {next(_nights)}")
    assert found is not None
    return found.summary


@pytest.mark.core
def test_a_badge_pays_once_it_is_granted(host: Flask) -> None:
    assert profile(host) == (120, 2, 2, 57, 0)
    assert on_boards(host) == {120}


@pytest.mark.core
def test_a_revoked_badge_takes_exp_level_coins_and_place_with_it(host: Flask) -> None:
    by_moderator(host, moderation.revoke)
    assert profile(host) == (0, 1, 2, 50, 0)
    assert on_boards(host) <= {0}


def test_a_lifted_revocation_pays_again_and_its_level_not(host: Flask) -> None:
    by_moderator(host, moderation.revoke)
    by_moderator(host, moderation.lift)
    assert profile(host) == (120, 2, 2, 57, 0)


def test_a_badge_revoked_before_it_was_paid_pays_nothing(new_host: MakeHost) -> None:
    host = new_host(events=PAYING, levels=LEVELS)
    with frozen(NOON):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
    by_moderator(host, moderation.revoke)
    with engine_of(host).connect() as connection:
        assert not connection.execute(select(LedgerEntry.id)).all()


def test_a_message_that_comes_twice_pays_once(host: Flask) -> None:
    message = {
        "user_id": ADA, "topic": "badge.earned", "payload": {"code": WORDS}, "created_at": NOON,
        "due_at": NOON,
    }  # fmt: skip
    change(host, insert(OutboxMessage).values(message))
    deliver_all(host)
    with engine_of(host).connect() as connection:
        assert not connection.execute(select(OutboxMessage.id)).all()
    assert profile(host)[0] == 120


def test_balances_that_are_right_stay(host: Flask) -> None:
    give_freezes(db_of(host).session(), BEN, 3, "a gift")
    db_of(host).session.commit()
    assert "mended" not in mend(host)
    assert profile(host, BEN) == (0, 1, 1, 0, 3)


@pytest.mark.core
def test_wrong_balances_are_made_what_the_ledger_says(host: Flask) -> None:
    change(host, update(UserProfile).values(exp=5, coins=99, freezes=1))
    assert mend(host) == "1 exp mended, 1 coins mended, 1 freezes mended"
    assert profile(host) == (120, 2, 2, 57, 0)


def test_a_profile_that_is_missing_is_made(host: Flask) -> None:
    entry = {"user_id": BEN, "asset": Asset.EXP, "amount": 250, "at": NOON, "reason": "-"}
    change(host, insert(LedgerEntry).values(entry))
    assert mend(host) == "1 exp mended, 1 level mended"
    assert profile(host, BEN) == (250, 3, 3, 0, 0)


def test_a_level_that_is_mended_is_not_rewarded_later(host: Flask) -> None:
    change(host, update(UserProfile).values(level=1, best_level=1))
    mend(host)
    session = db_of(host).session()
    assert emit(session, "exp.gained", user_id=ADA, amount=1).level is None
    session.commit()
    assert profile(host) == (121, 2, 2, 57, 0)
