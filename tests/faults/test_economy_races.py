"""Eight processes earn for one user at once: one profile, each level and badge once, right sums."""

from __future__ import annotations

from collections import Counter

from flask import Flask
from sqlalchemy import func, select

from tests.hosts import ADA, MakeHost, badges, close, db_of, engine_of, mount_host
from tests.processes import meet, run_processes
from zeeguu_gamify import Catalog, Levels, emit, ladder
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.events import EventType, Metric
from zeeguu_gamify.models import Asset, LedgerEntry, Mechanism, OutboxMessage, UserProfile

PROCESSES, TIMES = 8, 15
PAYING = (
    EventType("lesson.completed", "a lesson", exp=10, coins=2),
    EventType("lesson.reopened", "a lesson is open again", undoes="lesson.completed"),
)
LEVELS = Levels(tuple(range(0, 2_000, 50)), reward=lambda _level: 3)
BADGES = ladder(
    Metric.EXP, range(5, 1_200, 60), name="EXP", mechanism=Mechanism.GAUGE,
    describe=lambda n: (f"Earn {n}.", f"You earned {n}."),
)  # fmt: skip
CATALOG = Catalog((*FAMILIES, BADGES))


def earn(url: str) -> list[int | str]:
    """The levels and the badges that this process was told of."""
    host = mount_host(url, catalog=CATALOG, events=PAYING, levels=LEVELS)
    told: list[int | str] = []
    with host.app_context():
        meet()
        session = db_of(host).session()
        for _ in range(TIMES):
            outcome = emit(session, "lesson.completed", user_id=ADA)
            session.commit()
            if outcome.level is not None:
                told.append(outcome.level)
            told += [badge.code for badge in outcome.new_badges]
    close(host)
    return told


def tick_and_untick(url: str) -> int:
    """The coins that this process was told of."""
    host = mount_host(url, events=PAYING, levels=LEVELS)
    coins = 0
    with host.app_context():
        meet()
        session = db_of(host).session()
        for number in range(TIMES):
            name = ("lesson.completed", "lesson.reopened")[number % 2]
            coins += emit(session, name, user_id=ADA, object_id="7").coins
            session.commit()
    close(host)
    return coins


def url_of(app: Flask) -> str:
    return engine_of(app).url.render_as_string(hide_password=False)


def profile(app: Flask) -> tuple[int, ...]:
    """EXP, level, best level and coins of the one row that there is."""
    row = UserProfile.__table__.c
    with engine_of(app).connect() as connection:
        wanted = select(row.exp, row.level, row.best_level, row.coins)
        return tuple(connection.execute(wanted).one())


def sums(app: Flask, asset: Asset) -> int:
    wanted = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.asset == asset)
    with engine_of(app).connect() as connection:
        return int(connection.execute(wanted).scalar() or 0)


def levels_told(app: Flask) -> list[int]:
    wanted = select(OutboxMessage.payload).where(OutboxMessage.topic == "level.up")
    with engine_of(app).connect() as connection:
        return sorted(payload["level"] for payload in connection.execute(wanted).scalars())


def test_each_level_and_badge_is_reached_once_and_nothing_is_lost(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(catalog=CATALOG, events=PAYING, levels=LEVELS)
    told = run_processes(earn, PROCESSES, url_of(host))
    exp, coins = 10 * PROCESSES * TIMES, 2 * PROCESSES * TIMES
    last = LEVELS.of(exp)
    every = list(range(2, last + 1))
    won = [badge.code for badge in BADGES.badges]
    assert Counter(one for mine in told for one in mine) == Counter([*every, *won])
    assert badges(host) == sorted(won)
    assert levels_told(host) == every
    assert profile(host) == (exp, last, last, coins + 3 * len(every))
    assert (sums(host, Asset.EXP), sums(host, Asset.COINS)) == profile(host)[::3]


def test_done_and_undone_in_any_race_balances_are_their_entries(new_server_host: MakeHost) -> None:
    host = new_server_host(events=PAYING, levels=LEVELS)
    told = run_processes(tick_and_untick, PROCESSES, url_of(host))
    exp, _, _, coins = profile(host)
    assert (exp, coins) in ((0, 0), (10, 2))
    assert (sums(host, Asset.EXP), sums(host, Asset.COINS)) == (exp, coins)
    assert sum(told) == coins
