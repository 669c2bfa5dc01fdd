"""The rule of friend streaks, pure: the lives of two users in, shared runs out.

A date is shared when both practised on it, each on their own calendar. A run goes on from one
shared date to the next iff neither of the two broke their own run in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from zeeguu_gamify.streaks import chain
from zeeguu_gamify.streaks.calendar import DAY


@dataclass(frozen=True, slots=True)
class Life:
    """The dates on which a user practised, each with the number of the run that it is in."""

    runs: Mapping[date, int] = field(default_factory=dict)

    @classmethod
    def of(cls, days: Mapping[date, str], bridges: Iterable[date]) -> Life:
        """By the rule of streaks. days: practised date → zone; bridges: bridged dates."""
        return cls(chain.numbers(days, bridges))

    def since(self, first: date | None) -> Life:
        """The life from a date on; all of it for None."""
        if first is None:
            return self
        return Life({day: number for day, number in self.runs.items() if day >= first})

    def joins(self, one: date, later: date) -> bool:
        """Whether both dates were practised, in one run."""
        number = self.runs.get(one)
        return number is not None and number == self.runs.get(later)


@dataclass(slots=True)
class SharedRun:
    """Shared dates without a break."""

    start: date
    last: date
    count: int


def shared_runs(one: Life, other: Life, given: Iterable[date] = ()) -> list[SharedRun]:
    """The shared runs, oldest first; `given` dates count as shared whatever the lives say."""
    found: list[SharedRun] = []
    for day in sorted((one.runs.keys() & other.runs.keys()) | {*given}):
        run = found[-1] if found else None
        if run and (day - run.last == DAY or _go_on(one, other, run.last, day)):
            run.last = day
            run.count += 1
        else:
            found.append(SharedRun(start=day, last=day, count=1))
    return found


def _go_on(one: Life, other: Life, last: date, day: date) -> bool:
    return one.joins(last, day) and other.joins(last, day)


def longest(found: Iterable[SharedRun]) -> SharedRun | None:
    """The first of the runs with the highest count."""
    return max(found, key=lambda run: run.count, default=None)
