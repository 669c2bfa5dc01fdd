"""`flask gamify events`: the event dictionary of the mounted app, and docs/events.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
from flask.cli import with_appcontext

from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.context import KINDS, ContextField
from zeeguu_gamify.events import EventType, Metric
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount, current_mount

_MOVES = {
    Mechanism.COUNTER: "adds its amount to {}",
    Mechanism.GAUGE: "sets {} to its value",
    Mechanism.ONE_TIME: "sets {} to 1, once",
}

PAGE_HEAD = """\
# Events

What can happen to a user, and what it means here. This page is made by `flask gamify events
--markdown` from the dictionary in `zeeguu_gamify/events.py`; a host adds lines by
`Gamify(events=[EventType(…)])`.

Every event has a user. It may have an amount (for what it counts), a value (for a gauge), an
event_id (counted once for ever), an object_id (only the first completion counts), an instant, and
the facts named below. An unknown name, an unknown fact or one of another kind is refused, with the
nearest that there is. An event without facts below takes any.
"""


@click.command()
@click.option("--markdown", is_flag=True, help="Print the page docs/events.md.")
@as_json
@with_appcontext
def events(markdown: bool, as_json: bool) -> None:
    """Show every event: what it means, what it moves, what it tells, and which badges listen."""
    mount = current_mount()
    if as_json:
        click.echo(json.dumps([_described(mount, kind) for kind in _sorted(mount)], indent=2))
    elif markdown:
        click.echo(page(mount), nl=False)
    else:
        for kind in _sorted(mount):
            badges = mount.catalog.triggers(mount.events)[kind.name]
            click.echo(f"{kind.name:<24} {kind.meaning}; {_moves(kind)}; {badges} badges listen")
            for field in kind.context:
                click.echo(f"{'':<24}   {_fact(field)}")


def page(mount: Mount) -> str:
    """The dictionary as a page of Markdown."""
    return PAGE_HEAD + "".join("\n" + "\n".join(_section(kind)) + "\n" for kind in _sorted(mount))


def _section(kind: EventType) -> Iterator[str]:
    yield f"## `{kind.name}`"
    yield ""
    yield f"{kind.meaning[0].upper()}{kind.meaning[1:]}. It {_moves(kind)}."
    if kind.pays:
        yield f"It pays {kind.exp} EXP and {kind.coins} coins."
    if kind.told:
        yield "Those whom it concerns hear of it live."
    if kind.context:
        yield ""
        yield from (f"- {_fact(field, code='`')}" for field in kind.context)


def _sorted(mount: Mount) -> list[EventType]:
    return [mount.events[name] for name in sorted(mount.events)]


def _moves(kind: EventType) -> str:
    if kind.undoes:
        return f"takes `{kind.undoes}` back"
    if Metric.EXP in kind.metrics and not kind.exp:
        return _MOVES[Mechanism.COUNTER].format(f"`{Metric.EXP}`")
    return _MOVES[kind.moves].format(f"`{kind.metric}`") if kind.metric else "moves no metric"


def _fact(field: ContextField, code: str = "") -> str:
    need = "" if field.required else ", may be left out"
    return f"{code}{field.name}{code} ({KINDS[field.kind]}{need}): {field.meaning or '–'}"


def _described(mount: Mount, kind: EventType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "meaning": kind.meaning,
        "metric": kind.metric,
        "moves": kind.moves.value if kind.metric else None,
        "exp": kind.exp,
        "coins": kind.coins,
        "badges": mount.catalog.triggers(mount.events)[kind.name],
        "context": [
            {
                "name": field.name,
                "kind": KINDS[field.kind],
                "required": field.required,
                "meaning": field.meaning,
            }
            for field in kind.context
        ],
    }
