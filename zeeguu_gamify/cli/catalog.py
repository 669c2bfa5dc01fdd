"""`flask gamify catalog …`: the badges, code against database."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import sync
from zeeguu_gamify.cli.lint import lint_catalog
from zeeguu_gamify.cli.options import as_json, dry_run
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.mount import current_mount

catalog = AppGroup("catalog", help="The badges: code against database.")
catalog.add_command(lint_catalog)

texts = click.option("--texts", is_flag=True, help="Overwrite names, descriptions and icons too.")
deprecate = click.option(
    "--deprecate", is_flag=True, help="Let only their holders see badges that are not in the code."
)


@catalog.command("plan")
@texts
@deprecate
@as_json
def plan_catalog(texts: bool, deprecate: bool, as_json: bool) -> None:
    """Show what `apply` would change; write nothing."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        _require_tables(session)
        plan = sync.plan(session, mount.catalog, texts=texts, deprecate=deprecate)
    _print_plan(plan, as_json, "to change")


@catalog.command("apply")
@texts
@deprecate
@dry_run
@as_json
def apply_catalog(texts: bool, deprecate: bool, dry_run: bool, as_json: bool) -> None:
    """Make the database equal to the catalog. Nothing is deleted."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        _require_tables(session)
        act = sync.plan if dry_run else sync.apply
        plan = act(session, mount.catalog, texts=texts, deprecate=deprecate)
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
