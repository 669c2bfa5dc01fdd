"""`flask gamify pause | resume`: the switch for the hour of trouble."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify import settings
from zeeguu_gamify.mount import current_mount


@click.command()
@click.option("--reason", default="", help="Kept with the switch, and shown by doctor.")
@with_appcontext
def pause(reason: str) -> None:
    """Let events do nothing, in all processes, within seconds. Pages go on answering."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        settings.write(session, settings.PAUSED, reason or "no reason given")
        session.commit()
    mount.forget()
    seconds = mount.config.refresh_seconds
    click.echo(f"Paused. Every process stops counting within {seconds:g} s.")
    click.echo("What happens meanwhile is not counted; `flask gamify resume` goes on.")


@click.command()
@with_appcontext
def resume() -> None:
    """Count events again."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        was_paused = settings.drop(session, settings.PAUSED)
        session.commit()
    mount.forget()
    click.echo("Events are counted again." if was_paused else "Nothing was paused.")
