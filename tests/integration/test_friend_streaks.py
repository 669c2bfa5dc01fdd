"""Friend streaks of people who live apart, or not at the same time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from tests.integration.learners import DANISH, Learners, at_time
from zeeguu_gamify import clock, practice
from zeeguu_gamify.models import OVERALL, Friendship, Streak
from zeeguu_gamify.streaks.display import Side, friend_streak_shown

pytestmark = pytest.mark.core

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = date(2026, 3, 2)
LONG_AGO = datetime(2026, 1, 1)

SYDNEY, COPENHAGEN = "Australia/Sydney", "Europe/Copenhagen"
AUCKLAND, HONOLULU = "Pacific/Auckland", "Pacific/Honolulu"
PAGO_PAGO, KIRITIMATI = "Pacific/Pago_Pago", "Pacific/Kiritimati"


def utc(zone: str, day: int, hour: int, minute: int = 0) -> datetime:
    """The instant of a local time, so many days after Monday."""
    local = datetime.combine(MONDAY + day * DAY, time(hour, minute), ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def shown(learners: Learners, friendship_id: int, zones: tuple[str, str], at: datetime) -> int:
    """The friend streak as both see it at `at` (UTC)."""
    row = learners.friendship(friendship_id)
    sides = [side(learners, *of) for of in zip((row.user_a_id, row.user_b_id), zones, strict=True)]
    return friend_streak_shown(row.friend_streak, row.friend_streak_date, (sides[0], sides[1]), at)


def side(learners: Learners, user_id: int, zone: str) -> Side:
    table = Streak.__table__.c
    found = learners.rows(
        select(table.started, table.covered_to).where(
            table.user_id == user_id, table.language_id == OVERALL
        )
    )
    return Side(zone, *(found[0] if found else (None, None)))


def friends(learners: Learners, *zones: str, since: datetime = LONG_AGO) -> tuple[int, int, int]:
    """Two who have been friends since then, and their friendship."""
    one, other = (learners.studying(zone) for zone in zones)
    return one, other, learners.befriend(one, other, since)


def in_turn(learners: Learners, *practices: tuple[datetime, int]) -> None:
    for at, user_id in sorted(practices):
        learners.practise(user_id, at)


@pytest.mark.parametrize("swapping", [False, True])
def test_a_sydney_pair_that_practises_six_mornings_has_six(
    learners: Learners, swapping: bool
) -> None:
    one, other, friendship = friends(learners, SYDNEY, SYDNEY)
    for day in range(6):
        first, second = (other, one) if swapping and day % 2 else (one, other)
        learners.practise(first, utc(SYDNEY, day, 9, 30))
        learners.practise(second, utc(SYDNEY, day, 12))
        assert learners.friendship(friendship).friend_streak == day + 1
    row = learners.friendship(friendship)
    assert (row.friend_streak, row.max_friend_streak) == (6, 6)
    assert row.friend_streak_date == row.max_friend_streak_date == MONDAY + 5 * DAY
    assert row.friend_streak_last_updated == utc(SYDNEY, 5, 12)


@pytest.mark.parametrize(
    ("zones", "hours", "days"),
    [
        ((AUCKLAND, HONOLULU), (9, 20), 7),
        ((AUCKLAND, HONOLULU), (0, 23), 7),
        ((HONOLULU, AUCKLAND), (23, 0), 7),
        ((SYDNEY, COPENHAGEN), (8, 21), 7),
        ((COPENHAGEN, SYDNEY), (21, 8), 7),
        ((PAGO_PAGO, KIRITIMATI), (9, 9), 7),
        ((KIRITIMATI, PAGO_PAGO), (23, 0), 7),
        # More than a day apart: when the one ends the week, the other must have gone on.
        ((PAGO_PAGO, KIRITIMATI), (23, 0), 8),
        ((KIRITIMATI, PAGO_PAGO), (0, 23), 8),
    ],
)
def test_who_practise_each_of_their_own_dates_for_a_week_have_seven_alive_at_every_hour(
    learners: Learners, zones: tuple[str, str], hours: tuple[int, int], days: int
) -> None:
    one, other, friendship = friends(learners, *zones)
    practices = sorted(
        (utc(zone, day, hour), user_id, MONDAY + day * DAY)
        for zone, hour, user_id in zip(zones, hours, (one, other), strict=True)
        for day in range(days)
    )
    dates: dict[int, set[date]] = {one: set(), other: set()}
    at, shared = practices[0][0], 0
    while shared < 7:
        while practices[0][0] <= at:
            instant, user_id, day = practices.pop(0)
            learners.practise(user_id, instant)
            dates[user_id].add(day)
            shared = len(dates[one] & dates[other])
            if shared == 7:
                break
        assert shown(learners, friendship, zones, at) == shared
        at += HOUR
    assert learners.friendship(friendship).friend_streak == 7


def test_it_moves_the_moment_the_second_one_practises_and_only_then(learners: Learners) -> None:
    one, other, friendship = friends(learners, SYDNEY, COPENHAGEN)
    learners.practise(one, utc(SYDNEY, 0, 8))
    assert learners.friendship(friendship).friend_streak == 0
    learners.practise(one, utc(SYDNEY, 0, 9), language_id=DANISH)
    assert learners.friendship(friendship).friend_streak == 0
    learners.practise(other, utc(COPENHAGEN, 0, 8))
    assert learners.friendship(friendship).friend_streak == 1
    learners.practise(other, utc(COPENHAGEN, 0, 9), language_id=DANISH)
    assert learners.friendship(friendship).friend_streak == 1


def test_after_a_lapse_the_comeback_day_counts_at_once(learners: Learners) -> None:
    one, other, friendship = friends(learners, SYDNEY, SYDNEY)
    for day in (0, 1, 2, 4, 5):  # Thursday was missed by both
        in_turn(learners, (utc(SYDNEY, day, 9), one), (utc(SYDNEY, day, 20), other))
        if day == 2:
            assert shown(learners, friendship, (SYDNEY, SYDNEY), utc(SYDNEY, 3, 23)) == 3
            assert shown(learners, friendship, (SYDNEY, SYDNEY), utc(SYDNEY, 4, 0)) == 0
        if day == 4:
            assert learners.friendship(friendship).friend_streak == 1
            assert shown(learners, friendship, (SYDNEY, SYDNEY), utc(SYDNEY, 4, 20)) == 1
    row = learners.friendship(friendship)
    assert (row.friend_streak, row.max_friend_streak) == (2, 3)
    assert row.max_friend_streak_date == MONDAY + 2 * DAY


def test_a_date_that_only_one_missed_ends_it_too(learners: Learners) -> None:
    one, other, friendship = friends(learners, SYDNEY, SYDNEY)
    for day in range(4):
        learners.practise(one, utc(SYDNEY, day, 9))
        if day != 2:
            learners.practise(other, utc(SYDNEY, day, 20))
    assert learners.friendship(friendship).friend_streak == 1
    assert learners.friendship(friendship).max_friend_streak == 2


def test_a_frozen_date_keeps_it_and_counts_nothing(learners: Learners) -> None:
    one, other, friendship = friends(learners, SYDNEY, COPENHAGEN)
    learners.give(other, 1, LONG_AGO)
    for day in range(4):
        learners.practise(one, utc(SYDNEY, day, 9))
        if day != 2:
            learners.practise(other, utc(COPENHAGEN, day, 20))
    assert learners.bridges(other) == {MONDAY + 2 * DAY: "freeze"}
    assert learners.friendship(friendship).friend_streak == 3


def test_a_day_that_both_practised_before_they_became_friends_counts(learners: Learners) -> None:
    one, other = learners.studying(SYDNEY), learners.studying(COPENHAGEN)
    for day in (0, 1, 2):
        in_turn(learners, (utc(SYDNEY, day, 9), one), (utc(COPENHAGEN, day, 7), other))
    friendship = learners.befriend(one, other, utc(COPENHAGEN, 2, 8))
    row = learners.friendship(friendship)
    assert (row.friend_streak, row.friend_streak_date) == (1, MONDAY + 2 * DAY)
    in_turn(learners, (utc(SYDNEY, 3, 9), one), (utc(COPENHAGEN, 3, 7), other))
    assert learners.friendship(friendship).friend_streak == 2


def test_a_day_that_one_has_yet_to_practise_counts_when_that_happens(learners: Learners) -> None:
    one, other = learners.studying(SYDNEY), learners.studying(SYDNEY)
    learners.practise(one, utc(SYDNEY, 0, 9))
    friendship = learners.befriend(one, other, utc(SYDNEY, 0, 10))
    assert learners.friendship(friendship).friend_streak == 0
    learners.practise(other, utc(SYDNEY, 0, 11))
    assert learners.friendship(friendship).friend_streak == 1


def test_late_practice_of_the_date_before_they_became_friends_counts_nothing(
    learners: Learners,
) -> None:
    one, other = learners.studying(SYDNEY), learners.studying(SYDNEY)
    learners.practise(one, utc(SYDNEY, 0, 9), utc(SYDNEY, 1, 9))
    friendship = learners.befriend(one, other, utc(SYDNEY, 1, 10))
    learners.practise(other, utc(SYDNEY, 0, 11))
    row = learners.friendship(friendship)
    assert (row.friend_streak, row.b_from, row.b_last) == (0, None, None)


def test_a_friendship_that_ended_moves_no_more_and_a_new_one_begins_at_zero(
    learners: Learners,
) -> None:
    one, other, ended = friends(learners, SYDNEY, SYDNEY)
    for day in (0, 1):
        in_turn(learners, (utc(SYDNEY, day, 9), one), (utc(SYDNEY, day, 10), other))
    gone = update(Friendship).where(Friendship.id == ended).values(deleted_at=utc(SYDNEY, 1, 11))
    learners.change(gone)
    before = learners.friendship(ended)
    anew = learners.befriend(one, other, utc(SYDNEY, 2, 8))
    assert learners.friendship(anew).friend_streak == 0
    in_turn(learners, (utc(SYDNEY, 2, 9), one), (utc(SYDNEY, 2, 10), other))
    assert learners.friendship(ended) == before
    assert learners.friendship(anew).friend_streak == 1


def test_late_practice_joins_two_shared_runs(learners: Learners) -> None:
    one, other, friendship = friends(learners, SYDNEY, SYDNEY)
    for day in range(5):
        learners.practise(one, utc(SYDNEY, day, 9))
        if day != 2:
            learners.practise(other, utc(SYDNEY, day, 10))
    assert learners.friendship(friendship).friend_streak == 2
    with at_time(utc(SYDNEY, 4, 12)), learners.transaction() as session:
        practice(session, other, at=utc(SYDNEY, 2, 10))
    row = learners.friendship(friendship)
    assert (row.friend_streak, row.max_friend_streak) == (5, 5)


def test_a_traveller_shares_the_dates_of_their_own_calendar(learners: Learners) -> None:
    one, other, friendship = friends(learners, "America/Los_Angeles", COPENHAGEN)
    for day in range(6):
        zone = "America/Los_Angeles" if day < 3 else SYDNEY
        if day != 3:  # which was lost over the Pacific
            at = utc(zone, day, 21 if day < 3 else 9)
            learners.practise(one, at, zone=zone)
        learners.practise(other, utc(COPENHAGEN, day, 12))
    assert clock.local_date(utc(SYDNEY, 4, 9), "America/Los_Angeles") == MONDAY + 3 * DAY
    assert learners.bridges(one) == {MONDAY + 3 * DAY: "travel"}
    assert learners.friendship(friendship).friend_streak == 5
