"""EXP, boards and seasons of accounts that are erased, merged, hidden or given a name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from tests.hosts import ADA, BEN, MakeHost, change, db_of, engine_of, mount_on
from tests.integration.boards import copy_to_redis, settle
from tests.integration.boards import look as look_into
from tests.integration.test_accounts import rows_naming
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify import emit
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.events import EventType
from zeeguu_gamify.leaderboards import visibility
from zeeguu_gamify.leaderboards.copies import Copies
from zeeguu_gamify.leaderboards.periods import ALL_STARTS
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.models import (
    BoardScore,
    ExpAllowance,
    LedgerEntry,
    OutboxMessage,
    Period,
    Season,
    SeasonStanding,
    SeasonState,
)
from zeeguu_gamify.testing import frozen

NOON = datetime(2026, 3, 10, 12)
CAPPED = (EventType("quiz.completed", "a quiz", most_exp_a_day=1000),)
QUIZ = {"cause": "quiz.completed", "language_id": 7}


@pytest.fixture
def world(new_host: MakeHost) -> Flask:
    """Ada and Ben have earned 30 and 50 EXP, 10 of both for the same object; Eve has none."""
    host = new_host(events=CAPPED)
    settle(host, 3)
    earn(host, ADA, 20, context=QUIZ)
    earn(host, BEN, 40, context=QUIZ)
    for user_id in (ADA, BEN):
        earn(host, user_id, 10, object_id="the same quiz", context=QUIZ)
    spread(host)
    return host


def earn(app: Flask, user_id: int, amount: int, **fields: Any) -> None:
    with frozen(NOON):
        session = db_of(app).session()
        emit(session, "exp.gained", user_id=user_id, amount=amount, **fields)
        session.commit()


def spread(app: Flask) -> None:
    """Deliver what the outbox holds."""
    deliver(mount_on(app))


def look(app: Flask, statement: Any) -> list[Any]:
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def scores(app: Flask, user_id: int) -> dict[tuple[str, int], int]:
    """(Period, language) → score."""
    row = BoardScore.__table__.c
    wanted = select(row.period, row.language_id, row.score).where(row.user_id == user_id)
    return {(period.value, language): score for period, language, score in look(app, wanted)}


def listed(app: Flask, user_id: int) -> set[bool]:
    return {row[0] for row in look(app, select(BoardScore.listed).filter_by(user_id=user_id))}


def owed(app: Flask) -> list[tuple[str, int | None]]:
    return look(app, select(OutboxMessage.topic, OutboxMessage.user_id).order_by(OutboxMessage.id))


def season(app: Flask, id_: int, state: SeasonState, *stood: tuple[int, int, str | None]) -> None:
    """A season in which (user, place, prize) stood."""
    row = {"id": id_, "board": "exp", "period": Period.WEEK, "starts": date(2026, 1, id_)}
    dates = {"ends": date(2026, 1, id_ + 6), "closes_at": NOON}
    change(app, insert(Season).values(state=state, **row, **dates))
    for user_id, place, prize in stood:
        values = {"user_id": user_id, "place": place, "score": 100 - place, "prize": prize}
        change(app, insert(SeasonStanding).values(season_id=id_, **values))


def standings(app: Flask) -> list[tuple[Any, ...]]:
    row = SeasonStanding.__table__.c
    wanted = select(row.season_id, row.user_id, row.place, row.score, row.prize)
    return look(app, wanted.order_by(row.season_id, row.user_id))


@pytest.mark.core
def test_erasing_leaves_no_score_standing_entry_or_message(world: Flask) -> None:
    season(world, 1, SeasonState.SETTLED, (ADA, 1, "week_gold"), (BEN, 2, None))
    earn(world, ADA, 5)  # its message waits
    session = db_of(world).session()
    gone = erase(session, ADA)
    session.commit()
    assert rows_naming(world, ADA) == {}
    assert {"board_score", "ledger_entry", "season_standing", "outbox_message"} <= gone.keys()
    assert owed(world) == [("board.changed", None)]
    spread(world)
    assert (owed(world), scores(world, ADA)) == ([], {})
    assert scores(world, BEN)["ALL", 0] == 50
    assert standings(world) == [(1, BEN, 2, 98, None)]


def test_erasing_who_is_on_no_board_owes_nothing(world: Flask) -> None:
    session = db_of(world).session()
    erase(session, 3)
    session.commit()
    assert owed(world) == []


@pytest.mark.core
@pytest.mark.parametrize("delivered", [True, False])
def test_merged_scores_are_the_sums_of_the_united_ledger(world: Flask, delivered: bool) -> None:
    earn(world, ADA, 3, context={"language_id": 8})
    earn(world, BEN, 4)
    if delivered:
        spread(world)
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    spread(world)
    assert sum(row[0] for row in look(world, select(LedgerEntry.amount))) == 77
    assert rows_naming(world, ADA) == {}
    found = scores(world, BEN)
    assert found["ALL", 0] == found["DAY", 0] == found["MONTH", 0] == 77
    assert (found["WEEK", 7], found["WEEK", 8]) == (70, 3)


@pytest.mark.core
def test_of_a_day_s_allowance_both_have_used_is_used(world: Flask) -> None:
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    row = ExpAllowance.__table__.c
    assert look(world, select(row.user_id, row.cause, row.used)) == [(BEN, "quiz.completed", 70)]


def test_an_object_of_the_old_account_can_be_taken_back_and_earned_again(world: Flask) -> None:
    earn(world, ADA, 8, object_id="hers")
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    earn(world, BEN, 8, object_id="hers")
    assert sum(row[0] for row in look(world, select(LedgerEntry.amount))) == 78
    with frozen(NOON):
        assert emit(session, "exp.lost", user_id=BEN, object_id="hers").exp == -8
        assert emit(session, "exp.gained", user_id=BEN, amount=9, object_id="hers").exp == 9
        session.commit()
    spread(world)
    assert scores(world, BEN)["ALL", 0] == 79


@pytest.mark.core
def test_of_two_standings_in_a_season_the_better_stays(world: Flask) -> None:
    season(world, 1, SeasonState.SETTLED, (ADA, 1, "week_gold"), (BEN, 2, "week_silver"))
    season(world, 2, SeasonState.SETTLED, (ADA, 5, None), (BEN, 2, "week_silver"))
    season(world, 3, SeasonState.SETTLED, (ADA, 4, None))
    season(world, 4, SeasonState.CLOSING, (ADA, 0, None), (BEN, 0, None))
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    assert standings(world) == [
        (1, BEN, 1, 99, "week_gold"),
        (2, BEN, 2, 98, "week_silver"),
        (3, BEN, 4, 96, None),
        (4, BEN, 0, 100, None),
    ]


@pytest.mark.core
@pytest.mark.parametrize("shy", [ADA, BEN])
def test_who_opted_out_with_one_account_is_on_no_board_with_both(world: Flask, shy: int) -> None:
    session, mount = db_of(world).session(), mount_on(world)
    visibility.choose(session, mount, BEN if shy == ADA else ADA, True)
    visibility.choose(session, mount, shy, False)
    session.commit()
    merge(session, ADA, BEN)
    session.commit()
    spread(world)
    assert not visibility.wants_to_be_listed(session, BEN)
    assert listed(world, BEN) == {False}


@pytest.mark.core
def test_who_opts_out_is_on_no_board_at_once_and_back_where_they_would_stand(world: Flask) -> None:
    session, mount = db_of(world).session(), mount_on(world)
    assert visibility.wants_to_be_listed(session, ADA)
    visibility.choose(session, mount, ADA, False)
    session.commit()
    assert (listed(world, ADA), listed(world, BEN)) == ({False}, {True})
    earn(world, ADA, 7)
    spread(world)
    assert listed(world, ADA) == {False}
    visibility.choose(session, mount, ADA, True)
    session.commit()
    assert listed(world, ADA) == {True}
    assert scores(world, ADA)["ALL", 0] == 37


def test_opting_out_touches_nothing_else_that_the_user_owns(world: Flask) -> None:
    session, mount = db_of(world).session(), mount_on(world)
    for wish in (False, False, True):
        visibility.choose(session, mount, ADA, wish)
        session.commit()
    assert visibility.wants_to_be_listed(session, ADA)
    assert [topic for topic, _ in owed(world)] == ["board.changed"] * 3


@pytest.mark.sqlite_only
def test_the_copies_in_redis_lose_who_is_erased_merged_or_opts_out(
    new_host: MakeHost, redis_server: RedisServer
) -> None:
    look_into(redis_server.url()).flushdb()
    redis = {"GAMIFY_REDIS_URL": redis_server.url(), "GAMIFY_REDIS_TIMEOUT": SECONDS}
    host = new_host(config=redis)
    settle(host, 4)
    ever = Key("exp", Period.ALL, ALL_STARTS)
    for user_id in (1, 2, 3, 4):
        earn(host, user_id, 10 * user_id)
    deliver(mount_on(host))
    copy_to_redis(host, {1: 10, 2: 20, 3: 30, 4: 40}, ever)
    session, mount = db_of(host).session(), mount_on(host)
    erase(session, 1)
    session.commit()
    merge(session, 2, 4)
    session.commit()
    visibility.choose(session, mount, 3, False)
    session.commit()
    deliver(mount)
    assert copy_of(host, ever) == {4: 60}
    visibility.choose(session, mount, 3, True)
    session.commit()
    deliver(mount)
    assert copy_of(host, ever) == {4: 60, 3: 30}


def copy_of(app: Flask, key: Key) -> dict[int, int]:
    """User → score, as Redis has it."""
    link = mount_on(app).redis
    assert link is not None
    scores = Copies(link).scores(key, [1, 2, 3, 4])
    assert scores is not None
    return {user_id: score for user_id, score in scores.items() if score}
