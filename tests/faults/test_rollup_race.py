"""Two rounds of the roll-up at once, of different nights."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from tests.activity_rows import TABLES, act
from tests.contract.hosts import NOW, World, build  # noqa: F401 (a fixture)
from tests.processes import meet, run_processes
from tests.servers import Server
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import ActivityDay
from zeeguu_gamify.testing import frozen

PEOPLE, DAYS, PROCESSES = 8, 10, 3


def roll_up(url: str, night: int) -> bool:
    """One of several processes: whether it did its round."""
    world = World(url, prepared=False, languages=True)
    number = meet()
    with world.app.app_context(), frozen(NOW):
        at = NOW - timedelta(hours=night, minutes=number)
        job = schedule.job_called("activity_rollup")
        done = runner.run(world.mount, job, at, at.isoformat())
        world.db.engine.dispose()
    return bool(done and done.finished)


def test_rounds_at_once_come_to_what_one_does(sql_server: Server) -> None:
    url = sql_server.new_database()
    world = World(url, languages=True)
    people = [world.person(f"P{number}") for number in range(PEOPLE)]
    for who in people:
        for day in range(DAYS):
            for metric in TABLES:
                act(world, who, metric, datetime(2026, 11, 1, 12) + timedelta(days=day), 3)
    for night in range(3):
        assert run_processes(roll_up, PROCESSES, url, night) == [True] * PROCESSES
        with world.app.app_context(), world.db.engine.begin() as connection:
            days = connection.execute(select(func.count()).select_from(ActivityDay)).scalar()
            assert days == PEOPLE * DAYS * len(TABLES)
            connection.execute(delete(ActivityDay))
