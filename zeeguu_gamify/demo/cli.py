"""`flask demo …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from zeeguu_gamify.demo.accounts import DEMO_PASSWORD
from zeeguu_gamify.demo.seed import make_shop, make_tables, make_world
from zeeguu_gamify.demo.world import LEARNERS

demo = AppGroup("demo", help="The demo host.")


@demo.command()
@click.option("--empty", is_flag=True, help="Tables and languages only, no learners.")
def init(empty: bool) -> None:
    """Make the tables, the host's and ours, and a world of learners. May be run again."""
    make_tables()
    if empty:
        click.echo("The tables are there, and nobody in them.")
        return
    is_new = make_world()
    make_shop()
    click.echo("The world is made." if is_new else "The world was there already.")
    click.echo(f"Log in as {', '.join(learner.email for learner in LEARNERS[:3])}, …")
    click.echo(f"The password of all of them is {DEMO_PASSWORD!r}.")
