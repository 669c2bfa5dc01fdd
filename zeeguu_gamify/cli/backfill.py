"""`flask gamify backfill`: grant what users have earned before a badge, or without an event."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.backfill import USERS, Manner, Round, badges_of
from zeeguu_gamify.batch import Job
from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.jobs import fence, runner, schedule
from zeeguu_gamify.jobs.ledgers import LEDGERS
from zeeguu_gamify.mount import Mount, current_mount

BACKFILL = "backfill"
#: So long is a period of job_run at most.
_PERIOD_LENGTH = 32


@click.command()
@click.option("--user", help="All badges of this user (username, e-mail or id).")
@click.option("--badge", metavar="CODE", help="This badge, of everybody.")
@click.option("--trigger", metavar="EVENT", help="The badges that listen to it, of everybody.")
@click.option("--all", "everything", is_flag=True, help="All badges, of everybody.")
@click.option("--recompute", is_flag=True, help="Bring counters in line with their ledgers first.")
@click.option("--notify", is_flag=True, help="Tell the users; else the badges count as seen.")
@click.option("--rate", type=click.IntRange(min=1), help="So many users a second at most.")
@click.option("--dry-run", is_flag=True, help="Count what would be granted; write nothing.")
@as_json
@with_appcontext
def backfill(
    user: str | None,
    badge: str | None,
    trigger: str | None,
    everything: bool,
    recompute: bool,
    notify: bool,
    rate: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grant what has been earned and is lacking. Interrupted, run the same again: it goes on."""
    if sum((user is not None, badge is not None, trigger is not None, everything)) != 1:
        raise click.UsageError("Name one of --user, --badge, --trigger and --all.")
    mount = current_mount()
    _check(mount)
    what = Round(
        badges_of(mount, badge=badge, trigger=trigger),
        Manner(BACKFILL, notify),
        LEDGERS if recompute else (),
        size=min(rate or USERS, USERS),
    )
    if user is not None:
        summary = _of_user(mount, what, user, dry_run=dry_run)
    else:
        summary = _of_everybody(mount, what, _period(badge, trigger), rate, dry_run, as_json)
    _print(what, summary, dry_run, as_json)


def _check(mount: Mount) -> None:
    if mount.config.shadow:
        raise GamifyError("In shadow mode the badges are the host's to grant.")
    with Session(mount.db.engine) as session:
        if schedule.is_idle(session, mount):
            raise GamifyError("Events are paused; see `flask gamify resume`.")


def _of_user(mount: Mount, what: Round, user: str, *, dry_run: bool) -> str:
    with Session(mount.db.engine) as session:
        user_id = user_id_of(session, mount, user)
        counts = what.of_users(session, mount, [user_id], clock.now(), write=not dry_run)
        session.commit()
    return fence.line(counts)


def _of_everybody(
    mount: Mount, what: Round, period: str, rate: int | None, dry_run: bool, as_json: bool
) -> str:
    job = Job(BACKFILL, "backfill", lambda *_: what)
    pace = Pace(what.users, rate)
    with Session(mount.db.engine) as session:
        last = session.connection().execute(select(func.max(mount.host.table("user").c.id)))
        length = last.scalar() or 1
        if not dry_run:
            fence.forget(session, BACKFILL, period)
            session.commit()
    with click.progressbar(length=length, label=BACKFILL, hidden=as_json) as bar:

        def follow(cursor: int) -> None:
            bar.update(cursor - bar.pos)
            pace.keep()

        if dry_run:
            return runner.rehearse(mount, job, clock.now(), follow).summary
        done = runner.run(mount, job, clock.now(), period, follow)
    if done is None:
        raise GamifyError(
            "Another process does this backfill; if it was killed, try again in two minutes."
        )
    return done.summary


@dataclass
class Pace:
    """Waits after each batch, outside of transactions, so that no more than `rate` is done."""

    users: int  #: in a batch
    rate: int | None  #: users a second; None: as fast as it goes
    _since: float = 0.0

    def __post_init__(self) -> None:
        """The first batch begins now."""
        self._since = clock.monotonic()

    def keep(self) -> None:
        """Wait until the next batch may begin."""
        if self.rate is not None:
            left = self.users / self.rate - (clock.monotonic() - self._since)
            time.sleep(max(left, 0.0))
            self._since = clock.monotonic()


def _period(badge: str | None, trigger: str | None) -> str:
    """What tells one backfill from another, as the key of its run."""
    name = f"badge {badge}" if badge else f"trigger {trigger}" if trigger else "all"
    if len(name) <= _PERIOD_LENGTH:
        return name
    return sha256(name.encode()).hexdigest()[:_PERIOD_LENGTH]


def _print(what: Round, summary: str, dry_run: bool, as_json: bool) -> None:
    granted = dict(what.granted.most_common())
    if as_json:
        click.echo(json.dumps({"summary": summary, "granted": granted, "dry_run": dry_run}))
        return
    for code, count in granted.items():
        click.echo(f"{count:>8}  {code}")
    click.echo(f"backfill{' (dry run)' * dry_run}: {summary}")
