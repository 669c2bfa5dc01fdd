"""`flask gamify shadow …`: how a host watches before it cuts over."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.shadow import compare

shadow = AppGroup("shadow", help="Beside the host's own code: where would we differ?")


@shadow.command()
@as_json
def report(as_json: bool) -> None:
    """Show where the host has written something else than we would have; exit 1 if it has."""
    with Session(current_mount().db.engine) as session:
        found = compare.differences(session)
        followed = compare.compared(session)
    if as_json:
        rows = [dict(row._mapping) for row in found]
        click.echo(json.dumps({"followed": followed, "differences": rows}, indent=2, default=str))
    else:
        for row in found:
            click.echo(
                f"user {row.user_id}, {row.subject}: we {row.expected}, the host {row.found} "
                f"(after {row.event}, since {row.since} UTC)"
            )
        click.echo(f"{followed} progress rows followed, {len(found)} differences.")
    if found:
        raise click.exceptions.Exit(1)


@shadow.command()
def reset() -> None:
    """Forget what was followed, and begin anew with the host's values."""
    with Session(current_mount().db.engine) as session:
        compare.reset(session)
        session.commit()
    click.echo("The shadow begins anew.")
