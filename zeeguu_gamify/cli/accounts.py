"""`flask gamify accounts …`: accounts that end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.cli.options import ROW_ID, dry_run
from zeeguu_gamify.mount import current_mount

accounts = AppGroup("accounts", help="Accounts that end: erased, or merged into another.")
yes = click.option("--yes", is_flag=True, help="Do not ask.")


@accounts.command("erase")
@click.argument("user_id", type=ROW_ID)
@dry_run
@yes
def erase_account(user_id: int, dry_run: bool, yes: bool) -> None:
    """Delete all that we know of USER_ID. The host deletes the user itself."""
    if not dry_run and not yes:
        click.confirm(f"Delete everything of user {user_id}? It cannot be undone", abort=True)
    _run(lambda session: erase(session, user_id), dry_run, "deleted")


@accounts.command("merge")
@click.argument("from_user_id", type=ROW_ID)
@click.argument("into_user_id", type=ROW_ID)
@dry_run
@yes
def merge_accounts(from_user_id: int, into_user_id: int, dry_run: bool, yes: bool) -> None:
    """Give all of FROM_USER_ID to INTO_USER_ID; nothing of the first is left."""
    if not dry_run and not yes:
        click.confirm(
            f"Merge user {from_user_id} into {into_user_id}? It cannot be undone", abort=True
        )
    _run(lambda session: merge(session, from_user_id, into_user_id), dry_run, "moved or dropped")


def _run(act: Callable[[Session], Mapping[str, int]], dry_run: bool, done: str) -> None:
    """A dry run does it all, counts, and takes it back."""
    with Session(current_mount().db.engine) as session:
        rows = act(session)
        if dry_run:
            session.rollback()
        else:
            session.commit()
    for table, count in sorted(rows.items()):
        click.echo(f"{count:>7}  {table}")
    total = sum(rows.values())
    click.echo(f"{total} rows would be {done}." if dry_run else f"{total} rows {done}.")
