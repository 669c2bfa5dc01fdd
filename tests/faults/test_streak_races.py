"""Practice at the same instant, from real processes: every streak right, no error, no deadlock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from random import Random

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tests.integration.learners import (
    DANISH,
    GERMAN,
    Learners,
    User,
    UserLanguage,
    at_time,
)
from tests.integration.test_streak_properties import assert_recount_changes_nothing
from tests.processes import meet, run_processes
from tests.servers import Server
from zeeguu_gamify import practice
from zeeguu_gamify.friends import friendships, pair
from zeeguu_gamify.models import OVERALL, Friendship, PracticeDay, Streak

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12)
LONG_AGO = datetime(2026, 1, 1)
PAIRS = 100


@pytest.fixture
def school(sql_server: Server) -> Iterator[Learners]:
    """A host with languages, on MariaDB and on MySQL."""
    learners = Learners(sql_server.new_database())
    yield learners
    learners.close()


def settle(school: Learners, number: int) -> list[int]:
    """New learners of German, who study Danish too."""
    with Session(school.engine) as session:
        first = (session.scalar(select(func.max(User.id))) or 0) + 1
        ids = list(range(first, first + number))
        users = {"username": "somebody", "timezone": "UTC", "learned_language_id": GERMAN}
        studied = {"daily_streak": 0, "max_streak": 0}
        session.execute(insert(User), [{"id": user_id, **users} for user_id in ids])
        session.execute(
            insert(UserLanguage),
            [
                {"user_id": user_id, "language_id": language_id, **studied}
                for user_id in ids
                for language_id in (GERMAN, DANISH)
            ],
        )
        session.commit()
    return ids


def befriend(school: Learners, pairs: Sequence[tuple[int, int]]) -> None:
    """Make friends of the pairs, long ago."""
    with Session(school.engine) as session:
        session.execute(
            insert(Friendship),
            [
                {"user_a_id": low, "user_b_id": high, "created_at": LONG_AGO,
                 "a_since": LONG_AGO.date(), "b_since": LONG_AGO.date()}
                for low, high in map(sorted, pairs)
            ],
        )  # fmt: skip
        session.commit()


def friend_streaks(school: Learners) -> list[int]:
    return [row.friend_streak for row in school.rows(select(Friendship.friend_streak))]


#: What a process does in a round: whose practice, in which language, when (UTC).
Act = tuple[int, int, datetime]


def practise(url: str, rounds: Sequence[Sequence[Act]], now: datetime) -> None:
    """In each round one of its acts, all processes at the same moment; whatever fails is raised."""
    school = Learners(url, prepared=False)
    for acts in rounds:
        user_id, language_id, at = acts[meet()]
        with at_time(max(at, now)), school.transaction() as session:
            practice(session, user_id, language_id, at=at)
    school.close()


def practise_at_once(
    school: Learners, rounds: Sequence[Sequence[Act]], now: datetime = LONG_AGO
) -> None:
    run_processes(practise, len(rounds[0]), school.url, rounds, now)


def test_100_pairs_that_practise_at_the_same_instant_have_a_streak_of_1(school: Learners) -> None:
    ids = settle(school, 2 * PAIRS)
    pairs = [(ids[number], ids[number + PAIRS]) for number in range(PAIRS)]
    befriend(school, pairs)
    practise_at_once(school, [[(user_id, GERMAN, NOON) for user_id in both] for both in pairs])
    assert friend_streaks(school) == [1] * PAIRS


def test_30_who_are_all_friends_practise_at_the_same_instant_on_ten_days(school: Learners) -> None:
    ids = settle(school, 30)
    befriend(school, list(combinations(ids, 2)))
    days = [NOON + number * DAY for number in range(10)]
    practise_at_once(school, [[(user_id, GERMAN, at) for user_id in ids] for at in days])
    assert friend_streaks(school) == [10] * (30 * 29 // 2)
    assert [school.streak(user_id).current for user_id in ids] == [10] * 30


def test_few_friends_in_a_small_table_do_not_stand_in_each_others_way(school: Learners) -> None:
    ids = settle(school, 4)
    befriend(school, list(combinations(ids, 2)))
    days = [NOON + number * DAY for number in range(30)]
    practise_at_once(school, [[(user_id, GERMAN, at) for user_id in ids] for at in days])
    assert friend_streaks(school) == [30] * 6


def test_the_first_practice_of_a_language_twice_at_once_makes_one_row_each(
    school: Learners,
) -> None:
    ids = settle(school, 50)
    practise_at_once(school, [[(user_id, DANISH, NOON)] * 4 for user_id in ids])
    assert [row[0] for row in school.rows(select(func.count()).select_from(PracticeDay))] == [50]
    rows = school.rows(select(Streak.__table__).where(Streak.user_id.in_(ids)))
    assert sorted((row.user_id, row.language_id, row.current) for row in rows) == [
        (user_id, language_id, 1) for user_id in ids for language_id in (OVERALL, DANISH)
    ]
    assert all(school.daily(user_id) == {GERMAN: 0, DANISH: 1} for user_id in ids)
    assert all(school.gauge(user_id) == 1 for user_id in ids)
    assert len(school.rows(select(UserLanguage.id))) == 100


def test_two_languages_at_once_are_one_day(school: Learners) -> None:
    ids = settle(school, 50)
    rounds = [[(user_id, language, NOON) for language in (GERMAN, DANISH)] for user_id in ids]
    practise_at_once(school, rounds)
    assert [school.streak(user_id).current for user_id in ids] == [1] * 50
    assert all(school.daily(user_id) == {GERMAN: 1, DANISH: 1} for user_id in ids)


def test_new_neighbours_practise_for_the_first_time_at_once(school: Learners) -> None:
    ids = settle(school, 160)
    rounds = [[(user_id, GERMAN, NOON) for user_id in ids[n : n + 8]] for n in range(0, 160, 8)]
    practise_at_once(school, rounds)
    assert [school.streak(user_id).current for user_id in ids] == [1] * 160


def accept_or_practise(url: str, pairs: Sequence[tuple[int, int]]) -> None:
    """One makes the two friends, while both of them practise."""
    school = Learners(url, prepared=False)
    with at_time(NOON):
        for both in pairs:
            role = meet()
            with school.transaction() as session:
                if role == 2:
                    pair.lock(session, school.mount, *both)
                    friendships.make(session, school.mount, *both)
                else:
                    practice(session, both[role])
    school.close()


def test_an_accept_while_both_practise_counts_the_day(school: Learners) -> None:
    ids = settle(school, 2 * PAIRS)
    pairs = [(ids[number], ids[number + PAIRS]) for number in range(PAIRS)]
    run_processes(accept_or_practise, 3, school.url, pairs)
    assert friend_streaks(school) == [1] * PAIRS


def test_late_and_live_practice_of_friends_at_once_comes_to_what_the_ledger_says(
    school: Learners,
) -> None:
    ids, chance = settle(school, 8), Random(1)
    befriend(school, list(combinations(ids, 2)))
    live = [NOON + number * DAY for number in range(0, 20, 2)]
    for at in live:  # every other day, so that each late practice joins two runs
        for user_id in ids:
            school.practise(user_id, at)
    late = [at - DAY for at in live[1:]]
    rounds = []
    for at in late:
        chance.shuffle(ids)
        rounds.append([(user_id, chance.choice((GERMAN, DANISH)), at) for user_id in ids])
    practise_at_once(school, rounds, now=live[-1])
    for user_id in ids:
        assert_recount_changes_nothing(school, user_id)
        assert school.streak(user_id).current == 19
    assert friend_streaks(school) == [19] * 28


def test_freezes_of_neighbours_are_used_at_once(school: Learners) -> None:
    ids = settle(school, 8)
    befriend(school, list(combinations(ids, 2)))
    for user_id in ids:
        school.give(user_id, 5, LONG_AGO)
    days = [NOON + number * DAY for number in (0, 2, 4, 6, 8, 10)]
    practise_at_once(school, [[(user_id, GERMAN, at) for user_id in ids] for at in days])
    for user_id in ids:
        assert school.streak(user_id).current == 6
        assert school.freezes(user_id) == 0
        assert_recount_changes_nothing(school, user_id)
    assert friend_streaks(school) == [6] * 28
    assert date(2026, 3, 3) in school.bridges(ids[0])
