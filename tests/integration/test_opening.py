"""Opening balances: on a host that counts already, every number goes on from where it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from tests.integration.learners import (
    DANISH,
    GERMAN,
    Learners,
    NewLearners,
    UserLanguage,
    at_time,
)
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.streaks import languages, opening
from zeeguu_gamify.streaks.display import Side, friend_streak_shown
from zeeguu_gamify.streaks.reset import recompute

pytestmark = pytest.mark.core

#: A Friday, at noon UTC.
NOW = datetime(2026, 11, 20, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def shows(learners: Learners, user_id: int, at: datetime) -> dict[int, tuple[Any, ...]]:
    """Language → streak, longest and its date, whether practised today: as pages show it."""
    zone = learners.mount.host
    with at_time(at), learners.transaction() as session:
        zones = {user_id: zone.zone_name(session, user_id)}
        found = languages.of_users(session, learners.mount, zones)
    assert found is not None
    return {
        streak.language_id: (
            streak.daily_streak, streak.max_streak, streak.max_streak_date, streak.practiced_today,
        )
        for streak in found[user_id]
    }  # fmt: skip


def open_streaks(learners: Learners, *options: str, at: datetime = NOW) -> str:
    return learners.cli("streaks", "open", *options, at=at)


@pytest.mark.parametrize("zone", ["UTC", None, "Pacific/Auckland", "America/Los_Angeles", "Mars"])
@pytest.mark.parametrize("hours_ago", [0, 13, 25, 37, 49, 2000])
def test_what_a_learner_sees_stays_and_the_next_practice_makes_it_one_more(
    learners: Learners, zone: str | None, hours_ago: int
) -> None:
    ada = learners.learner(zone)
    columns: dict[str, Any] = {"max_streak": 40, "max_streak_date": datetime(2025, 1, 1, 23)}
    learners.study(ada, daily_streak=5, last_practiced=NOW - hours_ago * HOUR, **columns)
    before = shows(learners, ada, NOW)
    open_streaks(learners)
    assert shows(learners, ada, NOW) == before
    with at_time(NOW), learners.transaction() as session:
        recompute(session, learners.mount, ada)
    assert shows(learners, ada, NOW) == before
    practised_today = before[GERMAN][3]
    learners.practise(ada, NOW)
    assert shows(learners, ada, NOW)[GERMAN][0] == before[GERMAN][0] + (not practised_today)
    assert learners.daily(ada)[GERMAN] == shows(learners, ada, NOW)[GERMAN][0]


def test_the_days_of_the_run_become_practice_days(learners: Learners) -> None:
    ada = learners.learner("Asia/Tokyo")
    learners.study(ada, daily_streak=3, last_practiced=datetime(2026, 11, 19, 16), max_streak=3)
    open_streaks(learners)
    assert learners.days(ada) == [
        (date(2026, 11, 18), "opening"),
        (date(2026, 11, 19), "opening"),
        (date(2026, 11, 20), "opening"),
    ]


def test_the_overall_streak_is_that_of_all_languages(learners: Learners) -> None:
    ada = learners.learner()
    learners.study(ada, daily_streak=4, last_practiced=NOW - 2 * DAY, max_streak=9)
    learners.study(ada, DANISH, daily_streak=2, last_practiced=NOW, max_streak=2)
    open_streaks(learners)
    overall = learners.streak(ada)
    assert (overall.current, overall.longest) == (6, 9)


def test_a_longest_streak_of_before_stays_until_it_is_beaten(learners: Learners) -> None:
    ada = learners.learner()
    reached = datetime(2026, 1, 1, 9)
    learners.study(
        ada, daily_streak=2, last_practiced=NOW - DAY, max_streak=3, max_streak_date=reached
    )
    open_streaks(learners)
    learners.practise(ada, NOW)
    assert shows(learners, ada, NOW)[GERMAN] == (3, 3, date(2026, 1, 1), True)
    learners.practise(ada, NOW + DAY)
    assert shows(learners, ada, NOW + DAY)[GERMAN] == (4, 4, date(2026, 11, 21), True)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((5, DAY), (9, 60 * DAY)),
        ((5, DAY), (3, 0 * DAY)),
        ((5, 0 * DAY), (3, DAY)),
        ((5, 9 * DAY), (30, 8 * DAY)),
    ],
)
def test_of_a_doubled_language_the_better_counts(
    learners: Learners, one: Any, other: Any, swapped: bool
) -> None:
    ada = learners.learner()
    for streak, ago in (other, one) if swapped else (one, other):
        learners.study(ada, daily_streak=streak, last_practiced=NOW - ago, max_streak=streak)
    before = shows(learners, ada, NOW)
    open_streaks(learners)
    assert shows(learners, ada, NOW) == before
    learners.practise(ada, NOW + DAY)
    streak, practised_today = before[GERMAN][0], before[GERMAN][3]
    expected = streak + 1 if practised_today else 1
    assert shows(learners, ada, NOW + DAY)[GERMAN][0] == expected
    assert len(set(learners.daily(ada).values())) == 1


def test_who_practises_before_their_turn_is_opened_then(learners: Learners) -> None:
    ada = learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=NOW - DAY, max_streak=7)
    learners.practise(ada, NOW)
    assert shows(learners, ada, NOW)[GERMAN][:2] == (6, 7)
    assert learners.days(ada)[-1] == (NOW.date(), "activity")
    open_streaks(learners)
    assert shows(learners, ada, NOW)[GERMAN][:2] == (6, 7)
    assert learners.streak(ada, GERMAN).floor == 7


def test_who_practised_today_with_the_host_still_shares_today_with_a_friend(
    learners: Learners,
) -> None:
    ada, ben = learners.learner(), learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=NOW - HOUR)
    learners.study(ben)
    friends = learners.befriend(ada, ben, NOW - 2 * DAY)
    learners.practise(ben, NOW)
    learners.practise(ada, NOW)
    assert learners.days(ada)[-1] == (NOW.date(), "activity")
    assert shows(learners, ada, NOW)[GERMAN][0] == 5
    assert learners.friendship(friends).friend_streak == 1


def test_interrupted_it_goes_on_and_done_it_changes_nothing(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeeguu_gamify.streaks.opening.USERS", 2)
    users = [learners.learner() for _ in range(5)]
    for user_id in users:
        learners.study(user_id, daily_streak=5, last_practiced=NOW - DAY)
    opened = []

    def stop_at_the_third(*arguments: Any, **more: Any) -> int:
        opened.append(arguments[2])
        if len(opened) == 3:
            raise RuntimeError("the power is gone")
        return original(*arguments, **more)

    original = opening._open
    monkeypatch.setattr(opening, "_open", stop_at_the_third)
    learners.cli("streaks", "open", at=NOW, fails=True)
    assert len(learners.rows(text("SELECT DISTINCT user_id FROM practice_day"))) == 2
    assert "5 users opened, 25 practice days written" in open_streaks(learners)
    assert opened == [*users[:3], *users[2:]]
    everything = learners.everything()
    assert "streaks taken over: was done before" in open_streaks(learners)
    assert "5 users opened, 0 practice days written" in open_streaks(learners, "--again")
    assert learners.everything() == everything


def test_a_dry_run_counts_and_writes_nothing(learners: Learners) -> None:
    ada = learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=NOW - DAY)
    assert "1 users opened, 5 practice days written" in open_streaks(learners, "--dry-run")
    assert learners.days(ada) == []
    assert "1 users opened, 5 practice days written" in open_streaks(learners)


def test_doctor_demands_it_until_it_is_done(learners: Learners) -> None:
    learners.mount.requires_session = lambda view: view
    ada = learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=NOW - DAY)
    assert "not taken over → flask gamify streaks open" in learners.cli("doctor", fails=True)
    open_streaks(learners)
    assert "Nothing to mend" in learners.cli("doctor")


def test_a_host_that_keeps_its_streaks_is_opened_for_its_friends(
    new_learners: NewLearners,
) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    ada = learners.learner()
    row: dict[str, Any] = {"daily_streak": 5, "last_practiced": NOW - DAY, "max_streak": 5}
    learners.study(ada, **row)
    open_streaks(learners)
    assert len(learners.days(ada)) == 5
    (studied,) = learners.rows(UserLanguage.__table__.select())
    assert {name: getattr(studied, name) for name in row} == row


def pair(
    learners: Learners,
    zones: tuple[str, str],
    practised: tuple[datetime, datetime],
    streak: int,
    updated: datetime | None,
) -> int:
    """A friendship as production left it, of two who practised each day for a month."""
    users = [learners.learner(zone) for zone in zones]
    for user_id, at in zip(users, practised, strict=True):
        learners.study(user_id, daily_streak=30, last_practiced=at, max_streak=30)
    row = {
        "user_a_id": users[0], "user_b_id": users[1], "created_at": NOW - 400 * DAY,
        "friend_streak": streak, "friend_streak_last_updated": updated,
    }  # fmt: skip
    return learners.add(Friendship, row)


def friend_streak(learners: Learners, friendship_id: int, at: datetime) -> int:
    """As pages show it."""
    row = learners.friendship(friendship_id)
    sides = []
    for user_id in (row.user_a_id, row.user_b_id):
        (user,) = learners.rows(text(f"SELECT timezone FROM user WHERE id = {user_id}"))
        run = learners.streak(user_id)
        sides.append(Side(user.timezone, run.started, run.covered_to))
    return friend_streak_shown(row.friend_streak, row.friend_streak_date, (sides[0], sides[1]), at)


AUCKLAND, HONOLULU, BERLIN = "Pacific/Auckland", "Pacific/Honolulu", "Europe/Berlin"


@pytest.mark.parametrize(
    ("zones", "practised", "updated"),
    [
        (("UTC", "UTC"), (NOW, NOW - HOUR), NOW),
        (("UTC", "UTC"), (NOW - DAY, NOW - DAY - HOUR), NOW - DAY),
        ((BERLIN, AUCKLAND), (NOW - 20 * HOUR, NOW - 15 * HOUR), NOW - 15 * HOUR),
        ((AUCKLAND, AUCKLAND), (NOW - 14 * HOUR, NOW - 15 * HOUR), NOW - 14 * HOUR),
        ((HONOLULU, BERLIN), (NOW - 6 * HOUR, NOW - 5 * HOUR), NOW - 5 * HOUR),
        ((HONOLULU, HONOLULU), (NOW - 6 * HOUR, NOW - 5 * HOUR), NOW - 5 * HOUR),
    ],
)
def test_a_friend_streak_stays_and_the_next_shared_day_makes_it_one_more(
    learners: Learners, zones: Any, practised: Any, updated: datetime
) -> None:
    friends = pair(learners, zones, practised, 8, updated)
    open_streaks(learners)
    row = learners.friendship(friends)
    assert friend_streak(learners, friends, NOW) == 8
    assert (row.friend_streak_last_updated, row.max_friend_streak) == (updated, 8)
    for user_id in (row.user_a_id, row.user_b_id):
        with at_time(NOW), learners.transaction() as session:
            recompute(session, learners.mount, user_id)
    assert friend_streak(learners, friends, NOW) == 8
    learners.practise(row.user_a_id, practised[0] + DAY)
    learners.practise(row.user_b_id, practised[1] + DAY)
    row = learners.friendship(friends)
    assert (row.friend_streak, row.max_friend_streak) == (9, 9)
    assert friend_streak(learners, friends, max(practised) + DAY) == 9


def test_a_friend_streak_that_ended_stays_ended_and_the_comeback_counts(
    learners: Learners,
) -> None:
    friends = pair(learners, ("UTC", "UTC"), (NOW, NOW - DAY), 8, NOW - 3 * DAY)
    open_streaks(learners)
    row = learners.friendship(friends)
    assert friend_streak(learners, friends, NOW) == 0
    assert (row.max_friend_streak, str(row.max_friend_streak_date)) == (8, "2026-11-17")
    learners.practise(row.user_b_id, NOW + HOUR)
    assert learners.friendship(friends).friend_streak == 1


def test_who_practises_before_the_friendship_is_opened_loses_nothing(learners: Learners) -> None:
    friends = pair(learners, ("UTC", "UTC"), (NOW - DAY, NOW - DAY), 8, NOW - DAY)
    row = learners.friendship(friends)
    learners.practise(row.user_a_id, NOW)
    learners.practise(row.user_b_id, NOW)
    assert learners.friendship(friends).friend_streak == 8
    open_streaks(learners, at=NOW + HOUR)
    assert learners.friendship(friends).friend_streak == 9


def test_in_shadow_mode_friendships_wait_for_the_switch(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_SHADOW=1)
    friends = pair(learners, ("UTC", "UTC"), (NOW, NOW), 8, NOW)
    before = learners.friendship(friends)
    open_streaks(learners)
    assert learners.friendship(friends) == before
    assert len(learners.days(before.user_a_id)) == 30


def test_friends_who_part_or_parted_are_left_alone(learners: Learners) -> None:
    friends = pair(learners, ("UTC", "UTC"), (NOW, NOW), 8, NOW)
    learners.change(update(Friendship).where(Friendship.id == friends).values(deleted_at=NOW))
    before = learners.friendship(friends)
    open_streaks(learners)
    assert learners.friendship(friends) == before
