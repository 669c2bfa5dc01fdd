"""`flask gamify streaks … | amnesty …`: streaks by hand."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from datetime import datetime

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.batch import Job
from zeeguu_gamify.cli.options import ROW_ID, as_json
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.jobs import fence, runner
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import amnesty as outages
from zeeguu_gamify.streaks import opening, opening_friends
from zeeguu_gamify.streaks.pairs import TABLE
from zeeguu_gamify.streaks.repair import check_ours, repair
from zeeguu_gamify.streaks.reset import recompute

dry_run = click.option("--dry-run", is_flag=True, help="Do it, count, and take it back.")
instant = click.DateTime(("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"))

streaks = AppGroup("streaks", help="Streaks by hand: take over, repair, recount.")


#: Done once for a database; then every friendship has its users' runs.
OPENING = (
    Job("open_streaks", "streaks taken over", opening.open_streaks),
    Job("open_friend_streaks", "friend streaks taken over", opening_friends.open_friend_streaks),
)
ONCE = "once"


@streaks.command("open")
@click.option("--again", is_flag=True, help="Take over what the host has counted since, too.")
@dry_run
def open_streaks(again: bool, dry_run: bool) -> None:
    """Take over the streaks that the host counted. Interrupted, run it again: it goes on.

    In shadow mode not those of friendships; run it again when that is over.
    """
    mount = current_mount()
    lasts = (_last(mount, mount.host.table("user")), _last(mount, TABLE))
    jobs = OPENING[:1] if mount.config.shadow else OPENING
    done = [
        _run(mount, job, ONCE, dry_run, last, again=again)
        for job, last in zip(jobs, lasts, strict=False)
    ]
    if all(done) and not dry_run and not mount.config.shadow:
        with Session(mount.db.engine) as session:
            settings.write(session, settings.STREAKS_OPENED, clock.now().isoformat())
            session.commit()


@streaks.command("repair")
@click.argument("user")
@click.argument("day", metavar="DATE", type=click.DateTime(("%Y-%m-%d",)))
@click.option("--reason", required=True, help="Kept with the repair.")
def repair_streak(user: str, day: datetime, reason: str) -> None:
    """Bridge the DATE that USER (username, e-mail or id) missed, and count it as practised."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        user_id = user_id_of(session, mount, user)
        outcome = repair(session, user_id, day.date(), reason)
        session.commit()
    click.echo(f"{day.date()} is repaired; the streak of user {user_id} is {outcome.streak} now.")


@streaks.command("recompute")
@click.argument("users", nargs=-1, required=True)
def recompute_streaks(users: tuple[str, ...]) -> None:
    """Count the streaks of USERS (usernames or ids) anew, from their practice days and bridges."""
    mount = current_mount()
    for user in users:
        with Session(mount.db.engine) as session:
            mount.refresh(session)
            user_id = user_id_of(session, mount, user)
            outcome = recompute(session, mount, user_id)
            session.commit()
        click.echo(f"user {user_id}: {outcome.streak}")


@click.group(cls=AppGroup, invoke_without_command=True)
@click.option("--from", "since", type=instant, help="When the outage began (UTC).")
@click.option("--to", "until", type=instant, help="When it was over (UTC).")
@click.option("--reason", help="Kept with the amnesty.")
@click.option("--actor", default=getpass.getuser, show_default="who runs this", help="Who says so.")
@dry_run
@click.pass_context
@with_appcontext
def amnesty(
    context: click.Context,
    since: datetime | None,
    until: datetime | None,
    reason: str | None,
    actor: str,
    dry_run: bool,
) -> None:
    """Let no streak end for an outage: every local date that it touched is bridged.

    Interrupted, run the same again: it goes on.
    """
    if context.invoked_subcommand is not None:
        return
    if since is None or until is None or not reason:
        raise click.UsageError("An amnesty needs --from, --to and --reason.")
    mount = current_mount()
    check_ours(mount)
    window = outages.Window(since, until)
    outages.check(window, reason)
    with Session(mount.db.engine) as session:
        if opening.is_needed(session, mount):
            raise GamifyError("Streaks are not open yet; run `flask gamify streaks open` first.")
        if not dry_run:
            window = outages.declare(session, window, reason, actor)
            session.commit()
            back = f"flask gamify amnesty undo {window.id}"
            click.echo(f"Amnesty {window.id}; the way back is `{back}`.")
    _run(
        mount,
        outages.covering(window),
        str(window.id),
        dry_run,
        _last(mount, mount.host.table("user")),
    )


@amnesty.command("undo")
@click.argument("amnesty_id", metavar="ID", type=ROW_ID)
@dry_run
def undo_amnesty(amnesty_id: int, dry_run: bool) -> None:
    """Take amnesty ID back: its bridges go, freezes that it refunded are used again."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        window = outages.take_back(session, amnesty_id)
        if not dry_run:
            session.commit()
    _run(
        mount,
        outages.undoing(window),
        str(amnesty_id),
        dry_run,
        _last(mount, mount.host.table("user")),
    )


@amnesty.command("list")
@as_json
def list_amnesties(as_json: bool) -> None:
    """Show all amnesties."""
    with Session(current_mount().db.engine) as session:
        found = outages.every(session)
    if as_json:
        click.echo(json.dumps([dict(row._mapping) for row in found], indent=2, default=str))
        return
    for row in found:
        undone = f" (undone {row.undone_at})" if row.undone_at else ""
        click.echo(
            f"{row.id:>4}  {row.from_utc} – {row.to_utc} UTC, {row.actor}: {row.reason}{undone}"
        )


def _run(
    mount: Mount, job: Job, period: str, dry_run: bool, last: int, *, again: bool = False
) -> bool:
    """Run a job once for all, with a progress bar up to the id `last`; whether it is done."""
    if again and not dry_run:
        with Session(mount.db.engine) as session:
            fence.forget(session, job.name, period)
            session.commit()
    with click.progressbar(length=max(last, 1), label=job.meaning) as bar:
        progress = _follow(bar.update)
        if dry_run:
            done: runner.Run | None = runner.rehearse(mount, job, clock.now(), progress)
        else:
            done = runner.run(mount, job, clock.now(), period, progress)
        progress(max(last, 1))
    if done is not None:
        click.echo(f"{job.meaning}{' (dry run)' * dry_run}: {done.summary or 'nothing to do'}")
        return done.finished
    with Session(mount.db.engine) as session:
        is_done = fence.is_done(session, job.name, period)
    click.echo(f"{job.meaning}: {'was done before' if is_done else 'another process does it'}")
    return is_done


def _follow(update: Callable[[int], None]) -> Callable[[int], None]:
    """Tell a progress bar the distance from id to id."""
    at = 0

    def follow(cursor: int) -> None:
        nonlocal at
        update(max(cursor - at, 0))
        at = max(cursor, at)

    return follow


def _last(mount: Mount, table: Table) -> int:
    """The highest id of a table."""
    with Session(mount.db.engine) as session:
        return session.connection().execute(select(func.max(table.c.id))).scalar() or 0
