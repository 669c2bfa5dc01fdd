"""Whether a job, a login or the next practice finds a missed date makes no difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from tests.integration.learners import DANISH, GERMAN, Learners, User, at_time
from tests.integration.test_jobs_equal import empty
from zeeguu_gamify import give_freezes, practice, reset_streak_if_broken

START = datetime(2026, 3, 2)
END = START + timedelta(days=9)
HOUR = timedelta(hours=1)
PLACES = ("Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "America/New_York")

#: The jobs that find missed dates.
JOBS = ("freezes", "streak_reset", "streak_gauges", "friend_streaks")

hours = st.integers(0, 8 * 24)


@dataclass(frozen=True)
class Week:
    """What a learner with a friend did, in hours since `START`."""

    practised: frozenset[tuple[int, int]]  #: hour, language
    friend_practised: frozenset[int]
    moves: frozenset[tuple[int, str]]  #: hour, zone
    freezes: int
    looked: frozenset[tuple[int, str]]  #: hour, who looks then: a job or a login


weeks = st.builds(
    Week,
    practised=st.frozensets(st.tuples(hours, st.sampled_from((GERMAN, DANISH))), max_size=7),
    friend_practised=st.frozensets(hours, max_size=7),
    moves=st.frozensets(st.tuples(hours, st.sampled_from(PLACES)), max_size=2),
    freezes=st.integers(0, 2),
    looked=st.frozensets(st.tuples(hours, st.sampled_from(("job", "login"))), max_size=5),
)


@given(weeks)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_comes_first_the_end_is_the_same(learners: Learners, week: Week) -> None:
    live(learners, week, looking=False)
    nobody_looked = learners.everything()
    live(learners, week, looking=True)
    assert learners.everything() == nobody_looked


def live(learners: Learners, week: Week, *, looking: bool) -> None:
    """The week, and the jobs at its end."""
    empty(learners)
    with learners.engine.begin() as connection:
        connection.execute(
            insert(User),
            [
                {"id": one, "username": "x", "timezone": PLACES[0], "learned_language_id": GERMAN}
                for one in (1, 2)
            ],
        )
    for one in (1, 2):
        learners.study(one, GERMAN)
        learners.study(one, DANISH)
    learners.befriend(1, 2, START)
    if week.freezes:
        with at_time(START), learners.transaction() as session:
            give_freezes(session, 1, week.freezes, "a present")
    for hour, what, detail in sorted(acts(week, looking=looking), key=str_of_act):
        act(learners, START + hour * HOUR, what, detail)
    learners.run(*JOBS, at=END)


def acts(week: Week, *, looking: bool) -> list[tuple[int, str, Any]]:
    found: list[tuple[int, str, Any]] = [
        *((hour, "moves", zone) for hour, zone in week.moves),
        *((hour, "practises", (1, language)) for hour, language in week.practised),
        *((hour, "practises", (2, GERMAN)) for hour in week.friend_practised),
    ]
    return [*found, *((hour, who, None) for hour, who in week.looked)] if looking else found


def str_of_act(act: tuple[int, str, Any]) -> tuple[int, str, str]:
    """In a fixed order within an hour; who looks comes first."""
    return act[0], act[1], str(act[2])


def act(learners: Learners, at: datetime, what: str, detail: Any) -> None:
    if what == "moves":
        learners.change(update(User).where(User.id == 1).values(timezone=detail))
    elif what == "job":
        learners.run(*JOBS, at=at)
    else:
        with at_time(at), learners.transaction() as session:
            if what == "login":
                reset_streak_if_broken(session, 1)
            else:
                practice(session, *detail)
