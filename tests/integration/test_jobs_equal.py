"""The jobs, which work by sets, do what the functions for one user do and pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from tests.integration.learners import (
    DANISH,
    GERMAN,
    HostBase,
    Language,
    Learners,
    at_time,
)
from zeeguu_gamify import give_freezes, practice
from zeeguu_gamify.models import Base, Friendship, Streak
from zeeguu_gamify.streaks.display import Side, friend_streak_shown
from zeeguu_gamify.streaks.reset import reset

#: A week in which clocks change in the United States, on the second Sunday.
START = datetime(2026, 3, 2)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: The others mend what the host has counted before us, which `reset` leaves alone.
OF_STREAKS = ("freezes", "streak_reset", "streak_gauges", "friend_streaks")
ZONES = (
    None,
    "Nowhere/Land",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
)


@dataclass(frozen=True)
class Life:
    """What a learner did, in hours since `START`."""

    zone: str | None
    practised: frozenset[tuple[int, int]]  #: hour, language
    given: frozenset[int]  #: hours at which a freeze was given
    before_us: tuple[tuple[int, int], ...]  #: rows that the host had: hour, streak


lives = st.builds(
    Life,
    zone=st.sampled_from(ZONES),
    practised=st.frozensets(
        st.tuples(st.integers(0, 9 * 24), st.sampled_from((GERMAN, DANISH))), max_size=8
    ),
    given=st.frozensets(st.integers(0, 9 * 24), max_size=2),
    before_us=st.lists(st.tuples(st.integers(-48, 9 * 24), st.integers(0, 40)), max_size=2).map(
        tuple
    ),
)


@given(
    st.lists(lives, min_size=2, max_size=4),
    st.integers(2 * 24 * 4, 11 * 24 * 4).map(lambda quarters: START + quarters * HOUR / 4),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jobs_and_functions_agree(learners: Learners, all_lives: list[Life], at: datetime) -> None:
    users = live(learners, all_lives, at)
    with at_time(at):
        for user_id in users:
            with learners.transaction() as session:
                learners.mount.refresh(session)
                reset(session, learners.mount, user_id, at)
    one_by_one = learners.everything()
    shown = friend_streaks_shown(learners, users, at)
    live(learners, all_lives, at)
    learners.run(*OF_STREAKS, at=at)
    by_sets = learners.everything()
    stored = {row.id: row.friend_streak for row in learners.rows(Friendship.__table__.select())}
    assert list(stored.values()) == shown
    del one_by_one["friendship"], by_sets["friendship"]
    assert by_sets == one_by_one


def live(learners: Learners, all_lives: list[Life], at: datetime) -> list[int]:
    """Empty the tables, and let everybody live until `at`; their ids."""
    empty(learners)
    users = []
    for number, life in enumerate(all_lives, start=1):
        user_id = learners.learner(life.zone)
        learners.change(text(f"UPDATE user SET id = {number} WHERE id = {user_id}"))
        users.append(number)
        learners.study(number, GERMAN)
        with_us = min((START + hour * HOUR for hour, _ in life.practised), default=at)
        for hour, streak in life.before_us:
            practised = min(START + hour * HOUR, at, with_us)
            learners.study(number, DANISH, daily_streak=streak, last_practiced=practised)
    for one, other in combinations(users, 2):
        learners.befriend(one, other, START)
    with learners.transaction() as session:
        for instant, (user_id, what) in sorted(acts(all_lives)):
            if instant > at:
                break
            with at_time(instant):
                if what == "freeze":
                    give_freezes(session, user_id, 1, "a present")
                else:
                    practice(session, user_id, int(what))
    return users


def acts(all_lives: list[Life]) -> list[tuple[datetime, tuple[int, str]]]:
    """When who did what."""
    found = []
    for user_id, life in enumerate(all_lives, start=1):
        found += [(START + hour * HOUR, (user_id, str(what))) for hour, what in life.practised]
        found += [(START + hour * HOUR, (user_id, "freeze")) for hour in life.given]
    return found


def empty(learners: Learners) -> None:
    keep = {"badge", "badge_category", "gamify_setting", "user", Language.__tablename__}
    with learners.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in keep:
                connection.execute(delete(table))
        for table in reversed(HostBase.metadata.sorted_tables):
            if table.name != Language.__tablename__:
                connection.execute(delete(table))
    learners.mount.known.__init__(1000)  # type: ignore[misc]


def friend_streaks_shown(learners: Learners, users: list[int], at: datetime) -> list[int]:
    """What pages show of each friendship."""
    zones = {
        row.id: learners.mount.host.zone_from(row.id, row.timezone)
        for row in learners.rows(text("SELECT id, timezone FROM user"))
    }
    overall = {user_id: row for user_id in users for row in learners.rows(streak_of(user_id))}
    found = []
    for row in learners.rows(Friendship.__table__.select()):
        sides: Any = tuple(
            Side(
                zones[user_id],
                getattr(overall.get(user_id), "started", None),
                getattr(overall.get(user_id), "covered_to", None),
            )
            for user_id in (row.user_a_id, row.user_b_id)
        )
        found.append(friend_streak_shown(row.friend_streak, row.friend_streak_date, sides, at))
    return found


def streak_of(user_id: int) -> Any:
    table = Streak.__table__
    return table.select().where(table.c.user_id == user_id, table.c.language_id == 0)
