"""Whoever keeps `user_language`: an activity moves each counter by 1, and none twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.hosts import ADA, db_of, progress, send
from tests.integration.learners import GERMAN, Learners, NewLearners, at_time, counts_itself
from zeeguu_gamify import practice

NOON = datetime(2026, 3, 27, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def counters(learners: Learners, user_id: int, friendship_id: int) -> dict[str, Any]:
    """Everything that counts days."""
    row = learners.friendship(friendship_id)
    (studied,) = learners.rows(text(f"SELECT * FROM user_language WHERE user_id = {user_id}"))
    return {
        "daily": studied.daily_streak,
        "longest": studied.max_streak,
        "gauge": learners.gauge(user_id),
        "overall": learners.streak(user_id).current,
        "language": learners.streak(user_id, GERMAN).current,
        "practice days": len(learners.days(user_id)),
        "friend streak": row.friend_streak,
        "longest friend streak": row.max_friend_streak,
    }


def does_something(learners: Learners, user_id: int, at: datetime) -> None:
    if learners.mount.config.host_owns_streaks:
        counts_itself(learners, user_id, at)
    else:
        learners.practise(user_id, at)


@pytest.mark.core
@pytest.mark.parametrize("owner", ["host", "gamify"])
def test_one_activity_moves_each_counter_by_one(new_learners: NewLearners, owner: str) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER=owner)
    ada, ben = learners.learner("Europe/Berlin"), learners.learner("Asia/Tokyo")
    for user_id in (ada, ben):
        learners.study(user_id)
    friends = learners.befriend(ada, ben, NOON)
    for user_id in (ada, ben):
        does_something(learners, user_id, NOON)
    for day in range(1, 4):
        does_something(learners, ben, NOON + day * DAY - HOUR)
        before = counters(learners, ada, friends)
        for _ in range(2):  # the second of a day counts nothing
            does_something(learners, ada, NOON + day * DAY)
            after = counters(learners, ada, friends)
            assert after == {name: count + 1 for name, count in before.items()}
    assert set(after.values()) == {4}


def test_a_host_that_still_counts_although_we_do_changes_nothing_and_doctor_tells(
    learners: Learners,
) -> None:
    learners.mount.requires_session = lambda view: view
    ada, ben = learners.learner(), learners.learner()
    for user_id in (ada, ben):
        learners.study(user_id)
    friends = learners.befriend(ada, ben, NOON)
    for day in range(3):
        at = NOON + day * DAY
        learners.practise(ben, at)
        counts_itself(learners, ada, at)
        learners.practise(ada, at)
    assert set(counters(learners, ada, friends).values()) == {3}
    told = "the host counts streaks too: its streak_changed was heard at 2026-03-27 12:00:00 UTC"
    assert told in learners.cli("doctor", at=NOON + 3 * DAY)
    assert "counts streaks too" not in learners.cli("doctor", at=NOON + 8 * DAY)


def test_on_a_host_without_languages_the_overall_streak_is_the_gauge(host: Flask) -> None:
    session = db_of(host).session
    for day in range(2):
        with at_time(NOON + day * DAY):
            practice(session, ADA)
            send(host, "streak_changed")
            session.commit()
    assert progress(host)["STREAK_DAYS"] == 2
