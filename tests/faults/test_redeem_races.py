"""Fifty want the one that there is at once: one gets it, and nobody pays for nothing."""

from __future__ import annotations

from collections import Counter
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from tests.hosts import ADA, MakeHost, User, close, db_of, engine_of, mount_host
from tests.processes import meet, run_processes
from zeeguu_gamify import emit
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.economy.redeem import redeem
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import Asset, LedgerEntry, Reward, RewardRedemption, UserProfile

#: So many requests at once, in threads of each process.
PROCESSES, THREADS = 5, 10
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


def want(url: str, users: int, key: str | None) -> list[str]:
    """What each thread of this process is told: the id of the purchase, or the error."""
    host = mount_host(url, events=PAYING, engine_options={"pool_size": THREADS})
    told: list[str] = []

    def ask(number: int) -> None:
        with host.app_context():
            session = db_of(host).session()
            try:
                told.append(str(redeem(session, ADA + number % users, "hat", key=key).id))
                session.commit()
            except GamifyError as error:
                session.rollback()
                told.append(type(error).__name__)

    with host.app_context():
        engine_of(host)
    meet()
    threads = [Thread(target=ask, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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


@pytest.mark.sqlite_only
def test_so_it_is_on_sqlite(new_sqlite_host: MakeHost) -> None:
    host = new_sqlite_host(events=PAYING)
    prepare(host, stock=1, coins_of={ADA: 100})
    told = all_told(host)
    assert told == {"1": 1, "OutOfStock": 49}
    assert_one_was_sold(host, 100)
