"""Freezes: used by themselves for a missed date, given back when it turns out to be practised."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.integration.learners import DANISH, GERMAN, Learners, NewLearners, at_time
from zeeguu_gamify import practice, reset_streak_if_broken

MONDAY = datetime(2026, 3, 2, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def ada(learners: Learners) -> int:
    """She has a streak of 2, and practised on Monday last."""
    user_id = learners.studying()
    learners.practise(user_id, MONDAY - DAY, MONDAY)
    return user_id


@pytest.mark.core
def test_the_job_uses_a_freeze_at_midnight_for_every_language_that_was_alive(
    learners: Learners, ada: int
) -> None:
    learners.practise(ada, MONDAY + HOUR, language_id=DANISH)
    learners.give(ada, 2, MONDAY)
    assert learners.run("freezes", at=MONDAY + DAY) == "0 users kept by a freeze"
    assert learners.run("freezes", at=MONDAY + 2 * DAY) == "1 users kept by a freeze"
    learners.run(at=MONDAY + 2 * DAY)
    assert learners.bridges(ada) == {TUESDAY: "freeze"}
    assert learners.freezes(ada) == 1
    assert learners.daily(ada) == {GERMAN: 2, DANISH: 1}
    learners.practise(ada, MONDAY + 2 * DAY, language_id=DANISH)
    assert (learners.streak(ada).current, learners.streak(ada, DANISH).current) == (3, 2)


def test_a_freeze_keeps_a_streak_but_does_not_add_to_it(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    learners.practise(ada, MONDAY + 2 * DAY)
    assert learners.bridges(ada) == {TUESDAY: "freeze"}
    assert learners.daily(ada)[GERMAN] == 3


def test_at_login_a_freeze_is_used_before_anything_is_reset(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    with at_time(MONDAY + 2 * DAY), learners.transaction() as session:
        assert reset_streak_if_broken(session, ada).streak == 2
    assert learners.bridges(ada) == {TUESDAY: "freeze"}
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (2, 2)


def test_it_is_used_also_where_the_streak_was_reset_already(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    learners.run("streak_reset", "streak_gauges", at=MONDAY + 2 * DAY)
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (0, 0)
    learners.run("freezes", at=MONDAY + 2 * DAY)
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (2, 2)


def test_a_friend_streak_that_was_ended_goes_on_when_a_freeze_comes_later(
    learners: Learners, ada: int
) -> None:
    ben = learners.studying()
    friends = learners.befriend(ada, ben, MONDAY - DAY)
    learners.practise(ben, MONDAY - DAY, MONDAY, MONDAY + DAY)
    learners.give(ada, 1, MONDAY)
    learners.run("friend_streaks", at=MONDAY + 2 * DAY)
    assert learners.friendship(friends).friend_streak == 0
    learners.run("freezes", at=MONDAY + 2 * DAY)
    learners.practise(ben, MONDAY + 2 * DAY)
    learners.practise(ada, MONDAY + 2 * DAY)
    assert learners.friendship(friends).friend_streak == 3


def test_more_missed_dates_than_freezes_end_the_streak_as_night_after_night(
    learners: Learners, ada: int
) -> None:
    learners.give(ada, 1, MONDAY)
    learners.run(at=MONDAY + 9 * DAY)
    assert learners.bridges(ada) == {TUESDAY: "freeze"}
    assert (learners.daily(ada)[GERMAN], learners.freezes(ada)) == (0, 0)


def test_a_freeze_given_after_the_streak_broke_is_kept_for_the_next(
    learners: Learners, ada: int
) -> None:
    learners.give(ada, 2, MONDAY + 3 * DAY)
    learners.run(at=MONDAY + 4 * DAY)
    learners.practise(ada, MONDAY + 4 * DAY)
    assert learners.bridges(ada) == {}
    assert (learners.daily(ada)[GERMAN], learners.freezes(ada)) == (1, 2)


def test_practice_that_comes_to_light_gives_the_freeze_back(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    learners.run(at=MONDAY + 2 * DAY)
    with at_time(MONDAY + 2 * DAY), learners.transaction() as session:
        practice(session, ada, at=MONDAY + DAY)
    assert learners.bridges(ada) == {}
    assert (learners.daily(ada)[GERMAN], learners.freezes(ada)) == (3, 1)


def test_nobody_has_freezes_unless_they_are_given(learners: Learners, ada: int) -> None:
    learners.run(at=MONDAY + 2 * DAY)
    assert learners.bridges(ada) == {}
    assert learners.daily(ada)[GERMAN] == 0


def test_where_the_host_owns_the_streaks_there_are_no_bridges(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    learners.give(ada, 1, MONDAY)
    learners.run(at=MONDAY + 2 * DAY)
    learners.practise(ada, MONDAY + 2 * DAY)
    assert learners.bridges(ada) == {}
    assert learners.freezes(ada) == 1
