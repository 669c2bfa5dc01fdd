"""`flask gamify usernames …`: the names by which users find each other."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import BATCH, dry_run
from zeeguu_gamify.friends import backfill
from zeeguu_gamify.friends.usernames import draw
from zeeguu_gamify.mount import current_mount

usernames = AppGroup("usernames", help="The names by which users find each other.")


@usernames.command("backfill")
@click.option("--batch", type=BATCH, default=500, show_default=True, help="Users per transaction.")
@dry_run
def backfill_usernames(batch: int, dry_run: bool) -> None:
    """Give a name to every user who has none. May be interrupted and run again."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        count = backfill.nameless(session, mount)
        if dry_run:
            examples = ", ".join(draw(mount) for _ in range(3))
            click.echo(f"{count} users would get a name like {examples}.")
            return
        named = 0
        with click.progressbar(length=count, label="usernames") as bar:
            for done in backfill.fill(session, mount, batch):
                session.commit()
                named += done
                bar.update(done)
    click.echo(f"{named} users have got a name.")
