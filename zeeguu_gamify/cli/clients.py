"""`flask gamify clients …`: the services that may send events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import OVERLAP, as_json
from zeeguu_gamify.ingestion import clients as stored
from zeeguu_gamify.mount import current_mount

clients = AppGroup("clients", help="The services that may send events.")

some_events = click.option(
    "--event", "events", multiple=True, required=True, help="What it may tell; several times."
)


@clients.command("add")
@click.argument("name")
@some_events
def add(name: str, events: tuple[str, ...]) -> None:
    """Take events of NAME from now on. Prints the secret, which is not shown again."""
    with _committed() as session:
        secret = stored.add(session, current_mount(), name, events)
    click.echo(f"secret {secret}")
    if not current_mount().config.ingestion:
        click.echo("Nothing is taken before GAMIFY_INGESTION is True.", err=True)


@clients.command("list")
@as_json
def list_clients(as_json: bool) -> None:
    """Show the clients."""
    with _committed() as session:
        found = stored.every(session)
    if as_json:
        rows = [
            {
                "name": one.name,
                "events": one.events,
                "created_at": one.created_at,
                "disabled_at": one.disabled_at,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    for one in found:
        off = f"  switched off since {one.disabled_at} UTC" if one.disabled_at else ""
        click.echo(f"{one.name}  {', '.join(one.events)}, since {one.created_at} UTC{off}")


@clients.command("allow")
@click.argument("name")
@some_events
def allow(name: str, events: tuple[str, ...]) -> None:
    """Let NAME tell these events, and no others any more."""
    with _committed() as session:
        stored.allow(session, current_mount(), name, events)


@clients.command("rotate")
@click.argument("name")
@click.option(
    "--hours", type=OVERLAP, default=24, show_default=True, help="So long the old one is valid too."
)
def rotate(name: str, hours: int) -> None:
    """Give NAME a new secret, and print it."""
    with _committed() as session:
        secret = stored.rotate(session, name, timedelta(hours=hours))
    click.echo(f"secret {secret}")


@clients.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Take events of NAME again."""
    with _committed() as session:
        stored.switch(session, name, on=True)


@clients.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Refuse events of NAME."""
    with _committed() as session:
        stored.switch(session, name, on=False)


@contextmanager
def _committed() -> Iterator[Session]:
    with Session(current_mount().db.engine) as session:
        yield session
        session.commit()
