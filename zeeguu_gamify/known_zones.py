"""Users' zones, remembered for a while: asking for each event would cost a statement each time."""

from __future__ import annotations

from collections.abc import Collection

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
        return self.of_all(session, host, (user_id,))[user_id]

    def of_all(self, session: Session, host: Host, user_ids: Collection[int]) -> dict[int, str]:
        """The zone of each, by one SELECT if not all are remembered. Raises UnknownUser."""
        present = clock.monotonic()
        known = {id_: self._zones[id_] for id_ in user_ids if id_ in self._zones}
        found = {id_: zone for id_, (zone, until) in known.items() if present < until}
        if len(found) < len(user_ids):
            read = _read(session, host, [id_ for id_ in user_ids if id_ not in found])
            self._remember(read, present + SECONDS)
            found |= read
        return found

    def _remember(self, zones: dict[int, str], until: float) -> None:
        if len(self._zones) + len(zones) > self._limit:
            self._zones.clear()
        self._zones |= {user_id: (zone, until) for user_id, zone in zones.items()}


def _read(session: Session, host: Host, user_ids: Collection[int]) -> dict[int, str]:
    user = host.table("user").c
    stored = host.has(Group.ZONE) and host.map.zone_of is None
    columns = [user.id, *([user.timezone] if stored else [])]
    wanted = select(*columns).where(user.id.in_(sorted(user_ids)))
    found = {row[0]: row[1] if stored else None for row in session.connection().execute(wanted)}
    for user_id in user_ids:
        if user_id not in found:
            raise UnknownUser(user_id)
    return {user_id: host.zone_from(user_id, zone) for user_id, zone in found.items()}
