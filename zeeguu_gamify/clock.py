"""The only module that reads the time: now in UTC, a zone by its name, a person's local date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: Shown and stored when a user has no zone, or one that is not in the IANA database.
UTC_NAME = "UTC"


def now() -> datetime:
    """The present as naive UTC in whole seconds, the form of every DATETIME of ours."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def monotonic() -> float:
    """Seconds of a clock that never goes back, for time-outs and refreshes."""
    return time.monotonic()


def to_utc(instant: datetime) -> datetime:
    """`instant` as naive UTC in whole seconds; a naive one is taken as UTC already."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    return instant.replace(microsecond=0)


@lru_cache(maxsize=1024)
def zone(name: str | None) -> ZoneInfo:
    """The zone called `name`; UTC when it is None or unknown (docs/contract.md §3.3)."""
    try:
        return ZoneInfo(name or UTC_NAME)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(UTC_NAME)


def local_date(instant: datetime, zone_name: str | None) -> date:
    """The calendar date on which a person in `zone_name` lived `instant` (naive UTC)."""
    return instant.replace(tzinfo=UTC).astimezone(zone(zone_name)).date()


def is_zone(name: str) -> bool:
    """Whether `name` is in the IANA database."""
    return name == UTC_NAME or zone(name).key != UTC_NAME


def offset(instant: datetime, zone_name: str | None) -> timedelta:
    """How far the clocks of the zone were ahead of UTC at `instant` (naive UTC)."""
    return instant.replace(tzinfo=UTC).astimezone(zone(zone_name)).utcoffset() or timedelta()


def epoch_seconds(instant: datetime) -> int:
    """Seconds since 1970 of `instant` (naive UTC)."""
    return int(instant.replace(tzinfo=UTC).timestamp())
