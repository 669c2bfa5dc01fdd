"""How each mechanism moves a metric: what is reached by each push, and where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, pairwise, starmap
from typing import NamedTuple

from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import Event
from zeeguu_gamify.models import Mechanism


class Step(NamedTuple):
    """A move of a metric."""

    old: int
    new: int


@dataclass(slots=True)
class Push:
    """One reason to move a metric: by `amount`, or to `value`."""

    event: str
    at: datetime
    event_id: str | None = None
    amount: int = 1
    value: int | None = None
    new_badges: list[LiveBadge] = field(default_factory=list)
    happened: Event | None = None  #: the event itself, when there was one


class Course(NamedTuple):
    """How far the pushes of a move reached, one by one, and where the metric is now."""

    steps: Sequence[Step]
    end: int  #: below the last step where a gauge has fallen

    @property
    def low(self) -> int:
        """The lowest it was."""
        return min(self.steps[0].old, self.end)

    @property
    def high(self) -> int:
        """The highest it was."""
        return self.steps[-1].new


def _add(row: ProgressRow, pushes: Sequence[Push]) -> Course:
    """A COUNTER goes up push by push."""
    amounts = [push.amount for push in pushes]
    new = row.add(sum(amounts))
    return Course(_steps(accumulate(amounts, initial=new - sum(amounts))), new)


def _put(row: ProgressRow, pushes: Sequence[Push]) -> Course:
    """A GAUGE ends at the last value, but each peak on the way was reached."""
    return by_peaks(row.put(_value_of(pushes[-1])), pushes)


def by_peaks(old: int, pushes: Sequence[Push]) -> Course:
    """The course of a gauge that was at `old`, one value for each push."""
    values = [_value_of(push) for push in pushes]
    return Course(_steps(accumulate(values, max, initial=old)), values[-1])


def _once(row: ProgressRow, pushes: Sequence[Push]) -> Course:
    """Something done ONE_TIME is done by the first push."""
    return Course([Step(row.make(), 1), *[Step(1, 1)] * (len(pushes) - 1)], 1)


def _steps(values: Iterable[int]) -> list[Step]:
    return list(starmap(Step, pairwise(values)))


#: How each mechanism moves a row.
COURSES = {Mechanism.COUNTER: _add, Mechanism.GAUGE: _put, Mechanism.ONE_TIME: _once}


def _value_of(push: Push) -> int:
    if push.value is None:
        raise BadInput(f"value: {push.event} sets a gauge and needs its value")
    return push.value
