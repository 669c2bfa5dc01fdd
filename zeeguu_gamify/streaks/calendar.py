"""Local dates of a zone: which exist, and which comes before which."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from zeeguu_gamify import clock

DAY = timedelta(days=1)


@lru_cache(maxsize=65_536)
def exists(day: date, zone_name: str) -> bool:
    """Whether anybody in the zone lived `day`: Apia had no 30 December 2011."""
    zone = clock.zone(zone_name)
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def before(day: date, zone_name: str) -> date:
    """The latest date before `day` that exists in the zone."""
    day -= DAY
    while not exists(day, zone_name):
        day -= DAY
    return day


def after(day: date, zone_name: str) -> date:
    """The earliest date after `day` that exists in the zone."""
    day += DAY
    while not exists(day, zone_name):
        day += DAY
    return day


def between(first: date, last: date, zone_name: str) -> list[date]:
    """The dates that exist in the zone between the two, both excluded."""
    found = []
    day = after(first, zone_name)
    while day < last:
        found.append(day)
        day = after(day, zone_name)
    return found


def begins(day: date, zone_name: str) -> datetime:
    """When the date begins in the zone: naive UTC."""
    return clock.to_utc(datetime.combine(day, time(), clock.zone(zone_name)))
