"""`flask gamify outbox`: what waits to be delivered, and what could not be."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.mount import current_mount


@click.command()
@click.option("--retry", is_flag=True, help="Try again now what failed too often.")
@as_json
@with_appcontext
def outbox(retry: bool, as_json: bool) -> None:
    """Say what waits to be delivered, and list what failed too often and is parked."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        again = claims.retry(session) if retry else 0
        session.commit()
        (count, oldest), parked = claims.backlog(session), claims.parked(session)
    if again:
        mount.wake()
    if as_json:
        found = {
            "waiting": count, "oldest": oldest, "parked": [asdict(line) for line in parked],
            "retried": again,
        }  # fmt: skip
        click.echo(json.dumps(found, indent=2, default=str))
        return
    if retry:
        click.echo(f"{again} are tried again.")
    click.echo(f"{count} wait" + (f", the oldest since {oldest} UTC." if oldest else "."))
    for line in parked:
        whose = f" of user {line.user_id}" if line.user_id else ""
        click.echo(f"parked {line.id}: {line.topic}{whose}, {line.created_at} UTC: {line.error}")
