"""Users' zones, remembered for a while: asking for each event would cost a statement each time."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.host import Group, Host

#: So long a process may take a user to be where they were (seconds).
SECONDS = 60.0


class KnownZones:
    """User → zone, bounded; for what may be off by a minute when somebody moves."""

    def __init__(self, limit: int) -> None:
        """Remember `limit` users at most; when full, start anew."""
        self._limit = limit
        self._zones: dict[int, tuple[str, float]] = {}

    def of(self, session: Session, host: Host, user_id: int) -> str:
        """The user's IANA zone name, UTC when it is not known. Raises UnknownUser."""
        present = clock.monotonic()
        zone, until = self._zones.get(user_id, ("", 0.0))
        if present >= until:
            zone = _read(session, host, user_id)
            if len(self._zones) >= self._limit:
                self._zones.clear()
            self._zones[user_id] = (zone, present + SECONDS)
        return zone


def _read(session: Session, host: Host, user_id: int) -> str:
    user = host.table("user").c
    columns = [user.id, user.timezone] if host.has(Group.ZONE) else [user.id]
    found = session.connection().execute(select(*columns).where(user.id == user_id)).first()
    if found is None:
        raise UnknownUser(user_id)
    return host.zone_from(user_id, found[1] if len(found) > 1 else None)
