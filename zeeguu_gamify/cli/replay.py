"""`flask gamify replay`: apply a log of activity."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import BATCH, as_json
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.replay import Replay, count_lines


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", type=BATCH, default=500, show_default=True, help="Lines per transaction.")
@click.option("--source", default="replay", show_default=True, help="Who gave the event ids.")
@click.option(
    "--friends",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of pairs (learner_a, learner_b): friends as of the first event of the log.",
)
@click.option("--practice", is_flag=True, help="Every event is practice too; so with --friends.")
@as_json
@with_appcontext
def replay(
    file: Path, batch: int, source: str, friends: Path | None, practice: bool, as_json: bool
) -> None:
    """Apply the activity log FILE (CSV, may be gzipped). Running it again changes nothing.

    Its columns: event_id, learner, timezone, occurred_at_utc, kind, amount.
    """
    mount = current_mount()
    with Session(mount.db.engine) as session:
        run = Replay(session, mount, source, batch, practise=practice)
        if as_json:
            counts = run.run(file, friends=friends)
        else:
            with click.progressbar(length=count_lines(file), label=file.name) as bar:
                counts = run.run(file, bar.update, friends)
    if as_json:
        click.echo(json.dumps(counts.as_dict()))
        return
    for rejection in counts.rejections:
        click.secho(rejection, fg="red", err=True)
    click.echo(
        f"{counts.applied} applied, {counts.duplicate} duplicate, {counts.rejected} rejected."
    )
