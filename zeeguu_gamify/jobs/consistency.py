"""The sweep: each night a slice of the users, their counters against the ledgers, their badges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.batch import Step, nothing
from zeeguu_gamify.jobs.ledgers import LEDGERS
from zeeguu_gamify.mount import Mount

_DAY_ONE = datetime(1970, 1, 1)


def sweep(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Mend counters and grant what events missed, silently; takes no badge from anybody.

    Everybody's turn comes once in GAMIFY_SWEEP_NIGHTS.
    """
    if mount.config.shadow:
        return nothing
    nights = mount.config.sweep_nights
    part = ((at - _DAY_ONE).days % nights, nights)
    return Round(badges_of(mount), Manner("sweep"), LEDGERS, part=part)
