"""What a badge pays goes with the badge; what a profile says is what the ledger sums up to."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, MakeHost, change, db_of, engine_of, mount_on, send
from zeeguu_gamify import Catalog, Levels, emit, give_freezes, one_off, settings
from zeeguu_gamify.badges import moderation
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.events import EventType
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import (
    Asset,
    BoardScore,
    EventReceipt,
    LedgerEntry,
    OutboxMessage,
    UserProfile,
)
from zeeguu_gamify.mount import current_mount
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


def by_moderator(
    app: Flask, what: Any, *, code: str = WORDS, context: str = "", hour: int = 1, **options: Any
) -> None:
    """What a moderator does with a badge of Ada's, an hour later."""
    with frozen(NOON + timedelta(hours=hour)):
        session = db_of(app).session()
        mount_on(app).refresh(session)
        order = moderation.order(
            session, mount_on(app), ADA, code, by=BEN, reason="-", context=context
        )
        what(session, order, **options)
        session.commit()
        deliver_all(app)


def give_silently(session: Session, order: moderation.Order) -> None:
    moderation.grant(session, current_mount(), order, silent=True)


def pause(app: Flask) -> None:
    with Session(engine_of(app)) as session:
        settings.write(session, settings.PAUSED, "-")
        session.commit()
    mount_on(app).forget()


def entries(app: Flask) -> list[int]:
    with engine_of(app).connect() as connection:
        return list(connection.execute(select(LedgerEntry.amount)).scalars())


def levels_told(app: Flask) -> list[int]:
    """Of all that was told, from the receipts of it."""
    receipt = EventReceipt.__table__.c
    wanted = select(receipt.event_id).where(receipt.event == "level.up")
    with engine_of(app).connect() as connection:
        return [int(id_.split(":")[1]) for id_ in connection.execute(wanted).scalars()]


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


def test_lifting_gives_back_what_revoking_took_and_no_more(host: Flask) -> None:
    change(host, update(UserProfile).values(coins=3))  # the others are spent
    by_moderator(host, moderation.revoke)
    assert profile(host)[3] == 0
    by_moderator(host, moderation.lift)
    assert profile(host) == (120, 2, 2, 3, 0)


def test_what_a_badge_pays_by_now_is_nothing_to_a_lifted_revocation(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_moderator(host, moderation.revoke)
    dearer = EventType("badge.granted", "a badge was granted", exp=500, coins=50)
    monkeypatch.setitem(mount_on(host).events, "badge.granted", dearer)
    by_moderator(host, moderation.lift)
    assert profile(host) == (120, 2, 2, 57, 0)


def test_what_badges_paid_when_they_did_goes_with_them_when_they_pay_no_more(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = EventType("badge.granted", "a badge was granted")
    monkeypatch.setitem(mount_on(host).events, "badge.granted", free)
    by_moderator(host, moderation.revoke)
    assert profile(host) == (0, 1, 2, 50, 0)
    by_moderator(host, moderation.lift)
    assert profile(host) == (120, 2, 2, 57, 0)


def test_revoked_and_lifted_again_and_again_nothing_is_won_or_lost(host: Flask) -> None:
    for _ in range(3):
        by_moderator(host, moderation.revoke)
        assert profile(host) == (0, 1, 2, 50, 0)
        by_moderator(host, moderation.lift)
        assert profile(host) == (120, 2, 2, 57, 0)


def test_what_was_granted_silently_pays_neither_when_it_is_lifted(new_host: MakeHost) -> None:
    host = new_host(events=PAYING, levels=LEVELS)
    by_moderator(host, give_silently)
    by_moderator(host, moderation.revoke)
    by_moderator(host, moderation.lift)
    assert not entries(host)


def test_what_was_granted_silently_after_a_revocation_pays_not_for_the_first(host: Flask) -> None:
    by_moderator(host, moderation.revoke)
    by_moderator(host, moderation.lift, reopen=True)
    by_moderator(host, give_silently, hour=2)
    by_moderator(host, moderation.revoke, hour=3)
    by_moderator(host, moderation.lift, hour=4)
    assert profile(host)[0] == 0


@pytest.mark.core
def test_while_events_are_paused_what_a_moderator_does_is_done_whole(host: Flask) -> None:
    pause(host)
    by_moderator(host, moderation.revoke)
    assert profile(host) == (0, 1, 2, 50, 0)
    assert on_boards(host) <= {0}
    by_moderator(host, moderation.lift)
    assert profile(host) == (120, 2, 2, 57, 0)


def test_what_a_badge_pays_is_paid_though_events_were_paused_since(new_host: MakeHost) -> None:
    host = new_host(events=PAYING, levels=LEVELS)
    with frozen(NOON):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
        pause(host)
        deliver_all(host)
    assert profile(host) == (120, 2, 2, 57, 0)
    assert levels_told(host) == [2]


def test_for_one_thing_a_badge_pays_not_what_it_was_given_silently_for(new_host: MakeHost) -> None:
    quiz = one_off(
        "quiz", name="-", trigger="quiz.completed", unachieved="-", achieved="-",
        repeatable=lambda event: event.object_id,
    )  # fmt: skip
    host = new_host(events=PAYING, catalog=Catalog([quiz]))
    by_moderator(host, give_silently, code="quiz", context="a")
    emit(db_of(host).session(), "quiz.completed", user_id=ADA, object_id="b")
    db_of(host).session.commit()
    deliver_all(host)
    assert profile(host)[0] == 120


@pytest.mark.core
def test_a_badge_revoked_before_it_was_paid_pays_once_that_is_lifted(new_host: MakeHost) -> None:
    host = new_host(events=PAYING, levels=LEVELS)
    with frozen(NOON):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
    by_moderator(host, moderation.revoke)
    assert (sum(entries(host)), levels_told(host), on_boards(host)) == (0, [], set())
    for hour in (2, 4):
        by_moderator(host, moderation.lift, hour=hour)
        assert profile(host) == (120, 2, 2, 57, 0)
        by_moderator(host, moderation.revoke, hour=hour + 1)
        assert profile(host) == (0, 1, 2, 50, 0)


def test_a_badge_revoked_and_lifted_before_it_was_paid_pays_once(new_host: MakeHost) -> None:
    def revoke_and_lift(session: Session, order: moderation.Order) -> None:
        moderation.revoke(session, order)
        moderation.lift(session, order)

    host = new_host(events=PAYING, levels=LEVELS)
    with frozen(NOON):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
    by_moderator(host, revoke_and_lift)
    assert profile(host) == (120, 2, 2, 57, 0)
    by_moderator(host, revoke_and_lift, hour=2)
    assert profile(host) == (120, 2, 2, 57, 0)


def test_badges_of_several_users_are_paid_in_the_order_of_the_users(new_host: MakeHost) -> None:
    """As all take the profiles of several, so that nobody waits in a circle."""
    host = new_host(events=PAYING)
    for user_id in (BEN, ADA):
        send(host, "word_translated", user_id, times=10)
        db_of(host).session.commit()
    deliver_all(host)
    paid = select(LedgerEntry.user_id).where(LedgerEntry.asset == Asset.EXP)
    with engine_of(host).connect() as connection:
        assert connection.execute(paid.order_by(LedgerEntry.id)).scalars().all() == [ADA, BEN]


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
