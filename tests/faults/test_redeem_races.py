"""Fifty want the one that there is at once: one gets it, and nobody pays for nothing.

Twenty give one back: one does. While the price goes up and down, nobody pays another than was seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select
from sqlalchemy.orm import Session

from tests.hosts import ADA, MakeHost, User, close, db_of, engine_of, mount_host
from tests.processes import meet, run_processes
from zeeguu_gamify import emit, practice
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.economy.redeem import PriceChanged, redeem, refund
from zeeguu_gamify.errors import BadInput, GamifyError
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import (
    Asset,
    LedgerEntry,
    Reward,
    RewardRedemption,
    StreakBridge,
    UserProfile,
)
from zeeguu_gamify.testing import frozen

#: So many requests at once, in threads of each process.
PROCESSES, THREADS = 5, 10
#: A day of practice, one without, and one of practice again.
DAYS = [datetime(2025, 3, number, 12) for number in (3, 4, 5)]
PAYING = (EventType("lesson.completed", "a lesson", exp=10, coins=10),)


def url_of(app: Flask) -> str:
    return engine_of(app).url.render_as_string(hide_password=False)


def prepare(host: Flask, *, stock: int | None, coins_of: dict[int, int]) -> None:
    """A hat for 30 coins, and users who have so many."""
    session = db_of(host).session()
    rewards.save(session, "hat", name="A hat", kind="hat", cost=30, stock=stock)
    for user_id, coins in coins_of.items():
        emit(session, "lesson.completed", user_id=user_id, amount=coins // 10)
    session.commit()


def at_once(host: Flask, count: int, act: Callable[[Session, int], str]) -> list[str]:
    """What each of so many threads of this process is told by `act`, or the error's name."""
    told: list[str] = []

    def run(number: int) -> None:
        with host.app_context():
            session = db_of(host).session()
            try:
                told.append(act(session, number))
                session.commit()
            except GamifyError as error:
                session.rollback()
                told.append(type(error).__name__)

    with host.app_context():
        engine_of(host)
    meet()
    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close(host)
    return told


def want(url: str, users: int, key: str | None) -> list[str]:
    """What each thread of this process is told: the id of the purchase, or the error."""
    host = mount_host(url, events=PAYING, engine_options={"pool_size": THREADS})

    def ask(session: Session, number: int) -> str:
        return str(redeem(session, ADA + number % users, "hat", key=key).id)

    return at_once(host, THREADS, ask)


def want_at_30(url: str) -> list[str]:
    """What half of the threads pays that saw 30 coins, or the error; the others move the price."""
    host = mount_host(url, events=PAYING, engine_options={"pool_size": THREADS})

    def ask(session: Session, number: int) -> str:
        if number % 2:
            rewards.save(session, "hat", cost=40 if number % 4 == 1 else 30)
            return "moved"
        return str(redeem(session, ADA, "hat", cost=30).cost)

    return at_once(host, THREADS, ask)


def give_back(url: str, redemption_id: int) -> list[str]:
    """What each of four threads is told that gives the purchase back."""
    host = mount_host(url, events=PAYING)

    def ask(session: Session, _number: int) -> str:
        return refund(session, redemption_id).status.value

    return at_once(host, 4, ask)


def use_or_give_back(url: str, redemption_id: int) -> str:
    """Half of the processes practise after a day that a freeze is for, half give it back."""
    host = mount_host(url)
    with host.app_context():
        is_practice = meet() % 2
        session = db_of(host).session()
        try:
            if is_practice:
                practice(session, ADA, at=DAYS[2])
            else:
                refund(session, redemption_id)
            session.commit()
            told = "practised" if is_practice else "refunded"
        except GamifyError as error:
            session.rollback()
            told = type(error).__name__
    close(host)
    return told


def all_told(host: Flask, users: int = 1, key: str | None = None) -> Counter[str]:
    told = run_processes(want, PROCESSES, url_of(host), users, key)
    return Counter(answer for answers in told for answer in answers)


def read(host: Flask, statement: Any) -> int:
    with engine_of(host).connect() as connection:
        return int(connection.execute(statement).scalar() or 0)


def assert_one_was_sold(host: Flask, earned: int) -> None:
    coins = read(host, select(func.sum(UserProfile.coins)))
    total = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.asset == Asset.COINS)
    assert coins == read(host, total) == earned - 30
    assert read(host, select(func.count()).select_from(RewardRedemption)) == 1


def test_a_balance_for_one_buys_one(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=None, coins_of={ADA: 50})
    told = all_told(host)
    assert told == {"1": 1, "InsufficientCoins": 49}
    assert_one_was_sold(host, 50)


def test_a_stock_of_one_is_sold_once(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING)
    with engine_of(host).begin() as connection:
        names = [{"id": 3 + n, "username": f"u{n}", "name": "U"} for n in range(THREADS - 2)]
        connection.execute(insert(User), names)
    prepare(host, stock=1, coins_of={ADA + n: 100 for n in range(THREADS)})
    told = all_told(host, users=THREADS)
    assert told["OutOfStock"] == 49
    assert_one_was_sold(host, 100 * THREADS)
    assert read(host, select(Reward.stock)) == 0


def test_one_key_buys_once_and_all_are_told_the_same(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=None, coins_of={ADA: 100})
    assert all_told(host, key="k") == {"1": 50}
    assert_one_was_sold(host, 100)


def test_nobody_pays_another_price_than_was_seen(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=None, coins_of={ADA: 10_000})
    answers = run_processes(want_at_30, PROCESSES, url_of(host))
    told = Counter(answer for process in answers for answer in process)
    assert told.keys() <= {"30", "PriceChanged", "moved"}
    total = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.asset == Asset.COINS)
    coins = read(host, select(UserProfile.coins))
    assert coins == read(host, total) == 10_000 - 30 * told["30"]
    bought = select(func.count()).select_from(RewardRedemption).where(RewardRedemption.cost == 30)
    assert read(host, bought) == told["30"]


def test_nobody_gets_something_else_than_was_looked_at(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=None, coins_of={ADA: 50})
    changed: list[int] = []

    def change(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not changed and statement.startswith("UPDATE user_profile SET coins"):
            changed.append(5)
            with Session(engine_of(host)) as moderator:
                rewards.save(moderator, "hat", amount=5)
                moderator.commit()

    event.listen(engine_of(host), "before_cursor_execute", change)
    session = db_of(host).session()
    with pytest.raises(PriceChanged):
        redeem(session, ADA, "hat")
    session.commit()
    assert changed == [5]
    assert redeem(session, ADA, "hat").amount == 5
    session.commit()
    assert_one_was_sold(host, 50)


def test_what_was_sold_while_a_moderator_read_the_page_cannot_be_changed(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=3, coins_of={ADA: 50})
    with Session(engine_of(host)) as moderator:
        assert rewards.find(moderator, "hat").amount == 1
        session = db_of(host).session()
        bought = redeem(session, ADA, "hat")
        session.commit()
        with pytest.raises(BadInput, match="bought already"):
            rewards.save(moderator, "hat", amount=5)
    assert refund(session, bought.id).amount == 1


def test_of_twenty_refunds_of_one_purchase_one_gives_coins_and_stock_back(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(events=PAYING)
    prepare(host, stock=3, coins_of={ADA: 50})
    session = db_of(host).session()
    bought = redeem(session, ADA, "hat").id
    session.commit()
    answers = run_processes(give_back, PROCESSES, url_of(host), bought)
    told = Counter(answer for process in answers for answer in process)
    assert told == {"REFUNDED": 1, "AlreadyRefunded": 19}
    total = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.asset == Asset.COINS)
    assert read(host, total) == read(host, select(UserProfile.coins)) == 50
    assert read(host, select(Reward.stock)) == 3


def test_a_freeze_is_used_or_given_back_never_both(new_server_host: MakeHost) -> None:
    host = new_server_host()
    session = db_of(host).session()
    rewards.save(session, "freeze", name="A freeze", kind="freezes", cost=0)
    with frozen(DAYS[0]):
        bought = redeem(session, ADA, "freeze").id
        practice(session, ADA)
        session.commit()
    told = Counter(run_processes(use_or_give_back, 4, url_of(host), bought))
    used = read(host, select(func.count()).select_from(StreakBridge))
    assert told["refunded"] + used == 1
    assert told["practised"] == 2
    assert read(host, select(UserProfile.freezes)) == 0
    assert read(host, select(func.sum(LedgerEntry.amount))) == 0


@pytest.mark.sqlite_only
def test_so_it_is_on_sqlite(new_sqlite_host: MakeHost) -> None:
    host = new_sqlite_host(events=PAYING)
    prepare(host, stock=1, coins_of={ADA: 100})
    told = all_told(host)
    assert told == {"1": 1, "OutOfStock": 49}
    assert_one_was_sold(host, 100)
