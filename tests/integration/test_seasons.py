"""A season closes once, when its last date is over everywhere; standings stay; prizes go once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    award_log,
    badges,
    change,
    db_of,
    engine_of,
    grants,
    mount_on,
)
from tests.integration.boards import MONDAY, WEEK, put_scores, settle
from zeeguu_gamify import Catalog, SeasonPrize, emit
from zeeguu_gamify.badges.default_catalog import FAMILIES, PRIZES
from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.leaderboards import prizes, seasons
from zeeguu_gamify.models import (
    Asset,
    Badge,
    BoardScore,
    LedgerEntry,
    OutboxMessage,
    Period,
    Season,
    SeasonStanding,
    SeasonState,
)
from zeeguu_gamify.testing import frozen

WITH_PRIZES = Catalog((*FAMILIES, *PRIZES))
#: The week of Monday the 16th is over in the last zone, UTC-12, at noon of the next Monday.
OVER = datetime(2026, 11, 23, 12)
CLOSED = OVER + seasons.GRACE
WEDNESDAY = datetime(2026, 11, 18, 12)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host whose catalog has the prizes, with six users, in the middle of the week."""
    host = new_host(catalog=WITH_PRIZES)
    settle(host, 6)
    run(host, WEDNESDAY)
    return host


def run(app: Flask, at: datetime) -> str:
    """Run the job at `at`; what it did."""
    mount_on(app).forget()
    with frozen(at):
        done = runner.run(mount_on(app), schedule.job_called("seasons"), at, at.isoformat())
    return done.summary if done else "not mine"


def look(app: Flask, statement: Any) -> list[Any]:
    with engine_of(app).connect() as connection:
        return list(connection.execute(statement))


def season(app: Flask, period: Period = Period.WEEK, starts: date = MONDAY) -> Any:
    table = Season.__table__
    mine = (table.c.period == period, table.c.starts == starts)
    (found,) = look(app, select(table).where(*mine))
    return found


def standings(app: Flask) -> list[tuple[Any, ...]]:
    """User, place, score and prize in the week's season, in order."""
    row = SeasonStanding.__table__.c
    wanted = select(row.user_id, row.place, row.score, row.prize).where(
        row.season_id == season(app).id
    )
    return [tuple(found) for found in look(app, wanted.order_by(row.place, row.user_id))]


def announced(app: Flask) -> list[int]:
    """Who is owed the news of a badge."""
    message = OutboxMessage.__table__.c
    wanted = select(message.user_id).where(message.topic == BADGE_EARNED).order_by(message.user_id)
    return [row[0] for row in look(app, wanted)]


def everything(app: Flask) -> Any:
    return standings(app), season(app), [badges(app, n) for n in range(1, 7)], announced(app)


@pytest.mark.core
def test_the_seasons_that_somebody_lives_in_are_open(new_host: MakeHost) -> None:
    host = new_host()
    assert run(host, datetime(2026, 11, 18, 12)) == "2 seasons opened"
    week = season(host)
    assert (week.starts, week.ends, week.state) == (MONDAY, date(2026, 11, 22), SeasonState.OPEN)
    assert week.closes_at == OVER
    assert season(host, Period.MONTH, date(2026, 11, 1)).closes_at == datetime(2026, 12, 1, 12)
    assert run(host, datetime(2026, 11, 22, 9)) == ""
    # On Kiribati it is Monday at ten o'clock.
    assert run(host, datetime(2026, 11, 22, 10)) == "1 seasons opened"


def test_seasons_that_nobody_opened_in_time_are_opened_later(host: Flask) -> None:
    assert run(host, WEDNESDAY + timedelta(days=21)).startswith("4 seasons opened")
    assert len(look(host, select(Season.id))) == 6


@pytest.mark.core
def test_ties_share_a_place_and_only_who_is_listed_and_above_zero_stands(host: Flask) -> None:
    put_scores(host, {1: 30, 2: 50, 3: 30, 4: 20})
    put_scores(host, {5: 99}, listed=False)
    put_scores(host, {6: 0})
    run(host, CLOSED)
    assert standings(host) == [
        (2, 1, 50, "week_gold"), (1, 2, 30, "week_silver"), (3, 2, 30, "week_silver"),
        (4, 4, 20, None),
    ]  # fmt: skip
    assert (season(host).state, season(host).settled_at) == (SeasonState.SETTLED, CLOSED)


@pytest.mark.core
def test_prizes_are_badges_with_a_certificate_and_announced_once(host: Flask) -> None:
    put_scores(host, {ADA: 50})
    run(host, CLOSED)
    (grant,) = grants(host)
    assert (grant.code, grant.context) == ("week_gold", "exp:week:2026-11-16")
    evidence = {"season": "exp:week:2026-11-16", "place": 1, "score": 50}
    assert evidence.items() <= grant.evidence.items()
    assert award_log(host) == ["week_gold"]
    assert announced(host) == [ADA]
    before = everything(host)
    assert "prizes" not in run(host, CLOSED + timedelta(hours=1))
    assert everything(host) == before


def test_a_prize_that_was_claimed_is_nobodys_any_more(host: Flask) -> None:
    put_scores(host, {ADA: 50, BEN: 40})
    run(host, CLOSED)
    with Session(engine_of(host)) as session:
        claim = partial(prizes.claim, session, season(host).id, ADA, CLOSED)
        assert not claim()
        session.execute(update(SeasonStanding).values(claimed_at=None))
        assert [claim(), claim()] == [True, False]
        assert [won.user_id for won in prizes.not_given(session, season(host).id, 9)] == [BEN]


@pytest.mark.core
def test_the_same_prize_is_won_again_in_another_season(host: Flask) -> None:
    next_week = MONDAY + timedelta(days=7)
    put_scores(host, {ADA: 50})
    run(host, CLOSED)
    put_scores(host, {ADA: 70}, type(WEEK)("exp", Period.WEEK, next_week))
    run(host, CLOSED + timedelta(days=7))
    assert badges(host) == ["week_gold", "week_gold"]
    assert {grant.context for grant in grants(host)} == {
        "exp:week:2026-11-16",
        "exp:week:2026-11-23",
    }


def test_a_prize_that_the_catalog_does_not_have_is_not_given(new_host: MakeHost) -> None:
    host = new_host()
    run(host, WEDNESDAY)
    put_scores(host, {ADA: 50})
    run(host, CLOSED)
    assert (standings(host), badges(host)) == ([(ADA, 1, 50, None)], [])


def test_nothing_closes_before_the_last_date_is_over_in_the_last_zone(host: Flask) -> None:
    put_scores(host, {ADA: 50})
    run(host, CLOSED - timedelta(seconds=1))
    assert (season(host).state, standings(host)) == (SeasonState.OPEN, [])
    run(host, CLOSED)
    assert season(host).state is SeasonState.SETTLED


@pytest.mark.core
def test_what_was_earned_in_the_last_zone_is_awaited(host: Flask) -> None:
    """Nothing is closed while something earned in time is not on the board yet."""
    session = db_of(host).session()
    with frozen(OVER - timedelta(minutes=1)):
        change(host, update_zone("Etc/GMT+12"))  # where it is the last minute of Sunday
        emit(session, "exp.gained", user_id=ADA, amount=40)
        session.commit()
    run(host, CLOSED)
    assert season(host).state is SeasonState.OPEN
    with frozen(CLOSED):
        deliver(mount_on(host))
    run(host, CLOSED + timedelta(minutes=15))
    assert standings(host) == [(ADA, 1, 40, "week_gold")]


def update_zone(zone: str) -> Any:
    return update(User).where(User.id == ADA).values(timezone=zone)


def test_what_is_parked_or_came_too_late_is_not_awaited(host: Flask) -> None:
    session = db_of(host).session()
    with frozen(OVER):
        emit(session, "exp.gained", user_id=ADA, amount=1)
    with frozen(OVER - timedelta(days=1)):
        emit(session, "exp.gained", user_id=ADA, amount=2)
    session.commit()
    parked = OutboxMessage.__table__.c
    change(
        host,
        update(OutboxMessage).where(parked.created_at < OVER).values(due_at=datetime(9999, 1, 1)),
    )
    run(host, CLOSED)
    assert season(host).state is SeasonState.SETTLED


@pytest.mark.core
def test_late_exp_count_in_the_ledger_and_for_all_time_but_change_no_standing(host: Flask) -> None:
    put_scores(host, {ADA: 50})
    run(host, CLOSED)
    session = db_of(host).session()
    with frozen(CLOSED + timedelta(hours=1)):
        emit(session, "exp.gained", user_id=2, amount=99, at=WEDNESDAY)
        session.commit()
        deliver(mount_on(host))
    run(host, CLOSED + timedelta(hours=2))
    assert standings(host) == [(ADA, 1, 50, "week_gold")]
    assert look(host, select(LedgerEntry.amount).where(LedgerEntry.user_id == 2)) == [(99,)]
    everybodys_ever = (BoardScore.period == Period.ALL, BoardScore.language_id == 0)
    ever = select(BoardScore.score).where(BoardScore.user_id == 2, *everybodys_ever)
    assert look(host, ever) == [(99,)]


@pytest.mark.core
def test_in_small_batches_it_comes_to_the_same(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_scores(host, {1: 30, 2: 50, 3: 30, 4: 20, 5: 20, 6: 10})
    monkeypatch.setattr(seasons, "ROWS", 2)
    assert run(host, CLOSED) == (
        "1 seasons opened, 6 scores frozen, 6 places given, 3 prizes given, 1 seasons settled"
    )
    assert [row[:2] for row in standings(host)] == [(2, 1), (1, 2), (3, 2), (4, 4), (5, 4), (6, 6)]


def test_scores_that_move_while_they_are_frozen_mix_nothing_up(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each score is frozen once; places follow from what is frozen, not from what is now."""
    put_scores(host, {1: 30, 2: 50, 3: 40, 4: 20})
    monkeypatch.setattr(seasons, "ROWS", 2)
    freeze = seasons.freeze

    def freeze_and_overtake(session: Any, season: Any) -> int:
        frozen_now = freeze(session, season)
        if frozen_now:
            session.commit()
            put_scores(host, {1: 99, 4: 10})
        return frozen_now

    monkeypatch.setattr(seasons, "freeze", freeze_and_overtake)
    run(host, CLOSED)
    assert [row[:3] for row in standings(host)] == [(2, 1, 50), (3, 2, 40), (1, 3, 30), (4, 4, 10)]


def test_a_season_without_anybody_closes_too(host: Flask) -> None:
    run(host, CLOSED)
    assert (season(host).state, standings(host)) == (SeasonState.SETTLED, [])


def test_a_rehearsal_changes_nothing_and_says_what_there_is_to_do(host: Flask) -> None:
    put_scores(host, {ADA: 50})
    with frozen(CLOSED):
        done = runner.rehearse(mount_on(host), schedule.job_called("seasons"), CLOSED)
    assert done.summary == "1 seasons opened, 1 seasons to close"
    assert (season(host).state, standings(host)) == (SeasonState.OPEN, [])


@pytest.mark.sqlite_only
def test_production_ids_are_not_moved_by_prizes(host: Flask) -> None:
    rows = look(host, select(Badge.id, Badge.code).order_by(Badge.id))
    assert [row.id for row in rows][:35] == list(range(1, 36))
    assert {row.code for row in rows[35:]} == {family.badges[0].code for family in PRIZES}


PAYING = (
    SeasonPrize(Period.WEEK, 1, "week_gold", coins=100),
    SeasonPrize(Period.WEEK, 2, coins=20, exp=5),
)


def entries(app: Flask) -> list[tuple[Any, ...]]:
    """User, asset, amount and reason of each entry."""
    entry = LedgerEntry.__table__.c
    wanted = select(entry.user_id, entry.asset, entry.amount, entry.reason)
    return sorted(map(tuple, look(app, wanted)), key=lambda row: (row[0], row[1].value))


@pytest.fixture
def paying(new_host: MakeHost) -> Flask:
    """A host whose weeks win coins, too, for the first three."""
    host = new_host(catalog=WITH_PRIZES, prizes=PAYING)
    settle(host, 6)
    run(host, WEDNESDAY)
    put_scores(host, {1: 30, 2: 50, 3: 30, 4: 20})
    return host


@pytest.mark.core
def test_a_season_pays_coins_and_exp_as_its_prizes_say(paying: Flask) -> None:
    run(paying, CLOSED)
    assert [row[::3] for row in standings(paying)] == [
        (2, "week_gold"), (1, "20 coins, 5 EXP"), (3, "20 coins, 5 EXP"), (4, None),
    ]  # fmt: skip
    assert entries(paying) == [
        (1, Asset.COINS, 20, "season.won"), (1, Asset.EXP, 5, "season.won"),
        (2, Asset.COINS, 100, "season.won"),
        (3, Asset.COINS, 20, "season.won"), (3, Asset.EXP, 5, "season.won"),
    ]  # fmt: skip
    assert (badges(paying, 2), badges(paying, 1)) == (["week_gold"], [])


def test_of_two_prizes_with_one_badge_each_place_is_paid_its_own(new_host: MakeHost) -> None:
    gold, bronze = (SeasonPrize(Period.WEEK, n, "week_gold", coins=60 // n) for n in (1, 3))
    host = new_host(catalog=WITH_PRIZES, prizes=[gold, bronze])
    settle(host, 6)
    run(host, WEDNESDAY)
    put_scores(host, {1: 30, 2: 50, 3: 20, 4: 10})
    run(host, CLOSED)
    assert [(row[0], row[2]) for row in entries(host)] == [(2, 60), (3, 20)]  # 1 has a medal
    assert badges(host, 2) == badges(host, 3) == ["week_gold"]


@pytest.mark.core
def test_what_a_season_pays_is_paid_once_whatever_is_done_again(paying: Flask) -> None:
    run(paying, CLOSED)
    before = entries(paying)
    again = {"state": SeasonState.CLOSING, "settled_at": None}
    change(paying, update(SeasonStanding).values(claimed_at=None))
    change(paying, update(Season).where(Season.starts == MONDAY).values(again))
    assert "3 prizes given" in run(paying, CLOSED + timedelta(hours=1))
    assert entries(paying) == before
    assert badges(paying, 2) == ["week_gold"]


def test_a_prize_that_the_host_has_taken_away_since_is_not_given(
    paying: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = prizes.not_given

    def not_given(*args: Any) -> Any:
        mount_on(paying).prizes = ()
        return give(*args)

    monkeypatch.setattr(prizes, "not_given", not_given)
    assert "1 prizes given" in run(paying, CLOSED)  # the medal
    assert entries(paying) == []
    assert season(paying).state is SeasonState.SETTLED


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "prize",
    [
        SeasonPrize(Period.WEEK, 1),
        SeasonPrize(Period.WEEK, 0, coins=1),
        SeasonPrize(Period.WEEK, 1, coins=-1, exp=2),
        SeasonPrize(Period.WEEK, 1, coins=1.5),  # type: ignore[arg-type]
        SeasonPrize(Period.WEEK, 1, exp=2**31),
        SeasonPrize(Period.DAY, 1, coins=1),
        SeasonPrize(Period.WEEK, 1, coins=1, board="chess"),
    ],
)
def test_a_prize_that_cannot_be_meant_is_refused(new_host: MakeHost, prize: SeasonPrize) -> None:
    with pytest.raises(GamifyError):
        new_host(prizes=[prize])
