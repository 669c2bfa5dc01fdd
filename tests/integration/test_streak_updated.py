"""`streak.updated`: other services hear of the overall streak as it shows at that moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.integration.learners import (
    DANISH,
    GERMAN,
    Learners,
    NewLearners,
    at_time,
    counts_itself,
)
from zeeguu_gamify import practice, reset_streak_if_broken
from zeeguu_gamify.models import OutboxMessage

MONDAY = datetime(2026, 3, 2, 12)
DAY = timedelta(days=1)


@pytest.fixture
def learners(new_learners: NewLearners) -> Learners:
    return new_learners(GAMIFY_WEBHOOKS=True)


def told(learners: Learners) -> list[tuple[int, int]]:
    """To whom belongs which streak, in the order told."""
    wanted = select(OutboxMessage.user_id, OutboxMessage.payload)
    wanted = wanted.where(OutboxMessage.topic == "streak.updated").order_by(OutboxMessage.id)
    return [(row.user_id, row.payload["streak"]) for row in learners.rows(wanted)]


@pytest.mark.core
def test_it_is_the_overall_streak_that_is_told_not_the_longest_of_a_language(
    learners: Learners,
) -> None:
    ada = learners.studying()
    for number, language in enumerate((GERMAN, DANISH, GERMAN)):
        learners.practise(ada, MONDAY + number * DAY, language_id=language)
    assert told(learners) == [(ada, 1), (ada, 2), (ada, 3)]


@pytest.mark.core
def test_a_streak_that_breaks_at_midnight_is_told_as_0_once(learners: Learners) -> None:
    ada, ben, eve = learners.studying(), learners.studying(), learners.studying()
    learners.practise(ada, MONDAY, MONDAY + DAY)
    learners.practise(ben, MONDAY, MONDAY + DAY, MONDAY + 2 * DAY)
    learners.practise(eve, MONDAY, MONDAY + DAY)
    learners.practise(eve, MONDAY + 2 * DAY, language_id=DANISH)
    before = len(told(learners))
    for hours in (13, 14):  # the Thursday has begun; Ada missed the Wednesday
        learners.run(at=MONDAY + 2 * DAY + timedelta(hours=hours))
    assert told(learners)[before:] == [(ada, 0)]


def test_who_finds_it_broken_at_login_is_told_as_0(learners: Learners) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    with at_time(MONDAY + 3 * DAY), learners.transaction() as session:
        reset_streak_if_broken(session, ada)
    assert told(learners) == [(ada, 1), (ada, 0)]


def test_practice_of_long_ago_that_comes_late_is_not_the_streak_of_today(
    learners: Learners,
) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    learners.practise(ada, MONDAY + 9 * DAY)
    with at_time(MONDAY + 9 * DAY), learners.transaction() as session:
        practice(session, ada, GERMAN, MONDAY + DAY)
    assert told(learners)[-1] == (ada, 1)


def test_where_the_host_counts_the_streaks_the_overall_one_is_told_too(
    new_learners: NewLearners,
) -> None:
    learners = new_learners(GAMIFY_WEBHOOKS=True, GAMIFY_STREAK_OWNER="host")
    ada = learners.studying()
    counts_itself(learners, ada, MONDAY)
    counts_itself(learners, ada, MONDAY + DAY, DANISH)
    assert told(learners) == [(ada, 1), (ada, 2)]
