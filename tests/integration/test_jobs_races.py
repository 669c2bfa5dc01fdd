"""Learners practise while jobs run, in real processes: no error, no deadlock, the same end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import combinations

from tests.integration.learners import GERMAN, Learners, at_time
from tests.processes import meet, run_processes
from tests.servers import Server
from zeeguu_gamify import practice
from zeeguu_gamify.jobs import runner, schedule

START = datetime(2026, 3, 2, 12)
DAY = timedelta(days=1)
LEARNERS, SCHEDULERS, DAYS = 6, 2, 8


@contextmanager
def mutual_friends(url: str) -> Iterator[Learners]:
    """Learners who are all friends of each other, some of them with freezes."""
    learners = Learners(url)
    users = [learners.studying() for _ in range(LEARNERS)]
    for one, other in combinations(users, 2):
        learners.befriend(one, other, START)
    for user_id in users[::2]:
        learners.give(user_id, 2, START)
    yield learners
    learners.close()


def practises(user_id: int, day: int) -> bool:
    """Each misses every third day, two of them at once."""
    return (day + user_id) % 3 != 0


def live(url: str) -> None:
    """A week of one learner, or of one scheduler; each day begins for all at the same moment."""
    learners = Learners(url, prepared=False)
    for day in range(DAYS):
        number = meet()
        at = START + day * DAY
        with at_time(at):
            if number >= LEARNERS:
                for job in schedule.JOBS:  # not run_due, which would only log an error
                    runner.run(learners.mount, job, at, at.isoformat())
            elif practises(number + 1, day):
                with learners.transaction() as session:
                    practice(session, number + 1, GERMAN)
    learners.close()


def test_jobs_and_practice_at_the_same_instant(sql_server: Server) -> None:
    with mutual_friends(sql_server.new_database()) as learners:
        run_processes(live, LEARNERS + SCHEDULERS, learners.url)
        learners.run(at=START + DAYS * DAY)
        together = learners.everything()
    with mutual_friends(sql_server.new_database()) as learners:
        for day in range(DAYS):
            at = START + day * DAY
            learners.run(at=at)
            for user_id in range(1, LEARNERS + 1):
                if practises(user_id, day):
                    learners.practise(user_id, at)
        learners.run(at=START + DAYS * DAY)
        in_turn = learners.everything()
    assert together == in_turn
