"""The rule of streaks, pure: practised dates and bridges in, runs out.

A run breaks iff a whole existing local date was missed and not bridged; one that never existed is
bridged by itself. A bridge never adds to the count, except a repair, which does. It covers only a
date right behind one that is covered: a bridge in the void begins no run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zeeguu_gamify.clock import UTC_NAME
from zeeguu_gamify.streaks.calendar import DAY, before


@dataclass(slots=True)
class Run:
    """Consecutive dates, each practised or bridged, beginning with a practised one."""

    start: date
    last: date  #: last practised (or repaired) date
    count: int  #: practised and repaired dates
    covered_to: date  #: last practised or bridged date
    bridged: date | None = None  #: last bridged date


def runs(days: Mapping[date, str], bridges: Mapping[date, bool]) -> list[Run]:
    """The runs of a user, oldest first.

    days: practised date → the zone it was lived in.
    bridges: bridged date → whether it counts (a repair).
    """
    found: list[Run] = []
    zone = UTC_NAME
    for day in sorted(days.keys() | bridges.keys()):
        practised = day in days
        zone = days.get(day, zone)
        previous = before(day, zone)
        if found and previous <= found[-1].covered_to:
            if previous < day - DAY:
                found[-1].bridged = day - DAY
            _extend(found[-1], day, practised=practised, counts=bridges.get(day, False))
        elif practised:
            found.append(Run(start=day, last=day, count=1, covered_to=day))
    return found


def _extend(run: Run, day: date, *, practised: bool, counts: bool) -> None:
    run.covered_to = day
    if practised or counts:
        run.count += 1
        run.last = day
    if not practised:
        run.bridged = day


def numbers(days: Mapping[date, str], bridges: Iterable[date]) -> dict[date, int]:
    """Practised date → the number of the run that it is in."""
    starts = [run.start for run in runs(days, dict.fromkeys(bridges, False))]
    return {day: bisect_right(starts, day) for day in days}


def longest(found: Iterable[Run]) -> Run | None:
    """The first of the runs with the highest count."""
    return max(found, key=lambda run: run.count, default=None)
