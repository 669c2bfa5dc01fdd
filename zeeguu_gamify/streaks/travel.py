"""The rule of journeys, pure: which missed date moving to another zone explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from zeeguu_gamify import clock
from zeeguu_gamify.models import BridgeKind
from zeeguu_gamify.streaks import calendar

#: A journey explains a date at most once in so many days, and only between practices this close.
EVERY = timedelta(days=7)
WITHIN = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Stay:
    """Where and when a user practised on a date; of several languages, the first of each."""

    zone: str
    first_at: datetime | None  #: UTC; None where it is not known
    last_at: datetime | None


def has_moved(before: str, zone: str, at: datetime) -> bool:
    """Whether the clocks of the two zones differ at `at` (UTC): Berlin to Paris is no journey."""
    return clock.offset(at, before) != clock.offset(at, zone)


def explained(stays: Mapping[date, Stay], bridges: Mapping[date, BridgeKind]) -> set[date]:
    """The dates that journeys explain and that are not bridged for them yet.

    A freeze that was used for such a date was not needed. What was explained once stays so.
    """
    kept = {day for day, kind in bridges.items() if kind is BridgeKind.TRAVEL and day not in stays}
    covered = {day for day, kind in bridges.items() if kind is not BridgeKind.FREEZE}
    found: set[date] = set()
    for day, later in pairwise(sorted(stays)):
        missed = _missed(day, later, stays[later].zone, covered)
        if (
            len(missed) == 1
            and _is_journey(stays[day], stays[later])
            and all(abs(missed[0] - other) >= EVERY for other in kept | found)
        ):
            found.add(missed[0])
    return found


def _missed(day: date, later: date, zone: str, covered: set[date]) -> list[date]:
    """What was missed between two practised dates; dates far apart are no journey."""
    if later - day > EVERY:
        return []
    return [missed for missed in calendar.between(day, later, zone) if missed not in covered]


def _is_journey(one: Stay, later: Stay) -> bool:
    if one.last_at is None or later.first_at is None:
        return False
    close = later.first_at - one.last_at < WITHIN
    return close and has_moved(one.zone, later.zone, later.first_at)
