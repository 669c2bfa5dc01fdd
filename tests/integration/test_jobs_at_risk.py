"""`streak.at_risk`: told once per date, some hours before it ends where the user is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from blinker import signal
from sqlalchemy import func, select, update

from tests.integration.learners import Learners, NewLearners, User
from zeeguu_gamify.models import EventReceipt
from zeeguu_gamify.testing import signals_sent

#: A Monday, at noon UTC.
MONDAY = datetime(2026, 3, 2, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def warned() -> Iterator[list[dict[str, Any]]]:
    """What is sent to the host."""
    with signals_sent("streak_at_risk") as sent:
        yield sent


def at_risk(learners: Learners, at: datetime) -> str:
    return learners.run("at_risk", at=at)


def told(learners: Learners) -> int:
    """How many events were counted."""
    counted = select(func.count()).where(EventReceipt.event == "streak.at_risk")
    return int(learners.rows(counted)[0][0])


@pytest.mark.core
@pytest.mark.parametrize(
    ("zone", "eight_in_the_evening"),
    [
        ("UTC", datetime(2026, 3, 3, 20)),
        (None, datetime(2026, 3, 3, 20)),
        ("Asia/Kathmandu", datetime(2026, 3, 3, 14, 15)),
        ("America/Los_Angeles", datetime(2026, 3, 4, 4)),
    ],
)
def test_who_has_not_practised_by_eight_in_the_evening_is_warned_once(
    learners: Learners,
    warned: list[dict[str, Any]],
    zone: str | None,
    eight_in_the_evening: datetime,
) -> None:
    ada = learners.studying(zone)
    learners.practise(ada, MONDAY - DAY, MONDAY)
    learners.give(ada, 1, MONDAY)
    assert at_risk(learners, eight_in_the_evening - HOUR / 4) == "0 users warned"
    assert at_risk(learners, eight_in_the_evening) == "1 users warned"
    assert at_risk(learners, eight_in_the_evening + HOUR) == "0 users warned"
    (sent,) = warned
    assert sent.pop("db_session").is_active
    assert sent == {
        "user_id": ada,
        "streak": 2,
        "freezes": 1,
        "local_date": date(2026, 3, 3),
        "ends_at": eight_in_the_evening + 4 * HOUR,
    }
    assert told(learners) == 1


def test_who_practised_today_or_has_no_streak_is_left_in_peace(
    learners: Learners, warned: list[dict[str, Any]]
) -> None:
    ada, ben, _cleo = (learners.studying() for _ in range(3))
    learners.practise(ada, MONDAY, MONDAY + DAY)
    learners.practise(ben, MONDAY - DAY)
    assert at_risk(learners, MONDAY + DAY + 10 * HOUR) == "0 users warned"
    assert warned == []


def test_the_next_date_is_told_anew(learners: Learners, warned: list[dict[str, Any]]) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    at_risk(learners, MONDAY + DAY + 9 * HOUR)
    learners.practise(ada, MONDAY + DAY + 10 * HOUR)
    at_risk(learners, MONDAY + 2 * DAY + 9 * HOUR)
    assert [sent["local_date"].day for sent in warned] == [3, 4]


def test_a_date_lived_twice_is_told_once(learners: Learners, warned: list[dict[str, Any]]) -> None:
    ada = learners.studying("Pacific/Auckland")
    learners.practise(ada, MONDAY - DAY)  # Monday in Auckland
    at_risk(learners, datetime(2026, 3, 3, 8))
    learners.change(update(User).values(timezone="Pacific/Honolulu"))
    at_risk(learners, datetime(2026, 3, 4, 7))
    assert [sent["local_date"].day for sent in warned] == [3]


def test_on_the_day_clocks_change_it_is_told_before_the_real_midnight(
    learners: Learners, warned: list[dict[str, Any]]
) -> None:
    """In Santiago the Saturday of 4 April 2026 has 25 hours: 23 o'clock comes twice."""
    ada = learners.studying("America/Santiago")
    learners.practise(ada, datetime(2026, 4, 3, 15))
    at_risk(learners, datetime(2026, 4, 5, 3, 45))
    assert warned[0]["ends_at"] == datetime(2026, 4, 5, 4)


@pytest.mark.parametrize("hours", [1, 24.0])
def test_the_host_sets_how_long_before(
    new_learners: NewLearners, warned: list[dict[str, Any]], hours: float
) -> None:
    learners = new_learners(GAMIFY_AT_RISK_HOURS=hours)
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    midnight = datetime(2026, 3, 4)
    at_risk(learners, midnight - hours * HOUR - HOUR / 4)
    assert warned == []
    at_risk(learners, midnight - hours * HOUR)
    assert len(warned) == 1


def test_a_listener_of_the_host_may_write_and_may_fail(learners: Learners) -> None:
    users = [learners.studying() for _ in range(3)]
    for user_id in users:
        learners.practise(user_id, MONDAY)

    def send_mail(_sender: Any, user_id: int, db_session: Any, **_more: Any) -> None:
        db_session.execute(update(User).where(User.id == user_id).values(username="told"))
        if user_id == users[1]:
            raise RuntimeError("no such address")

    with signal("streak_at_risk").connected_to(send_mail):
        assert at_risk(learners, MONDAY + DAY + 9 * HOUR) == "3 users warned"
    names = [row.username for row in learners.rows(select(User.username).order_by(User.id))]
    assert names == ["told", "somebody", "told"]


def test_after_midnight_nobody_is_told_of_a_date_that_is_over(
    learners: Learners, warned: list[dict[str, Any]]
) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    at_risk(learners, MONDAY + 2 * DAY)
    assert warned == []


def test_a_dry_run_tells_nobody(learners: Learners, warned: list[dict[str, Any]]) -> None:
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    command = ("run-job", "at_risk", "--dry-run")
    assert "1 users warned" in learners.cli(*command, at=MONDAY + DAY + 9 * HOUR)
    assert (warned, told(learners)) == ([], 0)


def test_batches_end_with_the_last_user(
    learners: Learners, warned: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeeguu_gamify.streaks.at_risk.USERS", 2)
    users = [learners.studying() for _ in range(5)]
    for user_id in users:
        learners.practise(user_id, MONDAY)
    assert at_risk(learners, MONDAY + DAY + 9 * HOUR) == "5 users warned"
    assert [sent["user_id"] for sent in warned] == users


@pytest.mark.core
def test_friend_streaks_end_when_either_of_the_two_missed_a_date(learners: Learners) -> None:
    ada, ben, cleo = (learners.studying() for _ in range(3))
    alive, ended = (learners.befriend(ada, other, MONDAY - DAY) for other in (ben, cleo))
    learners.practise(cleo, MONDAY)
    for number in range(3):
        learners.practise(ada, MONDAY + number * DAY)
        learners.practise(ben, MONDAY + number * DAY)
    assert learners.run("friend_streaks", at=MONDAY + 2 * DAY) == "1 friend streaks ended"
    assert learners.friendship(alive).friend_streak == 3
    row = learners.friendship(ended)
    assert (row.friend_streak, row.max_friend_streak) == (0, 1)
    assert str(row.friend_streak_date) == "2026-03-02"


def test_a_friend_streak_of_two_far_zones_lives_as_long_as_either_date(learners: Learners) -> None:
    """Practised on each of their own dates, Auckland in the morning, Honolulu in the evening."""
    east, west = learners.studying("Pacific/Auckland"), learners.studying("Pacific/Honolulu")
    friends = learners.befriend(east, west, datetime(2026, 3, 1))
    mornings = [(datetime(2026, 3, 1, 19) + number * DAY, east) for number in range(5)]
    evenings = [(datetime(2026, 3, 3, 7) + number * DAY, west) for number in range(4)]
    practised = dict([*mornings, *evenings])
    at, shared = datetime(2026, 3, 1, 19), 0
    while at < evenings[-1][0]:
        if at in practised:
            learners.practise(practised[at], at)
            shared += practised[at] == west
        learners.run("friend_streaks", at=at)
        assert learners.friendship(friends).friend_streak == shared
        at += HOUR
    learners.run("friend_streaks", at=at + 3 * DAY)
    assert learners.friendship(friends).friend_streak == 0


def test_both_frozen_on_a_date_and_never_back_they_have_no_friend_streak(
    learners: Learners,
) -> None:
    ada, ben = learners.studying(), learners.studying()
    friends = learners.befriend(ada, ben, MONDAY)
    for user_id in (ada, ben):
        learners.practise(user_id, MONDAY)
        learners.give(user_id, 1, MONDAY)
    learners.run(at=MONDAY + 2 * DAY)
    assert learners.friendship(friends).friend_streak == 1
    learners.run(at=MONDAY + 3 * DAY)
    assert learners.friendship(friends).friend_streak == 0
