"""What a practice costs in statements, counted as the server counts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from tests.integration.learners import DANISH, GERMAN, Learners, User, at_time
from zeeguu_gamify import practice
from zeeguu_gamify.models import Friendship, PracticeDay
from zeeguu_gamify.mount import KnownRows

pytestmark = pytest.mark.core

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12)
LONG_AGO = datetime(2026, 1, 1)
MOST = 8


_LIST = re.compile(r"IN \([^)]*\)")


@contextmanager
def sent(school: Learners) -> Iterator[list[str]]:
    """What reaches the server: the driver sends many rows at once only for an INSERT."""
    ran: list[str] = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        is_one = not many or sql.lstrip().startswith("INSERT")
        ran.extend([_LIST.sub("IN (…)", sql)] * (1 if is_one else len(values)))

    event.listen(school.engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(school.engine, "before_cursor_execute", note)


def costs(school: Learners, user_id: int, now: datetime, **how: Any) -> list[str]:
    """The statements of one practice."""
    with at_time(now), school.transaction() as session:
        school.mount.refresh(session)
        with sent(school) as ran:
            practice(session, user_id, **how)
    return ran


def with_friends(school: Learners, number: int) -> int:
    """A learner with so many friends, who all practise with them every noon."""
    user_id = school.studying()
    friends = [school.learner() for _ in range(number)]
    if friends:
        school.change(
            insert(Friendship),
            [
                {"user_a_id": user_id, "user_b_id": friend, "created_at": LONG_AGO,
                 "a_since": LONG_AGO.date(), "b_since": LONG_AGO.date()}
                for friend in friends
            ],
        )  # fmt: skip
    for friend in friends[:2]:
        school.practise(friend, NOON, NOON + DAY, NOON + 2 * DAY)
    school.practise(user_id, NOON, NOON + DAY)
    return user_id


def first_of_a_day(school: Learners, user_id: int) -> list[str]:
    return costs(school, user_id, NOON + 2 * DAY)


def of_a_comeback(school: Learners, user_id: int) -> list[str]:
    return costs(school, user_id, NOON + 9 * DAY)


def late_behind_the_last(school: Learners, user_id: int) -> list[str]:
    school.practise(user_id, NOON + 4 * DAY)
    return costs(school, user_id, NOON + 4 * DAY, at=NOON + 3 * DAY)


def late_and_the_newest(school: Learners, user_id: int) -> list[str]:
    return costs(school, user_id, NOON + 5 * DAY, at=NOON + 2 * DAY)


def with_a_freeze(school: Learners, user_id: int) -> list[str]:
    school.give(user_id, 1, LONG_AGO)
    return costs(school, user_id, NOON + 3 * DAY)


def after_a_journey(school: Learners, user_id: int) -> list[str]:
    sydney = datetime(2026, 3, 4, 22)  # the 5th in Sydney; 34 hours after noon of the 3rd
    school.change(update(User).where(User.id == user_id).values(timezone="Australia/Sydney"))
    return costs(school, user_id, sydney)


Way = Callable[[Learners, int], list[str]]


@pytest.mark.parametrize("way", [first_of_a_day, of_a_comeback])
def test_the_first_practice_of_a_day_costs_the_same_with_no_friend_one_or_fifty(
    learners: Learners, way: Way
) -> None:
    ran = [way(learners, with_friends(learners, number)) for number in (0, 1, 50)]
    assert ran[0] == ran[1] == ran[2]
    assert len(ran[0]) <= MOST


@pytest.mark.parametrize(
    ("way", "more"),
    [
        (late_behind_the_last, 8),
        (late_and_the_newest, 2),
        (with_a_freeze, 17),
        (after_a_journey, 12),
    ],
)
def test_what_is_late_bridged_or_far_costs_a_constant_number_more(
    learners: Learners, way: Way, more: int
) -> None:
    ran = [way(learners, with_friends(learners, number)) for number in (1, 50)]
    assert ran[0] == ran[1]
    assert len(ran[0]) == MOST + more


def test_a_freeze_and_a_journey_were_really_used(learners: Learners) -> None:
    frozen, travelled = with_friends(learners, 1), with_friends(learners, 1)
    with_a_freeze(learners, frozen)
    after_a_journey(learners, travelled)
    assert set(learners.bridges(frozen).values()) == {"freeze"}
    assert set(learners.bridges(travelled).values()) == {"travel"}


def test_the_second_practice_of_a_day_costs_one(learners: Learners) -> None:
    user_id = with_friends(learners, 1)
    (only,) = costs(learners, user_id, NOON + DAY)
    assert only.startswith("SELECT")
    assert len(costs(learners, user_id, NOON + DAY + timedelta(hours=3))) == 1


def test_another_language_of_the_same_day_costs_less(learners: Learners) -> None:
    user_id = with_friends(learners, 50)
    ran = costs(learners, user_id, NOON + DAY, language_id=DANISH)
    assert len(ran) < MOST
    assert not any("friendship" in statement for statement in ran)


def test_the_very_first_practice_costs_no_more(learners: Learners) -> None:
    for language_id in (GERMAN, None):
        ran = costs(learners, learners.studying(), NOON, language_id=language_id)
        assert len(ran) <= MOST


def test_a_process_that_knows_no_row_yet_pays_no_more(learners: Learners) -> None:
    user_id = with_friends(learners, 1)
    learners.mount.known = KnownRows(10)
    assert len(first_of_a_day(learners, user_id)) <= MOST


def test_a_process_that_has_just_begun_reads_the_catalog_once(learners: Learners) -> None:
    user_id = with_friends(learners, 1)
    learners.mount._live = None
    learners.mount.forget()
    with at_time(NOON + 2 * DAY), learners.transaction() as session, sent(learners) as ran:
        practice(session, user_id)
    assert len(ran) <= MOST + 3


def test_practice_never_makes_a_row_of_the_host(learners: Learners) -> None:
    user_id = learners.learner()
    learners.practise(user_id, NOON, NOON + DAY)
    assert learners.daily(user_id) == {}
    assert learners.streak(user_id, GERMAN).current == 2


def test_practice_writes_through_to_every_double_of_the_hosts_row(learners: Learners) -> None:
    user_id = learners.studying()
    learners.study(user_id, GERMAN, max_streak=5, max_streak_date=LONG_AGO)
    learners.practise(user_id, NOON, NOON + DAY)
    rows = learners.rows(
        select(learners.mount.host.table("user_language")).where(
            learners.mount.host.table("user_language").c.user_id == user_id
        )
    )
    german = [row for row in rows if row.language_id == GERMAN]
    assert [row.daily_streak for row in german] == [2, 2]
    assert [row.last_practiced for row in german] == [NOON + DAY] * 2
    assert [(row.max_streak, row.max_streak_date) for row in german] == [
        (2, NOON + DAY),
        (5, LONG_AGO),  # never falls
    ]
    (danish,) = (row for row in rows if row.language_id == DANISH)
    assert (danish.daily_streak, danish.last_practiced) == (0, None)
    assert len(learners.rows(select(PracticeDay.user_id))) == 2
