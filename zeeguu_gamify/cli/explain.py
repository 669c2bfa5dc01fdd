"""`flask gamify explain`: why somebody holds a badge or does not, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click
from flask.cli import with_appcontext

from zeeguu_gamify.badges.explain import (
    Explanation,
    Standing,
    badge_called,
    badges_listening,
    explain,
)
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.rules import Condition
from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

_MARK = {
    Standing.HELD: ("✓", "green"),
    Standing.REVOKED: ("✗", "red"),
    Standing.EARNED: ("+", "yellow"),
    Standing.OPEN: ("·", None),
    Standing.CLOSED: ("–", None),
}


@click.command("explain")
@click.argument("user")
@click.option("--badge", metavar="CODE", help="Only this badge.")
@click.option("--event", metavar="NAME", help="Only the badges that listen to this event.")
@as_json
@with_appcontext
def explain_badges(user: str, badge: str | None, event: str | None, as_json: bool) -> None:
    """Say how USER (username, e-mail or id) stands to badges, and why. Writes nothing."""
    mount = current_mount()
    with read_only(mount.db.engine) as session:
        mount.refresh(session)
        user_id = user_id_of(session, mount, user)
        found = explain(session, mount, user_id, _asked(mount, badge, event))
    if as_json:
        click.echo(json.dumps([as_dict(it) for it in found], indent=2, default=str))
    else:
        _print(found)


def _asked(mount: Mount, badge: str | None, event: str | None) -> list[LiveBadge]:
    """Both at once: that badge, if it listens to that event."""
    listening = badges_listening(mount, event) if event else list(mount.live.by_id.values())
    if badge is None:
        return listening
    one = badge_called(mount, badge)
    return [it for it in listening if it.id == one.id]


def as_dict(it: Explanation) -> dict[str, Any]:
    """All of an explanation, for JSON."""
    return {
        "badge": it.badge.code,
        "name": it.badge.name,
        "rule": it.badge.test.in_words(),
        "rule_version": it.badge.rule_version,
        "standing": it.standing.value,
        "passed": it.verdict.passed,
        "conditions": [asdict(condition) for condition in it.verdict.conditions],
        "missing": list(it.missing),
        "grants": [asdict(grant) for grant in it.grants],
        "history": [{**asdict(entry), "action": entry.action.value} for entry in it.history],
    }


def _print(found: Iterable[Explanation]) -> None:
    for it in found:
        mark, color = _MARK[it.standing]
        click.secho(
            f"{mark} {it.badge.code} ({it.badge.name}, rule {it.badge.rule_version}): "
            f"{it.standing.value}",
            fg=color,
        )
        for condition in it.verdict.conditions:
            click.echo(f"    {_in_words(condition)}")
        for words in it.missing:
            click.echo(f"    missing: {words}")
        for grant in it.grants:
            what = f" for {grant.context}" if grant.context else ""
            click.echo(f"    granted{what} on {grant.achieved_at} UTC ({grant.source})")
            if grant.certificate:
                click.echo(f"    certificate: {json.dumps(grant.certificate, default=str)}")
        for entry in it.history:
            click.echo(f"    {entry.in_words()}")


def _in_words(condition: Condition) -> str:
    value = "" if condition.value is None else f" (it is {condition.value})"
    return f"{'✓' if condition.passed else '✗'} {condition.text}{value}"
