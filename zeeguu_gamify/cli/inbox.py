"""`flask gamify inbox USER`: what somebody was told in the app."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import LENGTH, as_json
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.inbox import messages, words
from zeeguu_gamify.mount import Mount, current_mount


@click.command("inbox")
@click.argument("user")
@click.option("--unseen", is_flag=True, help="Only what USER has not seen.")
@click.option("--limit", type=LENGTH, default=50, show_default=True, help="So many, the newest.")
@as_json
@with_appcontext
def inbox(user: str, unseen: bool, limit: int, as_json: bool) -> None:
    """Show what USER, a username or an id, finds in the inbox; the newest first."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        user_id = user_id_of(session, mount, user)
        rows = messages.page(session, mount, user_id, unseen=unseen, limit=limit)
        count = messages.count_unseen(session, user_id)
    found = [_fields(mount, row) for row in rows]
    if as_json:
        click.echo(json.dumps({"unseen": count, "messages": found}, indent=2, default=str))
        return
    for one in found:
        seen = "seen" if one["seen_at"] else "new "
        waits = f"  (the host is told at {one['tell_at']} UTC)" if one["tell_at"] else ""
        click.echo(f"{one['id']:>8}  {one['created_at']} UTC  {seen}  {one['text']}{waits}")
    click.echo(f"{count} unseen")


def _fields(mount: Mount, row: Any) -> dict[str, Any]:
    """In the source language: who runs commands is not who reads."""
    source = mount.config.source_language
    data = words.data_of(mount.texts, source, row)
    columns = ("id", "kind", "created_at", "seen_at", "tell_at", "failures")
    return {
        **{name: getattr(row, name) for name in columns},
        "data": data, "text": words.text_of(mount.texts, source, row.kind, data),
    }  # fmt: skip
