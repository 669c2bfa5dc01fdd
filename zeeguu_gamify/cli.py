"""`flask gamify …`: the commands. Each commits once; they work before the tables exist."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from zeeguu_gamify import (
    cli_accounts,
    cli_awards,
    cli_backfill,
    cli_boards,
    cli_events,
    cli_explain,
    cli_jobs,
    cli_lint,
    cli_outbox,
    cli_pause,
    cli_seasons,
    cli_shadow,
    cli_simulate,
    cli_streaks,
    cli_texts,
)
from zeeguu_gamify.badges import sync
from zeeguu_gamify.doctor import Finding, Health, examine
from zeeguu_gamify.errors import GamifyError, NotReady
from zeeguu_gamify.friends import backfill
from zeeguu_gamify.friends.usernames import draw
from zeeguu_gamify.migrations import runner, username_steps
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.replay import Replay, count_lines


class _Group(AppGroup):
    """A group whose commands say what is wrong instead of showing a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GamifyError as error:
            raise click.ClickException(error.message) from error
        except OperationalError as error:
            raise click.ClickException(f"The database says: {error.orig}") from error


gamify = _Group("gamify", help="Badges, streaks, friends and boards.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")


def _session(mount: Mount) -> Session:
    return Session(mount.db.engine)


_MARK = {Health.GOOD: ("✓", "green"), Health.WARNING: ("!", "yellow"), Health.BAD: ("✗", "red")}


@gamify.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check host, schema, catalog, configuration and services; exit 1 when something is bad."""
    mount = current_mount()
    with _session(mount) as session:
        findings = examine(current_app, session, mount)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print_findings(findings)
    if any(finding.health is Health.BAD for finding in findings):
        raise click.exceptions.Exit(1)


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark, color = _MARK[finding.health]
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        click.secho(f"{mark} {finding.subject}: {finding.message}{remedy}", fg=color)
    bad = sum(finding.health is Health.BAD for finding in findings)
    click.echo(f"{bad} to mend." if bad else "All is well.")


@gamify.group(cls=_Group)
def catalog() -> None:
    """The badges: code against database."""


texts = click.option("--texts", is_flag=True, help="Overwrite names, descriptions and icons too.")


@catalog.command("plan")
@texts
@as_json
def plan_catalog(texts: bool, as_json: bool) -> None:
    """Show what `apply` would change; write nothing."""
    mount = current_mount()
    with _session(mount) as session:
        _require_tables(session)
        _print_plan(sync.plan(session, mount.catalog, texts=texts), as_json, "to change")


@catalog.command("apply")
@texts
@dry_run
@as_json
def apply_catalog(texts: bool, dry_run: bool, as_json: bool) -> None:
    """Make the database equal to the catalog. Nothing is deleted."""
    mount = current_mount()
    with _session(mount) as session:
        _require_tables(session)
        act = sync.plan if dry_run else sync.apply
        plan = act(session, mount.catalog, texts=texts)
        session.commit()
    mount.forget()
    _print_plan(plan, as_json, "to change" if dry_run else "changed")


def _require_tables(session: Session) -> None:
    if runner.pending(session.connection()):
        raise NotReady("Migrations are pending; run `flask gamify db upgrade` first.")


def _print_plan(plan: sync.Plan, as_json: bool, verb: str) -> None:
    lines = [*plan.changes, *plan.orphans]
    if as_json:
        click.echo(json.dumps([line._asdict() for line in lines], indent=2))
        return
    for line in lines:
        click.echo(f"{line.action:<7} {line.code}: {line.detail}")
    click.echo(f"{len(plan.changes)} {verb}, {len(plan.orphans)} orphaned.")


catalog.add_command(cli_lint.lint_catalog)


@gamify.group(cls=_Group)
def db() -> None:
    """The tables: numbered SQL files, by hand or from here."""


@db.command()
@as_json
def status(as_json: bool) -> None:
    """Show each migration: applied or pending."""
    found = runner.status(current_mount().db.engine)
    if as_json:
        click.echo(json.dumps([asdict(line) for line in found], indent=2))
        return
    for line in found:
        click.echo(f"{'applied' if line.applied else 'pending'}  {line.name}")


@db.command()
@click.argument("revision", default="head")
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
@dry_run
@click.option(
    "--no-host-indexes", is_flag=True, help="Leave the host's own tables without our indexes."
)
def upgrade(revision: str, sql: bool, dry_run: bool, no_host_indexes: bool) -> None:
    """Apply the pending migrations, up to REVISION."""
    mount, wanted = current_mount(), not no_host_indexes
    engine, host_map = mount.db.engine, mount.host.map
    if sql:
        click.echo(runner.render_sql(engine, host_map, revision, host_indexes=wanted))
        return
    names = runner.upgrade(engine, host_map, revision, dry_run=dry_run, host_indexes=wanted)
    _print_migrated(names, dry_run, "The tables are up to date.")


@db.command()
@click.argument("revision")
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
@dry_run
def downgrade(revision: str, sql: bool, dry_run: bool) -> None:
    """Undo migrations, down to REVISION (`base`: all of ours). Data of the tables goes."""
    mount = current_mount()
    engine, host_map = mount.db.engine, mount.host.map
    if sql:
        click.echo(runner.render_sql(engine, host_map, revision, down=True))
        return
    names = runner.downgrade(engine, host_map, revision, dry_run=dry_run)
    _print_migrated(names, dry_run, "These files are taken back.")


def _print_migrated(names: Iterable[str], dry_run: bool, done: str) -> None:
    for name in names:
        click.echo(f"{'would run' if dry_run else 'ran'}  {name}")
    current_mount().forget()
    click.echo("Nothing was changed." if dry_run else done)


@db.command("add-usernames")
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
def add_usernames(sql: bool) -> None:
    """Give the host's users a username, empty at first: for a host whose users have none.

    The first of three steps; then `usernames backfill` and `db require-usernames`.
    """
    _take_step(username_steps.Step.ADD, sql)


@db.command("require-usernames")
@click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
def require_usernames(sql: bool) -> None:
    """Let every user have a username, and a different one: after `usernames backfill`."""
    _take_step(username_steps.Step.REQUIRE, sql)


def _take_step(step: username_steps.Step, sql: bool) -> None:
    mount = current_mount()
    if sql:
        click.echo(username_steps.text(step, mount.host.map))
        return
    username_steps.run(mount.db.engine, mount.host.map, step)
    click.echo(f"ran  {step}")


gamify.add_command(cli_boards.boards)
gamify.add_command(cli_pause.pause)
gamify.add_command(cli_pause.resume)
gamify.add_command(cli_accounts.accounts)
gamify.add_command(cli_shadow.shadow)
gamify.add_command(cli_streaks.streaks)
gamify.add_command(cli_streaks.amnesty)
gamify.add_command(cli_jobs.scheduler)
gamify.add_command(cli_jobs.run_job)
gamify.add_command(cli_jobs.jobs)
gamify.add_command(cli_events.events)
gamify.add_command(cli_texts.texts)
gamify.add_command(cli_backfill.backfill)
gamify.add_command(cli_awards.award)
gamify.add_command(cli_explain.explain_badges)
gamify.add_command(cli_simulate.simulate)
gamify.add_command(cli_outbox.outbox)
gamify.add_command(cli_seasons.seasons)


@gamify.group(cls=_Group)
def usernames() -> None:
    """The names by which users find each other."""


@usernames.command("backfill")
@click.option("--batch", default=500, show_default=True, help="Users per transaction.")
@dry_run
def backfill_usernames(batch: int, dry_run: bool) -> None:
    """Give a name to every user who has none. May be interrupted and run again."""
    mount = current_mount()
    with _session(mount) as session:
        count = backfill.nameless(session, mount)
        if dry_run:
            examples = ", ".join(draw(mount) for _ in range(3))
            click.echo(f"{count} users would get a name like {examples}.")
            return
        named = 0
        with click.progressbar(length=count, label="usernames") as bar:
            for done in backfill.fill(session, mount, batch):
                session.commit()
                named += done
                bar.update(done)
    click.echo(f"{named} users have got a name.")


@gamify.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", default=500, show_default=True, help="Lines per transaction.")
@click.option("--source", default="replay", show_default=True, help="Who gave the event ids.")
@click.option(
    "--friends",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of pairs (learner_a, learner_b): friends as of the first event of the log.",
)
@click.option("--practice", is_flag=True, help="Every event is practice too; so with --friends.")
@as_json
@with_appcontext
def replay(
    file: Path, batch: int, source: str, friends: Path | None, practice: bool, as_json: bool
) -> None:
    """Apply the activity log FILE (CSV, may be gzipped). Running it again changes nothing.

    Its columns: event_id, learner, timezone, occurred_at_utc, kind, amount.
    """
    mount = current_mount()
    with _session(mount) as session:
        run = Replay(session, mount, source, batch, practise=practice)
        if as_json:
            counts = run.run(file, friends=friends)
        else:
            with click.progressbar(length=count_lines(file), label=file.name) as bar:
                counts = run.run(file, bar.update, friends)
    if as_json:
        click.echo(json.dumps(counts.as_dict()))
        return
    for rejection in counts.rejections:
        click.secho(rejection, fg="red", err=True)
    click.echo(
        f"{counts.applied} applied, {counts.duplicate} duplicate, {counts.rejected} rejected."
    )
