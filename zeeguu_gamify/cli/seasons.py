"""`flask gamify seasons …`: periods of boards that close."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.cli.options import LENGTH, ROW_ID, as_json, dry_run
from zeeguu_gamify.errors import GamifyError, NotFound
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.leaderboards.seasons import key_of
from zeeguu_gamify.models import Season, SeasonStanding
from zeeguu_gamify.mount import current_mount

seasons = AppGroup("seasons", help="Periods of boards that close, with standings and prizes.")


@seasons.command("list")
@as_json
def list_seasons(as_json: bool) -> None:
    """Show the seasons, the newest first."""
    season, standing = Season.__table__, SeasonStanding.__table__
    wanted = (
        select(
            season,
            func.count(standing.c.user_id).label("users"),
            func.count(standing.c.prize).label("prizes"),
            func.count(standing.c.claimed_at).label("given"),
        )
        .outerjoin_from(season, standing, standing.c.season_id == season.c.id)
        .group_by(*season.c)
        .order_by(season.c.starts.desc(), season.c.id.desc())
    )
    rows = _read(wanted)
    if as_json:
        click.echo(json.dumps([_fields(row) for row in rows], indent=2, default=str))
        return
    for row in rows:
        click.echo(
            f"{row.id:>6}  {key_of(row)}  {row.state.value.lower()}, closes {row.closes_at} UTC: "
            f"{row.users} users, {row.given} of {row.prizes} prizes given"
        )


@seasons.command("show")
@click.argument("season_id", type=ROW_ID)
@click.option("--limit", type=LENGTH, default=100, show_default=True, help="So many places.")
@as_json
def show_season(season_id: int, limit: int, as_json: bool) -> None:
    """Show who stood where in SEASON_ID."""
    if not _read(select(Season.id).where(Season.id == season_id)):
        raise NotFound(f"There is no season {season_id}; see `flask gamify seasons list`.")
    standing = SeasonStanding.__table__
    wanted = select(standing).where(standing.c.season_id == season_id, standing.c.place > 0)
    rows = _read(wanted.order_by(standing.c.place, standing.c.user_id).limit(limit))
    if as_json:
        click.echo(json.dumps([_fields(row) for row in rows], indent=2, default=str))
        return
    for row in rows:
        prize = f"  {row.prize}, {row.claimed_at or 'not given'}" if row.prize else ""
        click.echo(f"{row.place:>6}  user {row.user_id}: {row.score}{prize}")


@seasons.command("close")
@dry_run
@as_json
def close_due_seasons(dry_run: bool, as_json: bool) -> None:
    """Open what begins and close what is over, now; the scheduler does so by itself."""
    mount, job, at = current_mount(), schedule.job_called("seasons"), clock.now()
    with Session(mount.db.engine) as session:
        if schedule.is_idle(session, mount):
            raise GamifyError("Events are paused, so seasons wait; see `flask gamify resume`.")
    if dry_run:
        done: runner.Run | None = runner.rehearse(mount, job, at)
    else:
        done = runner.run(mount, job, at, at.isoformat())
    if as_json:
        click.echo(json.dumps(asdict(done) if done else None))
    elif done is None:
        click.echo("Another process closes them, or has just done so.")
    else:
        click.echo(f"{'(dry run) ' * dry_run}{done.summary or 'nothing to do'}")


def _read(statement: Any) -> list[Any]:
    with Session(current_mount().db.engine) as session:
        return list(session.connection().execute(statement))


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(value, "value", value) for name, value in row._mapping.items()}
