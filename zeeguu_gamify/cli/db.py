"""`flask gamify db …`: the tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import click
from flask.cli import AppGroup

from zeeguu_gamify.cli.options import as_json, dry_run
from zeeguu_gamify.migrations import runner, username_steps
from zeeguu_gamify.mount import current_mount

db = AppGroup("db", help="The tables: numbered SQL files, by hand or from here.")


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
