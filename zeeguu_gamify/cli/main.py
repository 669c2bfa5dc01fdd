"""`flask gamify`: the group of all commands."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DataError, OperationalError

from zeeguu_gamify.cli import (
    accounts,
    awards,
    backfill,
    boards,
    catalog,
    clients,
    db,
    doctor,
    events,
    explain,
    inbox,
    jobs,
    outbox,
    pause,
    replay,
    rewards,
    seasons,
    shadow,
    simulate,
    streaks,
    texts,
    usernames,
    webhooks,
)
from zeeguu_gamify.errors import GamifyError


class _Group(AppGroup):
    """A group whose commands say what is wrong instead of showing a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GamifyError as error:
            raise click.ClickException(error.message) from error
        except (OperationalError, DataError) as error:
            raise click.ClickException(f"The database says: {error.orig}") from error


gamify = _Group("gamify", help="Badges, streaks, friends and boards.")

for command in (
    accounts.accounts,
    awards.award,
    backfill.backfill,
    boards.boards,
    catalog.catalog,
    clients.clients,
    db.db,
    doctor.doctor,
    events.events,
    explain.explain_badges,
    inbox.inbox,
    jobs.jobs,
    jobs.run_job,
    jobs.scheduler,
    outbox.outbox,
    pause.pause,
    pause.resume,
    replay.replay,
    rewards.rewards,
    seasons.seasons,
    shadow.shadow,
    simulate.simulate,
    streaks.amnesty,
    streaks.streaks,
    texts.texts,
    usernames.usernames,
    webhooks.webhooks,
):
    gamify.add_command(command)
