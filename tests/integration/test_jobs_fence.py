"""Of all schedulers that would run a job, one does; killed, another goes on where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import func, insert, select, text

from tests.integration.learners import GERMAN, Learners, User, UserLanguage, at_time
from tests.processes import FORKS, SECONDS, meet, run_processes
from tests.servers import Server
from zeeguu_gamify.batch import Batch, Job, Work
from zeeguu_gamify.jobs import fence, runner, schedule
from zeeguu_gamify.jobs.scheduler import serve
from zeeguu_gamify.models import JobRun, JobState

NOW = datetime(2026, 3, 4, 12, 7)
MINUTE = timedelta(minutes=1)
LEARNERS = 50


def lapsed(learners: Learners, count: int = LEARNERS) -> None:
    """Learners whose streaks broke days ago."""
    users = [{"id": one, "username": "x", "timezone": "UTC"} for one in range(1, count + 1)]
    rows = [
        {"user_id": one, "language_id": GERMAN, "daily_streak": 5, "max_streak": 5}
        for one in range(1, count + 1)
    ]
    with learners.engine.begin() as connection:
        connection.execute(insert(User), users)
        connection.execute(insert(UserLanguage), rows)


def runs(learners: Learners) -> list[tuple[str, str, str | None]]:
    """Job, state and summary of every run."""
    found = learners.rows(select(JobRun.job, JobRun.state, JobRun.summary).order_by(JobRun.job))
    return [(row.job, row.state.value, row.summary) for row in found]


def reset_together(url: str) -> list[str]:
    """One of many schedulers."""
    with at_time(NOW):
        learners = Learners(url, prepared=False)
        meet()
        done = schedule.run_due(learners.mount)
        learners.close()
    return [run.job for run in done]


@pytest.fixture
def server_learners(sql_server: Server) -> Iterator[Learners]:
    """A host with languages on MariaDB and on MySQL."""
    learners = Learners(sql_server.new_database())
    yield learners
    learners.close()


def test_ten_schedulers_at_once_do_each_job_once(server_learners: Learners) -> None:
    learners = server_learners
    lapsed(learners)
    done = run_processes(reset_together, 10, learners.url)
    assert sorted(job for one in done for job in one) == sorted(job.name for job in schedule.JOBS)
    assert {row.daily_streak for row in learners.rows(select(UserLanguage.daily_streak))} == {0}
    assert ("streak_reset", "DONE", f"{LEARNERS} languages reset") in runs(learners)


def reset_and_hang(url: str, ids: int, batches: int, pipe: Pipe) -> None:
    """A scheduler that stops in the middle of a batch, for ever."""
    with at_time(NOW):
        learners = Learners(url, prepared=False)
        job = schedule.job_called("streak_reset")
        schedule.reset_sets.IDS = ids  # type: ignore[attr-defined]

        def start(*prepared: Any) -> Any:
            step, done = job.start(*prepared), 0

            def hang_later(work: Work, after: int) -> Batch:
                nonlocal done
                batch = step(work, after)
                done += 1
                if done > batches:
                    pipe.send(after)
                    time.sleep(600)
                return batch

            return hang_later

        period = schedule.period_of(NOW)
        runner.run(learners.mount, Job(job.name, job.meaning, start), period, period.isoformat())


@pytest.mark.core
def test_killed_half_way_it_is_taken_over_at_the_cursor(learners: Learners) -> None:
    lapsed(learners)
    here, there = FORKS.Pipe()
    process = FORKS.Process(target=reset_and_hang, args=(learners.url, 10, 2, there))
    process.start()
    assert here.poll(SECONDS)
    cursor = here.recv()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    reset = text("SELECT id FROM user_language WHERE daily_streak = 0")
    assert [row.id for row in learners.rows(reset)] == list(range(1, cursor + 1))
    assert (cursor, runs(learners)) == (20, [("streak_reset", "RUNNING", "20 languages reset")])
    with at_time(NOW + MINUTE):
        assert "streak_reset" not in [run.job for run in schedule.run_due(learners.mount)]
    with at_time(NOW + 3 * MINUTE):
        (found,) = [run for run in schedule.run_due(learners.mount) if run.job == "streak_reset"]
    assert found.summary == "50 languages reset"
    assert len(learners.rows(reset)) == LEARNERS


def test_what_is_done_is_not_done_again_in_its_period(learners: Learners) -> None:
    with at_time(NOW):
        assert len(schedule.run_due(learners.mount)) == len(schedule.JOBS)
        lapsed(learners)
    with at_time(NOW + 7 * MINUTE):
        assert schedule.run_due(learners.mount) == []
    with at_time(NOW + 8 * MINUTE):
        quarterly = [job.name for job in schedule.JOBS if job.every != schedule.NIGHTLY]
        assert [run.job for run in schedule.run_due(learners.mount)] == quarterly
    with at_time(NOW + timedelta(days=1)):
        assert len(schedule.run_due(learners.mount)) == len(schedule.JOBS)
    assert {row.daily_streak for row in learners.rows(select(UserLanguage.daily_streak))} == {0}


def test_periods_that_nobody_ran_are_made_good_by_the_next(learners: Learners) -> None:
    lapsed(learners)
    with at_time(NOW):
        schedule.run_due(learners.mount)
    with at_time(NOW + timedelta(days=3)):
        schedule.run_due(learners.mount)
    runs_of = select(JobRun.job, func.count().label("runs")).group_by(JobRun.job)
    assert {row.runs for row in learners.rows(runs_of)} == {2}


def test_who_lost_the_lease_stops_without_a_trace(learners: Learners) -> None:
    lapsed(learners)
    stolen: list[fence.Lease | None] = []

    def start(*prepared: Any) -> Any:
        step = schedule.job_called("streak_reset").start(*prepared)

        def sleep_too_long(work: Work, after: int) -> Batch:
            batch = step(work, after)
            if learners.engine.dialect.name == "sqlite":
                work.session.rollback()  # where nobody could write meanwhile
            with at_time(NOW + 5 * MINUTE):
                stolen.append(fence.claim(learners.engine, "slow", "now"))
            return batch

        return sleep_too_long

    with at_time(NOW), pytest.raises(fence.LostLease):
        runner.run(learners.mount, Job("slow", "sleeps", start), NOW, "now")
    assert stolen[0] is not None
    assert {row.daily_streak for row in learners.rows(select(UserLanguage.daily_streak))} == {5}


def test_a_job_that_fails_is_tried_again_and_stops_no_other(
    learners: Learners, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("out of paper")

    broken = Job("streak_reset", "prints", lambda *_: fail)
    jobs = tuple(broken if job.name == "streak_reset" else job for job in schedule.JOBS)
    monkeypatch.setattr(schedule, "JOBS", jobs)
    with at_time(NOW):
        done = [run.job for run in schedule.run_due(learners.mount)]
    assert done == [job.name for job in jobs if job is not broken]
    assert "out of paper" in caplog.text
    monkeypatch.undo()
    with at_time(NOW + MINUTE):
        assert [run.job for run in schedule.run_due(learners.mount)] == ["streak_reset"]


def test_while_paused_no_streak_ends(learners: Learners) -> None:
    lapsed(learners)
    learners.cli("pause", at=NOW)
    with at_time(NOW):
        assert schedule.run_due(learners.mount) == []
    refused = learners.cli("run-job", "streak_reset", at=NOW, fails=True)
    assert "Events are paused, so jobs wait" in refused
    learners.cli("resume", at=NOW)
    with at_time(NOW):
        assert len(schedule.run_due(learners.mount)) == len(schedule.JOBS)


def test_the_table_of_runs_stays_small(learners: Learners) -> None:
    for days in (0, 1, 31):
        with at_time(NOW + timedelta(days=days)):
            schedule.run_due(learners.mount)
    periods = {row.period[:10] for row in learners.rows(select(JobRun.period))}
    assert periods == {"2026-03-05", "2026-04-04"}


def test_a_run_left_for_dead_is_closed_by_the_next_period(learners: Learners) -> None:
    with at_time(NOW):
        fence.claim(learners.engine, "streak_reset", schedule.period_of(NOW).isoformat())
    later = NOW + timedelta(hours=1)
    with at_time(later):
        schedule.run_due(learners.mount)
    left = select(JobRun.state, JobRun.summary).where(JobRun.period == "2026-03-04T12:00:00")
    (row,) = learners.rows(left)
    assert (row.state, row.summary) == (JobState.DONE, "left to 2026-03-04T13:00:00")


def test_by_command_a_job_is_run_as_of_an_instant(learners: Learners) -> None:
    lapsed(learners, 3)
    command = ("run-job", "streak_reset", "--at", "2026-03-01T00:00:00")
    assert "(dry run): 3 languages reset" in learners.cli(*command, "--dry-run", at=NOW)
    done = json.loads(learners.cli(*command, "--json", at=NOW))
    assert (done["summary"], done["finished"]) == ("3 languages reset", True)
    assert "another process runs it, or it is done" in learners.cli(*command, at=NOW)


def test_by_command_the_future_is_only_looked_at(learners: Learners) -> None:
    command = ("run-job", "streak_reset", "--at", "2026-03-09T00:00:00")
    assert "only a --dry-run may look there" in learners.cli(*command, at=NOW, fails=True)
    assert "(dry run): nothing to do" in learners.cli(*command, "--dry-run", at=NOW)


def test_by_command_the_jobs_and_their_last_runs_are_listed(learners: Learners) -> None:
    lapsed(learners, 3)
    assert learners.cli("jobs").count("has not run yet") == len(schedule.JOBS)
    assert "did you mean 'freezes'?" in learners.cli("run-job", "freeze", fails=True)
    learners.cli("run-job", "streak_reset", at=NOW)
    assert "2026-03-04T12:00:00 UTC, done: 3 languages reset" in learners.cli("jobs")
    assert json.loads(learners.cli("jobs", "--json"))["streak_reset"]["state"] == "DONE"


def test_doctor_tells_when_nobody_follows_midnight(learners: Learners) -> None:
    learners.mount.requires_session = lambda view: view
    assert "jobs" not in learners.cli("doctor", at=NOW), "of no matter before the first practice"
    learners.practise(learners.studying(), NOW)
    learners.cli("streaks", "open", at=NOW)  # is no job that follows midnight
    silent = "no job was done in the last hour"
    assert silent in learners.cli("doctor", at=NOW)
    learners.run(at=NOW)
    assert silent not in learners.cli("doctor", at=NOW + 50 * MINUTE)
    assert silent in learners.cli("doctor", at=NOW + 61 * MINUTE)


def test_told_to_end_it_lets_another_go_on_at_once(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeeguu_gamify.streaks.reset_sets.IDS", 10)
    lapsed(learners)
    job, period = schedule.job_called("streak_reset"), schedule.period_of(NOW).isoformat()
    told = iter((False, True))
    with at_time(NOW):
        first = runner.run(learners.mount, job, NOW, period, stopping=lambda: next(told))
        second = runner.run(learners.mount, job, NOW, period)
    assert first == runner.Run(job.name, period, "10 languages reset", finished=False)
    assert second == runner.Run(job.name, period, "50 languages reset", finished=True)


@pytest.mark.sqlite_only
def test_the_scheduler_is_a_process_that_ends_when_it_is_told_to(
    learners: Learners, tmp_path: Path
) -> None:
    lapsed(learners, 3)
    program = tmp_path / "host.py"
    program.write_text(
        "from tests.integration.learners import Learners\n"
        f"app = Learners({learners.url!r}, prepared=False).app\n"
    )
    command = [sys.executable, "-m", "flask", "--app", str(program), "gamify", "scheduler"]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + SECONDS
        while states(learners) != ["DONE"] * len(schedule.JOBS) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    assert ("streak_reset", "DONE", "3 languages reset") in runs(learners)


@pytest.mark.sqlite_only
def test_a_round_begins_at_once_and_never_beside_one_of_the_same_process(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(BlockingScheduler, "start", lambda self: found.extend(self.get_jobs()))
    serve(learners.app)
    rounds = [job for job in found if job.func.__name__ == "tick"]
    assert [job.args for job in rounds] == [(period,) for period in schedule.PERIODS]
    assert {job.max_instances for job in rounds} == {1}
    assert all(job.next_run_time <= datetime.now(UTC) for job in rounds)


@pytest.mark.sqlite_only
def test_a_nightly_job_that_takes_long_keeps_no_other_waiting(
    learners: Learners, tmp_path: Path
) -> None:
    lapsed(learners, 3)
    program = tmp_path / "host.py"
    program.write_text(
        "import time\n"
        "from dataclasses import replace\n"
        "from tests.integration.learners import Learners\n"
        "from zeeguu_gamify.batch import Job\n"
        "from zeeguu_gamify.jobs import schedule\n"
        "long = Job('long', 'takes long', lambda *_: time.sleep(600), schedule.NIGHTLY)\n"
        "schedule.JOBS = (long, replace(long, name='longer'), *schedule.JOBS)\n"
        f"app = Learners({learners.url!r}, prepared=False).app\n"
    )
    command = [sys.executable, "-m", "flask", "--app", str(program), "gamify", "scheduler"]
    quarterly = {job.name for job in schedule.JOBS if job.every != schedule.NIGHTLY}
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + SECONDS
        while done_by(learners) != quarterly and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    assert done_by(learners) == quarterly
    assert [run for run in runs(learners) if "long" in run[0]] == [("long", "RUNNING", None)]


def done_by(learners: Learners) -> set[str]:
    return {job for job, state, _ in runs(learners) if state == "DONE"}


def states(learners: Learners) -> list[str]:
    return [state for _, state, _ in runs(learners)]
