"""`practice`: what is taken, what is refused, what it tells, and who wins over stale reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.integration.learners import (
    DANISH,
    GERMAN,
    Learners,
    NewLearners,
    User,
    UserLanguage,
    at_time,
)
from zeeguu_gamify import practice
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.models import BridgeKind, PracticeDay
from zeeguu_gamify.streaks import bridges, daily
from zeeguu_gamify.testing import signals_sent

pytestmark = pytest.mark.core

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12)
LONG_AGO = datetime(2026, 1, 1)


def days(learners: Learners, user_id: int) -> list[tuple[int, date, str, datetime | None]]:
    """Language, date, zone and first instant of the practice days."""
    table = PracticeDay.__table__
    rows = learners.rows(select(table).where(table.c.user_id == user_id))
    return sorted((row.language_id, row.local_date, row.zone, row.first_at) for row in rows)


def test_it_credits_the_local_date_of_the_user(learners: Learners) -> None:
    user_id = learners.studying("Pacific/Auckland")
    outcome = learners.practise(user_id, NOON)
    assert outcome.streak == 1
    assert days(learners, user_id) == [(GERMAN, date(2026, 3, 3), "Pacific/Auckland", NOON)]


@pytest.mark.parametrize("amount", [0, 2**31])
def test_what_is_no_number_of_freezes_is_refused(learners: Learners, amount: int) -> None:
    with pytest.raises(BadInput, match="amount must be"):
        learners.give(learners.studying(), amount, NOON)


@pytest.mark.parametrize("stored", [None, "", "Nowhere/Land"])
def test_a_user_whose_zone_is_not_known_lives_in_utc(
    learners: Learners, stored: str | None
) -> None:
    user_id = learners.studying(stored)
    learners.practise(user_id, NOON)
    assert days(learners, user_id) == [(GERMAN, date(2026, 3, 2), "UTC", NOON)]


def test_the_language_is_the_one_given_else_the_one_learned(learners: Learners) -> None:
    user_id = learners.studying()
    learners.practise(user_id, NOON, language_id=DANISH)
    with at_time(NOON), learners.transaction() as session:
        practice(session, user_id)
    assert [row[0] for row in days(learners, user_id)] == [GERMAN, DANISH]


def test_who_learns_no_language_has_an_overall_streak(learners: Learners) -> None:
    user_id = learners.learner()
    learners.change(update(User).where(User.id == user_id).values(learned_language_id=None))
    for at in (NOON, NOON + DAY):
        with at_time(at), learners.transaction() as session:
            outcome = practice(session, user_id)
    assert outcome.streak == learners.gauge(user_id) == 2
    assert [row[0] for row in days(learners, user_id)] == [0, 0]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"language_id": 99}, "language_id: the host has no language 99"),
        ({"language_id": 0}, "language_id must be a whole number of at least 1, not 0"),
        ({"language_id": "de"}, "language_id must be a whole number"),
        ({"zone": "Mars/Base"}, "zone: 'Mars/Base' is not an IANA zone"),
        ({"at": NOON + timedelta(seconds=301)}, "at: 2026-03-02T12:05:01 is in the future"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    learners: Learners, how: dict[str, Any], message: str
) -> None:
    user_id = learners.studying()
    with (
        at_time(NOON),
        learners.transaction() as session,
        pytest.raises(BadInput, match=message),
    ):
        practice(session, user_id, **how)
    assert days(learners, user_id) == []


def test_somebody_who_is_not_there_is_refused(learners: Learners) -> None:
    with at_time(NOON), learners.transaction() as session, pytest.raises(UnknownUser):
        practice(session, 999)
    with learners.transaction() as session, pytest.raises(BadInput, match="user_id"):
        practice(session, 0)


def test_a_clock_that_is_five_minutes_ahead_is_believed(learners: Learners) -> None:
    user_id = learners.studying()
    with at_time(NOON), learners.transaction() as session:
        practice(session, user_id, at=NOON + timedelta(minutes=5))
    assert len(days(learners, user_id)) == 1


def test_late_practice_without_a_zone_is_in_that_of_the_nearest_earlier_day(
    learners: Learners,
) -> None:
    user_id = learners.studying("America/Los_Angeles")
    learners.practise(user_id, datetime(2026, 3, 2, 20))
    learners.change(update(User).where(User.id == user_id).values(timezone="Asia/Tokyo"))
    late = datetime(
        2026, 3, 4, 4
    )  # the evening of the 3rd in Los Angeles, noon of the 4th in Tokyo
    with at_time(datetime(2026, 3, 6)), learners.transaction() as session:
        practice(session, user_id, at=late)
    assert days(learners, user_id)[-1][1:3] == (date(2026, 3, 3), "America/Los_Angeles")
    assert learners.streak(user_id).current == 2


def test_a_date_is_never_relabelled_when_the_user_moves(learners: Learners) -> None:
    user_id = learners.studying("Asia/Tokyo")
    learners.practise(user_id, datetime(2026, 3, 2, 22))  # the 3rd in Tokyo
    learners.change(update(User).where(User.id == user_id).values(timezone="America/New_York"))
    learners.practise(user_id, datetime(2026, 3, 3, 15))  # the 3rd in New York
    assert [row[1] for row in days(learners, user_id)] == [date(2026, 3, 3)]


def test_an_earlier_practice_of_a_known_date_is_its_first(learners: Learners) -> None:
    user_id = learners.studying()
    learners.practise(user_id, NOON)
    for earlier in (NOON - HOUR, NOON - 3 * HOUR, NOON - 2 * HOUR):
        with at_time(NOON + HOUR), learners.transaction() as session:
            practice(session, user_id, at=earlier)
    assert [row[3] for row in days(learners, user_id)] == [NOON - 3 * HOUR]
    assert learners.streak(user_id).longest_at == NOON - 3 * HOUR


def test_the_longest_is_the_first_of_that_length(learners: Learners) -> None:
    user_id = learners.studying()
    learners.practise(user_id, *(NOON + day * DAY for day in (0, 1, 5, 6)))
    row = learners.streak(user_id)
    assert (row.longest, row.longest_end, row.longest_at) == (2, date(2026, 3, 3), NOON + DAY)
    with at_time(NOON + 6 * DAY), learners.transaction() as session:
        practice(session, user_id, at=NOON - 5 * DAY)
        practice(session, user_id, at=NOON - 4 * DAY)  # which makes an earlier one of two days
    row = learners.streak(user_id)
    assert (row.longest, row.longest_end) == (2, date(2026, 2, 26))
    studied = learners.rows(select(UserLanguage).where(UserLanguage.user_id == user_id))
    german = next(row for row in studied if row.language_id == GERMAN)
    assert german.max_streak_date == NOON - 4 * DAY


def test_the_gauge_is_the_longest_current_streak_of_a_language(learners: Learners) -> None:
    user_id = learners.studying()
    learners.practise(user_id, *(NOON + day * DAY for day in range(4)))
    learners.practise(user_id, NOON + 3 * DAY + HOUR, language_id=DANISH)
    assert learners.gauge(user_id) == 4
    learners.practise(user_id, NOON + 4 * DAY, NOON + 5 * DAY, language_id=DANISH)
    assert learners.gauge(user_id) == 3  # German has lapsed
    assert learners.streak(user_id).current == 6


def test_badges_of_a_streak_that_comes_to_light_late_are_granted(learners: Learners) -> None:
    user_id = learners.studying()
    late = [NOON + day * DAY for day in range(7)]
    learners.practise(user_id, *late[:3], *late[4:], NOON + 20 * DAY)
    with at_time(NOON + 20 * DAY), learners.transaction() as session:
        outcome = practice(session, user_id, at=late[3])
    assert [badge.code for badge in outcome.new_badges] == ["streak_days_1"]
    assert learners.gauge(user_id) == outcome.streak == 1


def test_a_journey_brings_every_language_back(learners: Learners) -> None:
    user_id = learners.studying("America/Los_Angeles")
    for evening in (datetime(2026, 3, 2, 4), datetime(2026, 3, 3, 4)):  # the 1st, the 2nd
        learners.practise(user_id, evening)
        learners.practise(user_id, evening, language_id=DANISH)
    learners.change(update(User).where(User.id == user_id).values(timezone="Australia/Sydney"))
    at = datetime(2026, 3, 3, 22)  # the morning of the 4th
    learners.run(at=at)
    learners.practise(user_id, at)
    assert learners.bridges(user_id) == {date(2026, 3, 3): "travel"}
    assert learners.daily(user_id) == {GERMAN: 3, DANISH: 2}
    assert learners.gauge(user_id) == 3


def test_a_freeze_that_a_journey_made_needless_goes_back(learners: Learners) -> None:
    user_id = learners.studying("America/Los_Angeles")
    learners.give(user_id, 1, LONG_AGO)
    learners.practise(user_id, datetime(2026, 3, 2, 4), datetime(2026, 3, 3, 4))
    learners.change(update(User).where(User.id == user_id).values(timezone="Australia/Sydney"))
    at = datetime(2026, 3, 3, 22)
    learners.run(at=at)
    assert (learners.bridges(user_id), learners.freezes(user_id)) == (
        {date(2026, 3, 3): "freeze"},
        0,
    )
    learners.practise(user_id, at)
    assert learners.bridges(user_id) == {date(2026, 3, 3): "travel"}
    assert learners.freezes(user_id) == 1
    assert learners.streak(user_id).current == 3


def test_berlin_to_paris_is_no_journey(learners: Learners) -> None:
    user_id = learners.studying("Europe/Berlin")
    learners.practise(user_id, datetime(2026, 3, 2, 22))
    learners.change(update(User).where(User.id == user_id).values(timezone="Europe/Paris"))
    learners.practise(user_id, datetime(2026, 3, 3, 23, 30))  # the 4th
    assert learners.bridges(user_id) == {}
    assert learners.streak(user_id).current == 1


def test_practice_on_a_frozen_date_that_comes_to_light_gives_the_freeze_back(
    learners: Learners,
) -> None:
    user_id = learners.studying()
    learners.give(user_id, 1, LONG_AGO)
    learners.practise(user_id, NOON, NOON + 2 * DAY)
    assert (learners.freezes(user_id), learners.streak(user_id).current) == (0, 2)
    with at_time(NOON + 2 * DAY), learners.transaction() as session:
        practice(session, user_id, at=NOON + DAY)
    assert (learners.freezes(user_id), learners.streak(user_id).current) == (1, 3)
    assert learners.bridges(user_id) == {}


def test_a_bridge_in_the_void_costs_no_freeze(learners: Learners) -> None:
    user_id = learners.studying()
    learners.give(user_id, 1, LONG_AGO)
    learners.practise(user_id, NOON)
    with learners.transaction() as session:  # as an outage that is forgiven would leave it
        kind = BridgeKind.AMNESTY
        bridges.cover(session, user_id, date.max, [date(2026, 3, 4)], kind)
    learners.practise(user_id, NOON + 3 * DAY)
    assert learners.freezes(user_id) == 0
    assert learners.streak(user_id).current == 2
    assert learners.bridges(user_id) == {date(2026, 3, 3): "freeze", date(2026, 3, 4): "amnesty"}


def test_what_another_process_did_since_the_host_began_to_read_counts(
    learners: Learners,
) -> None:
    user_id = learners.studying()
    learners.give(user_id, 1, LONG_AGO)
    learners.practise(user_id, NOON)
    with at_time(NOON + 2 * DAY), learners.transaction() as session:
        session.execute(text("SELECT * FROM user")).all()  # the snapshot is taken
        if learners.engine.name != "sqlite":  # which has no other writer meanwhile
            session.execute(text("SELECT * FROM streak")).all()
            learners.run(at=NOON + 2 * DAY)  # uses the freeze
            learners.practise(user_id, NOON + 2 * DAY, language_id=DANISH)
        practice(session, user_id)
    assert learners.streak(user_id).current == 2
    assert learners.freezes(user_id) == 0
    with at_time(NOON + 2 * DAY), learners.transaction() as session:
        session.execute(text("SELECT * FROM streak_bridge")).all()
        practice(session, user_id, at=NOON + DAY)
    assert (learners.streak(user_id).current, learners.freezes(user_id)) == (3, 1)


def test_a_host_that_rolls_back_has_practised_nothing(learners: Learners) -> None:
    user_id = learners.studying()
    with at_time(NOON), learners.transaction() as session:
        practice(session, user_id)
        session.rollback()
    assert days(learners, user_id) == []
    assert learners.practise(user_id, NOON).streak == 1


def test_streaks_are_apart_by_language_and_shown_as_they_were_at_an_instant(
    learners: Learners,
) -> None:
    user_id = learners.studying()
    learners.practise(user_id, *(NOON + day * DAY for day in (0, 1, 2, 6)))
    learners.practise(user_id, NOON + DAY + HOUR, language_id=DANISH)
    with learners.transaction() as session:

        def current(day: int, language_id: int = 0) -> int:
            return daily.current(session, user_id, NOON + day * DAY, language_id)

        assert [current(day) for day in range(-1, 9)] == [0, 1, 2, 3, 3, 0, 0, 1, 1, 0]
        assert [current(day, DANISH) for day in range(5)] == [0, 1, 1, 0, 0]


def test_with_the_host_as_owner_its_columns_are_its_own(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    user_id = learners.studying()
    learners.change(
        update(UserLanguage)
        .where(UserLanguage.user_id == user_id, UserLanguage.language_id == GERMAN)
        .values(daily_streak=9, max_streak=9, last_practiced=NOON)
    )
    for at in (NOON, NOON + DAY):
        learners.practise(user_id, at)
    assert learners.daily(user_id) == {GERMAN: 9, DANISH: 0}
    assert learners.gauge(user_id) is None
    assert learners.streak(user_id).current == 10  # for the friends


def test_nothing_is_practised_for_whom_it_is_switched_off(new_learners: NewLearners) -> None:
    learners = new_learners()
    user_id = learners.studying()
    learners.mount.is_enabled_for = lambda _user_id: False
    assert learners.practise(user_id, NOON).streak is None
    assert days(learners, user_id) == []


def test_practice_sends_no_signal_of_the_host(learners: Learners) -> None:
    with signals_sent("streak_changed") as sent:
        learners.practise(learners.studying(), NOON)
    assert sent == []
