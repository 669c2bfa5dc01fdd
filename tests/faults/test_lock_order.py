"""A user's profile is the first lock of all that moves what is theirs: nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from os import getpid

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    badges,
    close,
    db_of,
    engine_of,
    mount_host,
    mount_on,
    send,
)
from tests.processes import meet, run_processes
from zeeguu_gamify import emit, give_freezes, practice
from zeeguu_gamify.delivery.deliver import own_session
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.economy.badge_pay import BadgePayConsumer
from zeeguu_gamify.economy.redeem import redeem
from zeeguu_gamify.events import Event, EventType, emit_batch
from zeeguu_gamify.models import Asset, LedgerEntry, UserProfile
from zeeguu_gamify.streaks.reset import keep_alive
from zeeguu_gamify.testing import frozen

PROCESSES, ROUNDS = 4, 3
LONG_AGO = datetime(2025, 1, 1, 12)
PAYING = (
    EventType("lesson.completed", "a lesson", exp=10, coins=5),
    EventType("quiz.completed", "a quiz", exp=10, coins=5, most_exp_a_day=10_000),
    EventType("quiz.reopened", "a quiz is open again", undoes="quiz.completed"),
)

Act = Callable[[Session, Flask, int], object]


def pay(session: Session, _host: Flask, _number: int) -> object:
    return emit(session, "lesson.completed", user_id=ADA)


def pay_capped(session: Session, _host: Flask, _number: int) -> object:
    return emit(session, "quiz.completed", user_id=ADA)


def undo(session: Session, _host: Flask, number: int) -> object:
    """Of an object of this process's own."""
    quiz = f"{getpid()}-{number}"
    emit(session, "quiz.completed", user_id=ADA, object_id=quiz)
    return emit(session, "quiz.reopened", user_id=ADA, object_id=quiz)


def pay_both(session: Session, _host: Flask, _number: int) -> object:
    names = ("quiz.completed", "lesson.completed")
    return emit_batch(session, [Event(name=name, user_id=ADA) for name in names])


def practise(session: Session, _host: Flask, number: int) -> object:
    """Every other day, so that a freeze is used each time."""
    return practice(session, ADA, at=LONG_AGO + timedelta(days=2 * number))


def save_the_streak(session: Session, host: Flask, number: int) -> object:
    """What the job at midnight does, before the next practice."""
    mount_on(host).refresh(session)
    return keep_alive(session, mount_on(host), ADA, LONG_AGO + timedelta(days=2 * number + 2))


def buy(session: Session, _host: Flask, _number: int) -> object:
    return redeem(session, ADA, "freeze")


#: What some do in a transaction, and others in another one at the same moment.
TRANSACTIONS: dict[str, tuple[tuple[Act, ...], tuple[Act, ...]]] = {
    "pay, practise": ((pay, practise), (practise, pay)),
    "pay, pay what is capped": ((pay, pay_capped), (pay_capped, pay)),
    "pay several, practise": ((pay_both, practise), (practise, pay_both)),
    "undo, practise": ((undo, practise), (practise, undo)),
    "pay, save the streak": ((pay, save_the_streak), (save_the_streak, pay)),
    "buy a freeze, use one": ((buy,), (practise,)),
}


@pytest.fixture
def host(new_server_host: MakeHost) -> Flask:
    """Ada, who has freezes for every missed day, and coins to buy more."""
    host = new_server_host(events=PAYING)
    session = db_of(host).session()
    with frozen(LONG_AGO - timedelta(days=10)):
        give_freezes(session, ADA, 20 * ROUNDS, "a gift")
        session.commit()
    emit(session, "lesson.completed", user_id=ADA, amount=100)
    rewards.save(session, "freeze", name="A freeze", kind="freezes", cost=1)
    practice(session, ADA, at=LONG_AGO - timedelta(days=1))
    session.commit()
    return host


def act(url: str) -> list[str]:
    """The errors that this process met, and in which transaction."""
    host, errors = mount_host(url, events=PAYING), []
    with host.app_context():
        for number, name in enumerate([*TRANSACTIONS] * ROUNDS):
            acts = TRANSACTIONS[name][meet() % 2]
            session = db_of(host).session()
            try:
                for one in acts:
                    one(session, host, number)
                session.commit()
            except Exception as error:  # told, not raised: the others would wait for this process
                session.rollback()
                errors.append(f"{name}: {error}")
    close(host)
    return errors


def test_whatever_comes_first_in_a_transaction_nobody_waits_in_a_circle(host: Flask) -> None:
    told = run_processes(act, PROCESSES, url_of(host))
    assert [error for errors in told for error in errors] == []
    assert_sums_are_their_entries(host)


def begin(url: str) -> None:
    """Half of the processes give a freeze, half pay, each before there is a profile."""
    host = mount_host(url, events=PAYING)
    with host.app_context():
        session = db_of(host).session()
        for user_id in (ADA, BEN):
            if meet() % 2:
                give_freezes(session, user_id, 1, "a gift")
            else:
                emit(session, "lesson.completed", user_id=user_id)
            session.commit()
    close(host)


def test_whoever_comes_first_makes_the_profile_and_the_others_add_to_it(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(events=PAYING)
    run_processes(begin, PROCESSES, url_of(host))
    row = UserProfile.__table__.c
    with engine_of(host).connect() as connection:
        rows = connection.execute(select(row.user_id, row.exp, row.freezes)).all()
    half = PROCESSES // 2
    assert sorted(map(tuple, rows)) == [(ADA, 10 * half, half), (BEN, 10 * half, half)]


def test_while_one_is_paid_for_a_badge_another_is_granted_it(new_server_host: MakeHost) -> None:
    events = (EventType("badge.granted", "a badge was granted", exp=5),)
    host = new_server_host(events=events)
    session = db_of(host).session()
    send(host, "word_translated", times=10)
    session.commit()
    told = Message(1, ADA, "badge.earned", {"code": "translated_words_1", "context": ""}, LONG_AGO)
    with own_session(engine_of(host)) as paying:
        BadgePayConsumer().consume(paying, mount_on(host), [told])
        exp = select(UserProfile.exp).where(UserProfile.user_id == ADA)
        assert paying.execute(exp).scalar_one() == 5
        session.execute(text("SET innodb_lock_wait_timeout = 1"))
        send(host, "word_translated", BEN, times=10)
        session.commit()
    assert badges(host, BEN) == ["translated_words_1"]


def assert_sums_are_their_entries(host: Flask) -> None:
    entry, row = LedgerEntry.__table__.c, UserProfile.__table__.c
    with engine_of(host).connect() as connection:
        total = select(entry.asset, func.sum(entry.amount)).group_by(entry.asset)
        sums = {asset: int(amount) for asset, amount in connection.execute(total)}
        exp, coins, freezes = connection.execute(select(row.exp, row.coins, row.freezes)).one()
    assert (exp, coins, freezes) == tuple(
        sums[asset] for asset in (Asset.EXP, Asset.COINS, Asset.FREEZES)
    )


def url_of(app: Flask) -> str:
    return engine_of(app).url.render_as_string(hide_password=False)
