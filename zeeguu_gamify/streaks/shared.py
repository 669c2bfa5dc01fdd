"""The rule of friend streaks, pure: two users' practised and bridged dates in, shared runs out.

A date is shared when both practised on it, each on their own calendar. A run goes on from one
shared date to the next iff each of the two covered, by practice or bridge, every date between.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta

from zeeguu_gamify.clock import UTC_NAME
from zeeguu_gamify.streaks import calendar


@dataclass(slots=True)
class Life:
    """The dates of one user: practised, bridged, and the zone that says which dates exist."""

    practised: AbstractSet[date]
    bridged: AbstractSet[date] = field(default_factory=frozenset)
    zone: str = UTC_NAME

    def covers(self, first: date, last: date) -> bool:
        """Whether every date strictly between the two was practised, bridged or never was."""
        day = first + timedelta(days=1)
        while day < last:
            if self._missed(day):
                return False
            day += timedelta(days=1)
        return True

    def _missed(self, day: date) -> bool:
        lived = day in self.practised or day in self.bridged
        return not lived and calendar.exists(day, self.zone)


@dataclass(slots=True)
class SharedRun:
    """Shared dates without a break."""

    start: date
    last: date
    count: int


def shared_runs(one: Life, other: Life, given: Iterable[date] = ()) -> list[SharedRun]:
    """The shared runs, oldest first; `given` dates count as shared whatever the lives say."""
    granted = set(given)
    found: list[SharedRun] = []
    for day in sorted((one.practised & other.practised) | granted):
        run = found[-1] if found else None
        consecutive = run is not None and day - run.last == timedelta(days=1)
        if run and (consecutive or (one.covers(run.last, day) and other.covers(run.last, day))):
            run.last = day
            run.count += 1
        else:
            found.append(SharedRun(start=day, last=day, count=1))
    return found


def longest(found: Iterable[SharedRun]) -> SharedRun | None:
    """The first of the runs with the highest count."""
    return max(found, key=lambda run: run.count, default=None)
