"""Midnight goes round the world: what broke becomes 0, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Update, select, update

from tests.integration.learners import (
    DANISH,
    GERMAN,
    Learners,
    NewLearners,
    User,
    UserLanguage,
    at_time,
)
from zeeguu_gamify import reset_streak_if_broken, update_badge_progress
from zeeguu_gamify.testing import statements

pytestmark = pytest.mark.core

#: A Monday, at noon UTC.
MONDAY = datetime(2026, 3, 2, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("UTC", datetime(2026, 3, 4)),
        (None, datetime(2026, 3, 4)),
        ("Mars/Base", datetime(2026, 3, 4)),
        ("europe/berlin", datetime(2026, 3, 4)),
        ("Europe/Berlin", datetime(2026, 3, 3, 23)),
        ("Pacific/Kiritimati", datetime(2026, 3, 4, 10)),
        ("Asia/Kathmandu", datetime(2026, 3, 3, 18, 15)),
        ("America/Los_Angeles", datetime(2026, 3, 4, 8)),
    ],
)
def test_a_streak_breaks_at_the_midnight_after_a_missed_date(
    learners: Learners, zone: str | None, midnight: datetime
) -> None:
    ada = learners.studying(zone)
    learners.practise(ada, MONDAY - DAY, MONDAY)
    learners.run(at=midnight - timedelta(minutes=1))
    assert (learners.daily(ada), learners.gauge(ada)) == ({GERMAN: 2, DANISH: 0}, 2)
    learners.run(at=midnight)
    assert (learners.daily(ada), learners.gauge(ada)) == ({GERMAN: 0, DANISH: 0}, 0)


def test_a_language_breaks_by_itself_and_the_gauge_falls_to_the_other(
    learners: Learners,
) -> None:
    ada = learners.studying()
    for number in range(4):
        learners.practise(ada, MONDAY + number * DAY)
    learners.practise(ada, MONDAY + 2 * DAY, MONDAY + 3 * DAY, MONDAY + 4 * DAY, language_id=DANISH)
    learners.run(at=MONDAY + 5 * DAY)
    assert learners.daily(ada) == {GERMAN: 0, DANISH: 3}
    assert learners.gauge(ada) == 3


def test_without_a_language_the_gauge_is_the_overall_streak(learners: Learners) -> None:
    ada = learners.learner()
    learners.practise(ada, MONDAY, MONDAY + DAY, language_id=None)
    learners.run(at=MONDAY + 2 * DAY)
    assert learners.gauge(ada) == 2
    learners.run(at=MONDAY + 3 * DAY)
    assert learners.gauge(ada) == 0


def test_what_the_host_counted_before_us_breaks_by_its_last_practice(learners: Learners) -> None:
    ada, ben = learners.learner("Asia/Tokyo"), learners.learner("Asia/Tokyo")
    sunday_in_tokyo = datetime(2026, 2, 28, 15)
    learners.study(ada, daily_streak=5, last_practiced=sunday_in_tokyo - timedelta(seconds=1))
    learners.study(ben, daily_streak=5, last_practiced=sunday_in_tokyo)
    learners.study(ben, DANISH, daily_streak=5, last_practiced=None)
    learners.run("streak_reset", at=MONDAY)
    assert learners.daily(ada) == {GERMAN: 0}
    assert learners.daily(ben) == {GERMAN: 5, DANISH: 0}


def test_the_longest_streak_and_the_ledger_stay(learners: Learners) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY, MONDAY + DAY)
    learners.run(at=MONDAY + 9 * DAY)
    streak = learners.streak(ada, GERMAN)
    assert (streak.current, streak.longest, str(streak.last_date)) == (2, 2, "2026-03-03")


def test_doubled_rows_of_a_language_become_0_both(learners: Learners) -> None:
    ada = learners.learner()
    for _ in range(2):
        learners.study(ada)
    learners.practise(ada, MONDAY)
    learners.run(at=MONDAY + 3 * DAY)
    doubled = select(UserLanguage.daily_streak).where(UserLanguage.user_id == ada)
    assert [row.daily_streak for row in learners.rows(doubled)] == [0, 0]


def test_who_moves_zones_is_judged_by_where_they_are(learners: Learners) -> None:
    ada = learners.studying("Pacific/Auckland")
    learners.practise(ada, MONDAY)  # Tuesday at one in the morning, in Auckland
    learners.change(update(User).where(User.id == ada).values(timezone="Pacific/Honolulu"))
    learners.run(at=datetime(2026, 3, 5, 9, 45))  # Wednesday, a quarter to midnight
    assert learners.daily(ada)[GERMAN] == 1
    learners.run(at=datetime(2026, 3, 5, 10))
    assert learners.daily(ada)[GERMAN] == 0


def test_who_flew_west_over_the_date_line_has_missed_a_date_until_the_journey_explains_it(
    learners: Learners,
) -> None:
    """Sunday evening in Honolulu is Monday evening in Auckland; Monday was never practised."""
    ada = learners.studying("Pacific/Honolulu")
    learners.practise(ada, datetime(2026, 3, 2, 8))
    learners.change(update(User).where(User.id == ada).values(timezone="Pacific/Auckland"))
    learners.run(at=datetime(2026, 3, 2, 10, 45))
    assert learners.daily(ada)[GERMAN] == 1
    learners.run(at=datetime(2026, 3, 2, 11))
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (0, 0)
    learners.practise(ada, datetime(2026, 3, 2, 20))
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (2, 2)


def test_where_the_host_owns_the_streaks_only_the_gauge_falls(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    ada = learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=MONDAY)
    learners.study(ada, DANISH, daily_streak=2, last_practiced=MONDAY + DAY)
    with learners.transaction() as session:
        update_badge_progress(session, "STREAK_DAYS", ada, 5)
    learners.run(at=MONDAY + 2 * DAY)
    assert (learners.daily(ada), learners.gauge(ada)) == ({GERMAN: 5, DANISH: 2}, 2)
    learners.run(at=MONDAY + 3 * DAY)
    assert (learners.daily(ada), learners.gauge(ada)) == ({GERMAN: 5, DANISH: 2}, 0)
    assert learners.run("streak_gauges", at=MONDAY + 4 * DAY) == "0 gauges lowered"


def test_at_login_a_broken_streak_is_reset_as_the_job_would(learners: Learners) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY, MONDAY + DAY)
    with at_time(MONDAY + 3 * DAY), learners.transaction() as session:
        assert reset_streak_if_broken(session, ada).streak == 0
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (0, 0)


def test_at_login_nothing_broken_costs_one_plain_select(learners: Learners) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY, MONDAY + DAY)
    with at_time(MONDAY + 2 * DAY), learners.transaction() as session:
        learners.mount.refresh(session)
        with statements(learners.engine) as ran:
            assert reset_streak_if_broken(session, ada).streak == 2
    assert len(ran) == 1
    assert "FOR UPDATE" not in ran[0]


@pytest.mark.parametrize(
    ("job", "table"),
    [("streak_reset", "user_language"), ("streak_gauges", "user_badge_progress")],
)
def test_who_practises_while_the_job_looks_keeps_the_streak(
    learners: Learners, monkeypatch: pytest.MonkeyPatch, job: str, table: str
) -> None:
    if learners.engine.dialect.name == "sqlite":
        return  # one writer at a time: nobody gets in between
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    late = MONDAY + 3 * DAY
    execute = Connection.execute

    def somebody_else_first(self: Connection, statement: Any, *more: Any) -> Any:
        if isinstance(statement, Update) and str(statement.table) == table:
            monkeypatch.setattr(Connection, "execute", execute)
            learners.practise(ada, late)
        return execute(self, statement, *more)

    monkeypatch.setattr(Connection, "execute", somebody_else_first)
    assert learners.run(job, at=late).startswith("0 ")
    learners.run(at=late + HOUR)
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (1, 1)
