"""`flask gamify scheduler | run-job | jobs`: work at its time."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.errors import BadInput, GamifyError
from zeeguu_gamify.events import MAX_AHEAD
from zeeguu_gamify.jobs import fence, runner, schedule
from zeeguu_gamify.jobs.scheduler import serve
from zeeguu_gamify.mount import Mount, current_mount


@click.command()
@with_appcontext
def scheduler() -> None:
    """Do what is due, each minute, until SIGTERM. More than one of these do no harm."""
    click.echo("The scheduler runs until SIGTERM or Ctrl-C; see `flask gamify jobs`.")
    serve(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("run-job")
@click.argument("name")
@click.option("--at", type=click.DateTime(), help="As of this instant (UTC), not of this period.")
@click.option("--dry-run", is_flag=True, help="Do it, count, and take it back.")
@as_json
@with_appcontext
def run_job(name: str, at: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Run the job NAME (see `jobs`) unless another process does, or did."""
    mount = current_mount()
    job = schedule.job_called(name)
    at = at or schedule.period_of(clock.now())
    if dry_run:
        done: runner.Run | None = runner.rehearse(mount, job, at)
    else:
        _check(mount, at)
        done = runner.run(mount, job, at, period=at.isoformat())
    if as_json:
        click.echo(json.dumps(asdict(done) if done else None))
    elif done is None:
        click.echo(f"{name} of {at} UTC: another process runs it, or it is done.")
    else:
        click.echo(f"{name} of {at} UTC{' (dry run)' * dry_run}: {done.summary or 'nothing to do'}")


def _check(mount: Mount, at: datetime) -> None:
    """Refuse what would end streaks that nobody could go on with."""
    if (at - clock.now()).total_seconds() > MAX_AHEAD:
        raise BadInput("--at: is in the future; only a --dry-run may look there")
    with Session(mount.db.engine) as session:
        if schedule.is_idle(session, mount):
            raise GamifyError("Events are paused, so jobs wait; see `flask gamify resume`.")


@click.command()
@as_json
@with_appcontext
def jobs(as_json: bool) -> None:
    """List the jobs, and how each ran last."""
    with Session(current_mount().db.engine) as session:
        last = fence.last_runs(session)
    if as_json:
        found = {job.name: _fields(last.get(job.name)) for job in schedule.JOBS}
        click.echo(json.dumps(found, indent=2, default=str))
        return
    for job in schedule.JOBS:
        click.echo(f"{job.name:<15} {job.meaning}")
        row = last.get(job.name)
        click.echo(f"{'':<15} {_told(row)}" if row else f"{'':<15} has not run yet")


def _fields(row: object) -> dict[str, object] | None:
    mapping = getattr(row, "_mapping", None)
    return {**mapping, "state": mapping["state"].value} if mapping else None


def _told(row: object) -> str:
    fields = _fields(row) or {}
    state = str(fields["state"]).lower()
    return f"{fields['period']} UTC, {state}: {fields['summary'] or 'nothing to do'}"
