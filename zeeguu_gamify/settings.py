"""What all processes must agree on: named values in `gamify_setting`."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.models import Base, Setting
from zeeguu_gamify.upsert import upsert

#: While it is there, events do nothing: the switch for the hour of trouble.
PAUSED = "paused"
#: When the host's streaks were taken over.
STREAKS_OPENED = "streaks_opened"
#: Redis missed a score; see `leaderboards.behind`.
BOARDS_BEHIND = "boards_behind"
#: Locked by whoever makes scores equal to the ledger.
BOARDS_REPAIR = "boards_repair"
#: The last UTC day of which `activity_day` has everybody's sums.
ACTIVITY_ROLLED = "activity_rolled_through"
#: Written, and so locked, by whoever sums up the activity of some users.
ACTIVITY_ROUND = "activity_round"
#: When the host last said that it counts streaks, though they are ours.
STREAK_CHANGED_HEARD = "streak_changed_heard"


def read(session: Session) -> dict[str, str]:
    """All settings, by name."""
    rows = session.connection().execute(select(Setting.name, Setting.value))
    return {row.name: row.value for row in rows}


def write(session: Session, name: str, value: str) -> None:
    """Set one; does not commit. Every process sees it within `GAMIFY_REFRESH_SECONDS`."""
    row = {"name": name, "value": value, "updated_at": clock.now()}
    upsert(session.connection(), Base.metadata.tables[Setting.__tablename__], [row])


def drop(session: Session, name: str) -> bool:
    """Whether there was such a setting; it is gone now. Does not commit."""
    done = session.connection().execute(delete(Setting).where(Setting.name == name))
    return bool(done.rowcount)
