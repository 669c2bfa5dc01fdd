"""The zones of the world at an instant, as temporary tables that set-based work joins.

Grouped by name, not by offset: offsets that agree today differ on the day clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    String,
    cast,
    func,
    insert,
    literal,
    select,
)

from zeeguu_gamify import clock
from zeeguu_gamify.host import Group
from zeeguu_gamify.models.base import ExternalKey
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import calendar
from zeeguu_gamify.temporary import make_temporary, temporary

#: No server opens a temporary table twice in one statement; two friends need two.
SIDES = (0, 1)
_CHUNK = 5_000
#: So long after a date began somewhere, it has begun everywhere.
WIDEST = timedelta(hours=26)


_ZONES = tuple(
    temporary(
        f"gamify_zone_{side}",
        Column("name", String(64), primary_key=True),
        Column("today", ExternalKey(10)),
        Column("cutoff", Date),
        Column("cutoff_at", DateTime),
        Column("alive_from", DateTime),
        Column("ends_at", DateTime),
        Column("ends_soon", Boolean),
    )
    for side in SIDES
)
#: For hosts that know zones only by a function.
_USERS = tuple(
    temporary(
        f"gamify_user_zone_{side}",
        Column("user_id", Integer, primary_key=True, autoincrement=False),
        Column("name", String(64)),
    )
    for side in SIDES
)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """The present in a zone."""

    today: date
    cutoff: date  #: the latest existing date before today: a run must be covered up to it
    cutoff_at: datetime  #: UTC, when that date began
    alive_from: datetime  #: UTC; who practised since then did so on that date, or later
    ends_at: datetime  #: UTC, when today is over

    @classmethod
    def of(cls, zone: str, at: datetime) -> LocalDay:
        """The local day of `at` (UTC) in the zone."""
        today = clock.local_date(at, zone)
        cutoff = calendar.before(today, zone)
        cutoff_at = calendar.begins(cutoff, zone)
        return cls(
            today=today,
            cutoff=cutoff,
            cutoff_at=cutoff_at,
            alive_from=cutoff_at + WIDEST,
            ends_at=calendar.begins(calendar.after(today, zone), zone),
        )

    def columns(self, at: datetime, soon: timedelta) -> dict[str, Any]:
        """The columns of a zone's row; `soon` before midnight a streak is at risk."""
        return {
            "today": self.today.isoformat(),
            "cutoff": self.cutoff,
            "cutoff_at": self.cutoff_at,
            "alive_from": self.alive_from,
            "ends_at": self.ends_at,
            "ends_soon": self.ends_soon(at, soon),
        }

    def ends_soon(self, at: datetime, soon: timedelta) -> bool:
        """Whether at `at` (UTC) today is over in no longer than `soon`."""
        return self.ends_at - at <= soon


@dataclass(frozen=True, slots=True)
class Zoned:
    """The local day of a user in a statement: what to join, and its columns."""

    joins: tuple[tuple[FromClause, ColumnElement[bool]], ...]
    columns: Mapping[str, ColumnElement[Any]]

    def join(self, statement: Select[Any]) -> Select[Any]:
        """`statement` with the zone joined; users without a known one stay, in UTC."""
        for table, on in self.joins:
            statement = statement.outerjoin(table, on)
        return statement

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        """A column of the local day, see `LocalDay`."""
        try:
            return self.columns[name]
        except KeyError:
            raise AttributeError(name) from None


class Zones:
    """The temporary tables of one connection."""

    def __init__(self, connection: Connection, mount: Mount, at: datetime) -> None:
        """Make and fill them; the connection is in autocommit mode."""
        self._host = mount.host
        self._on_sqlite = connection.dialect.name == "sqlite"
        self._soon = timedelta(hours=mount.config.at_risk_hours)
        self._utc = LocalDay.of(clock.UTC_NAME, at).columns(at, self._soon)
        rows = [
            {"name": name, **LocalDay.of(name, at).columns(at, self._soon)} for name in _names()
        ]
        for table in _ZONES:
            make_temporary(connection, table)
            connection.execute(insert(table), rows)
        if self._host.map.zone_of is not None:
            for table in _USERS:
                make_temporary(connection, table)
                for chunk in self._zones_by_function(connection):
                    connection.execute(insert(table), chunk)

    def of(self, user_id: ColumnElement[int], side: int = 0) -> Zoned:
        """The local day of the user whose id is that column."""
        zone, owners, name = _ZONES[side], _USERS[side], None
        joins: list[tuple[FromClause, ColumnElement[bool]]] = []
        if self._host.map.zone_of is not None:
            joins.append((owners, owners.c.user_id == user_id))
            name = owners.c.name
        elif self._host.has(Group.ZONE):
            user = self._host.table("user").alias(f"user_{side}")
            joins.append((user, user.c.id == user_id))
            name = user.c.timezone
        utc = {key: self._literal(value, zone.c[key]) for key, value in self._utc.items()}
        if name is None:
            return Zoned((), utc)
        joins.append((zone, zone.c.name == name))
        known = {key: func.coalesce(zone.c[key], value) for key, value in utc.items()}
        return Zoned(tuple(joins), known)

    def _literal(self, value: Any, like: Column[Any]) -> ColumnElement[Any]:
        """A date that stays one: MySQL makes a text of a date or a parameter, SQLite of a cast."""
        found = literal(value, like.type)
        is_time = isinstance(like.type, Date | DateTime)
        return cast(found, like.type) if is_time and not self._on_sqlite else found

    def _zones_by_function(self, connection: Connection) -> Iterator[list[dict[str, Any]]]:
        user = self._host.table("user")
        ids = iter(connection.execute(select(user.c.id)).scalars().all())
        while chunk := list(islice(ids, _CHUNK)):
            yield [{"user_id": one, "name": self._host.zone_from(one, None)} for one in chunk]


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    """All of the IANA database; finding them reads many files."""
    return tuple(sorted(available_timezones()))
