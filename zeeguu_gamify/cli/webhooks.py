"""`flask gamify webhooks …`: who hears of us by HTTP, and what became of what was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import LENGTH, OVERLAP, ROW_ID, as_json
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.guard import networks
from zeeguu_gamify.delivery.webhooks.kinds import kind_called
from zeeguu_gamify.delivery.webhooks.send import send_due
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.models import WebhookDelivery
from zeeguu_gamify.mount import current_mount

webhooks = AppGroup("webhooks", help="Who hears of us by HTTP, and what was sent.")

_delivery: Any = WebhookDelivery.__table__

one_endpoint = click.argument("endpoint_id", type=ROW_ID)


@webhooks.command("add")
@click.argument("url")
@click.option("--topic", "topics", multiple=True, help="What it hears of; everything, if none.")
def add(url: str, topics: tuple[str, ...]) -> None:
    """Send to URL from now on. Prints the secret, which is not shown again."""
    with _committed() as session:
        allowed = networks(current_mount().config.webhook_allow)
        endpoint_id, secret = endpoints.add(session, url, topics, allowed)
    click.echo(f"endpoint {endpoint_id}, secret {secret}")
    if not current_mount().config.webhooks:
        click.echo("Nothing is sent before GAMIFY_WEBHOOKS is True.", err=True)


@webhooks.command("list")
@as_json
def list_endpoints(as_json: bool) -> None:
    """Show the endpoints."""
    with _committed() as session:
        found = endpoints.every(session)
    if as_json:
        click.echo(json.dumps([_fields(one) for one in found], indent=2, default=str))
        return
    for one in found:
        click.echo(f"{one.id:>6}  {one.url}  {', '.join(one.topics) or 'everything'}{_state(one)}")


@webhooks.command("rotate")
@one_endpoint
@click.option(
    "--hours", type=OVERLAP, default=24, show_default=True, help="So long the old secret signs too."
)
def rotate(endpoint_id: int, hours: int) -> None:
    """Give ENDPOINT_ID a new secret, and print it."""
    with _committed() as session:
        secret = endpoints.rotate(session, endpoint_id, timedelta(hours=hours))
    click.echo(f"secret {secret}")


@webhooks.command("enable")
@one_endpoint
def enable(endpoint_id: int) -> None:
    """Send to ENDPOINT_ID again, what still waits too."""
    with _committed() as session:
        endpoints.enable(session, endpoint_id)


@webhooks.command("disable")
@one_endpoint
def disable(endpoint_id: int) -> None:
    """Send nothing to ENDPOINT_ID."""
    with _committed() as session:
        endpoints.disable(session, endpoint_id, "by hand")


@webhooks.command("remove")
@one_endpoint
def remove(endpoint_id: int) -> None:
    """Forget ENDPOINT_ID and what was sent to it."""
    with _committed() as session:
        endpoints.remove(session, endpoint_id)


@webhooks.command("log")
@click.option("--endpoint", "endpoint_id", type=ROW_ID, help="Only of this one.")
@click.option("--failed", is_flag=True, help="Only what was not received.")
@click.option("--limit", type=LENGTH, default=50, show_default=True, help="So many, the newest.")
@as_json
def log(endpoint_id: int | None, failed: bool, limit: int, as_json: bool) -> None:
    """Show what was sent, and what waits; the newest first."""
    wanted = select(_delivery).order_by(_delivery.c.id.desc()).limit(limit)
    if endpoint_id is not None:
        wanted = wanted.where(_delivery.c.endpoint_id == endpoint_id)
    if failed:
        wanted = wanted.where(_delivery.c.delivered_at.is_(None), _delivery.c.attempts > 0)
    with _committed() as session:
        rows = session.connection().execute(wanted).all()
    if as_json:
        click.echo(json.dumps([dict(row._mapping) for row in rows], indent=2, default=str))
        return
    for row in rows:
        click.echo(
            f"{row.id:>8}  endpoint {row.endpoint_id}  {row.created_at} UTC  {row.topic}  "
            f"{row.message_id}: {_outcome(row)}"
        )


@webhooks.command("replay")
@click.argument("delivery_ids", type=ROW_ID, nargs=-1)
@click.option("--endpoint", "endpoint_id", type=ROW_ID, help="All of this one, with --since.")
@click.option("--since", type=click.DateTime(), help="UTC; what is newer.")
@click.option("--failed", is_flag=True, help="Only what was not received.")
def replay(
    delivery_ids: tuple[int, ...], endpoint_id: int | None, since: datetime | None, failed: bool
) -> None:
    """Send again: by the ids of the log, or all of an endpoint since an instant."""
    if delivery_ids:
        which = [_delivery.c.id.in_(delivery_ids)]
    elif endpoint_id is not None and since is not None:
        which = [_delivery.c.endpoint_id == endpoint_id, _delivery.c.created_at >= since]
    else:
        raise BadInput("Name deliveries of the log, or give --endpoint and --since.")
    if failed:
        which.append(_delivery.c.delivered_at.is_(None))
    with _committed() as session:
        count = queue.again(session, *which)
    click.echo(f"{count} are sent again.")


@webhooks.command("send")
def send() -> None:
    """Send what is due now, one batch; the scheduler does so by itself."""
    click.echo(f"{send_due(current_mount())} were received.")


@webhooks.command("schema")
@click.argument("type_", metavar="TYPE")
def schema(type_: str) -> None:
    """Print the JSON Schema of what is sent as TYPE."""
    click.echo(json.dumps(kind_called(type_).schema, indent=2))


@contextmanager
def _committed() -> Iterator[Session]:
    with Session(current_mount().db.engine) as session:
        yield session
        session.commit()


def _fields(one: endpoints.Endpoint) -> dict[str, Any]:
    """Without its secrets."""
    names = ("id", "url", "topics", "created_at", "failing_since", "disabled_at", "disabled_why")
    return {name: getattr(one, name) for name in names}


def _state(one: endpoints.Endpoint) -> str:
    if one.disabled_at is not None:
        return f"  switched off since {one.disabled_at} UTC: {one.disabled_why}"
    return f"  failing since {one.failing_since} UTC" if one.failing_since else ""


def _outcome(row: Any) -> str:
    if row.delivered_at is not None:
        return f"received {row.delivered_at} UTC"
    why = f" ({row.error})" if row.error else ""
    if row.due_at is None:
        return f"given up after {row.attempts} tries{why}"
    return f"due {row.due_at} UTC, failed {row.attempts} times{why}"
