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
