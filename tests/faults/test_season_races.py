"""Two close a season at the same instant, one is killed half-way: one set of standings, each prize
once.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.faults.test_exp_races import url_of
from tests.hosts import MakeHost, award_log, badges, close, engine_of, mount_host, mount_on
from tests.integration.boards import put_scores, settle
from tests.integration.test_seasons import (
    CLOSED,
    WEDNESDAY,
    WITH_PRIZES,
    announced,
    run,
    season,
    standings,
)
from tests.processes import FORKS, SECONDS, meet, run_processes
from zeeguu_gamify.badges import granter
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.leaderboards import seasons
from zeeguu_gamify.models import SeasonStanding, SeasonState
from zeeguu_gamify.testing import frozen

USERS = 60
#: Ties everywhere: the first place is shared by two, the third by one, and so on.
SCORES = {user_id: 1000 - user_id // 2 for user_id in range(1, USERS + 1)}
ROWS = 7


def prepare(host: Flask) -> None:
    settle(host, USERS)
    run(host, WEDNESDAY)
    put_scores(host, SCORES)


def expected() -> list[tuple[int, int, int, str | None]]:
    """By a rule of thumb of the test's own: one more than there are who have more."""
    medals = {1: "week_gold", 2: "week_silver", 3: "week_bronze"}
    found = []
    for user_id, score in SCORES.items():
        place = 1 + sum(other > score for other in SCORES.values())
        found.append((user_id, place, score, medals.get(place)))
    return sorted(found, key=lambda one: (one[1], one[0]))


def assert_closed_once(host: Flask) -> None:
    assert season(host).state is SeasonState.SETTLED
    assert standings(host) == expected()
    winners = {user_id: prize for user_id, _, _, prize in expected() if prize}
    assert announced(host) == sorted(winners)
    for user_id in range(1, 8):
        held = [winners[user_id]] if user_id in winners else []
        assert badges(host, user_id) == held
        assert award_log(host, user_id) == held
    with engine_of(host).connect() as connection:
        row = SeasonStanding.__table__.c
        claimed = connection.execute(select(row.user_id).where(row.claimed_at.is_not(None)))
        assert set(claimed.scalars()) == set(winners)


def close_at_once(url: str, fenced: bool) -> str:
    """Close what is due; without the fence every process believes that it is the only one."""
    seasons.ROWS = ROWS
    host = mount_host(url, catalog=WITH_PRIZES)
    number = meet()
    period = CLOSED.isoformat() if fenced else f"{CLOSED.isoformat()} by {number}"
    with host.app_context(), frozen(CLOSED):
        done = runner.run(mount_on(host), schedule.job_called("seasons"), CLOSED, period)
    close(host)
    return done.summary if done else "not mine"


@pytest.mark.parametrize("fenced", [True, False])
def test_two_that_close_at_the_same_instant_make_one_set_of_standings(
    new_server_host: MakeHost, fenced: bool
) -> None:
    host = new_server_host(catalog=WITH_PRIZES)
    prepare(host)
    done = run_processes(close_at_once, 2, url_of(host), fenced)
    if fenced:
        assert sum(summary == "not mine" for summary in done) == 1
    assert_closed_once(host)


def test_so_it_is_on_sqlite(new_sqlite_host: MakeHost) -> None:
    host = new_sqlite_host(catalog=WITH_PRIZES)
    prepare(host)
    run_processes(close_at_once, 2, url_of(host), False)
    assert_closed_once(host)


def close_and_hang(url: str, where: str, calls: int, pipe: Pipe) -> None:
    """Close, and stop for ever inside of the `calls`-th transaction of a kind."""
    seasons.ROWS = ROWS
    host = mount_host(url, catalog=WITH_PRIZES)
    module: Any = {"freeze": seasons, "grant": granter, "give": seasons.Places}[where]
    act: Callable[..., Any] = getattr(module, where)
    left = calls

    def act_and_hang(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        found = act(*args, **kwargs)
        left -= 1
        if not left:
            pipe.send("hangs")
            time.sleep(600)
        return found

    setattr(module, where, act_and_hang)
    with host.app_context(), frozen(CLOSED):
        at = CLOSED.isoformat()
        runner.run(mount_on(host), schedule.job_called("seasons"), CLOSED, at)


@pytest.mark.core
@pytest.mark.parametrize(("where", "calls"), [("freeze", 3), ("give", 4), ("grant", 2)])
def test_killed_half_way_another_goes_on_and_nothing_is_twice(
    new_host: MakeHost, where: str, calls: int
) -> None:
    host = new_host(catalog=WITH_PRIZES)
    prepare(host)
    here, there = FORKS.Pipe()
    process = FORKS.Process(target=close_and_hang, args=(url_of(host), where, calls, there))
    process.start()
    assert here.poll(SECONDS)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert season(host).state is SeasonState.CLOSING
    taken_over(host, CLOSED + timedelta(minutes=15))
    assert_closed_once(host)


def taken_over(host: Flask, at: datetime) -> None:
    """The next round of another scheduler."""
    patched = pytest.MonkeyPatch()
    with patched.context() as patch:
        patch.setattr(seasons, "ROWS", ROWS)
        run(host, at)
