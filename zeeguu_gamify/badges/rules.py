"""The tests of badges, as data: each asks for one thing, and says in words what. See `trees`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from zeeguu_gamify import clock

if TYPE_CHECKING:
    from zeeguu_gamify.badges.snapshot import Snapshot
    from zeeguu_gamify.events import Event

#: What an event must satisfy to count.
EventCondition = Callable[["Event"], bool]

#: The snapshot field with the user's local date of joining.
JOINED = "joined"
#: Snapshot fields that are dates; all others are whole numbers.
DATES = frozenset({JOINED})


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a test asks for, and what the user has."""

    text: str  #: e.g. "TRANSLATED_WORDS is at least 10"
    metric: str | None  #: the snapshot field, when it is about one
    value: int | str | None  #: what the user has
    wanted: int | str | None  #: what it takes
    passed: bool


class BadgeTest(Protocol):
    """What a badge asks of a user."""

    @property
    def metrics(self) -> frozenset[str]:
        """The snapshot fields that it reads."""

    def passes(self, snapshot: Snapshot) -> bool:
        """Whether the user has done it."""

    def conditions(self, snapshot: Snapshot) -> list[Condition]:
        """What it asks for, leaf by leaf, each as it stands in the snapshot."""

    def in_words(self) -> str:
        """The test as one reads it; it changes when the rule does."""


class _Leaf:
    """A test of one thing: it passes when its one condition does."""

    __slots__ = ()

    @property
    def metrics(self) -> frozenset[str]:
        """The field it names; none, when it reads the instant or the event."""
        name: str | None = getattr(self, "metric", None)
        return frozenset(() if name is None else {name})

    def _condition(self, snapshot: Snapshot) -> Condition:
        raise NotImplementedError

    def passes(self, snapshot: Snapshot) -> bool:
        return self._condition(snapshot).passed

    def conditions(self, snapshot: Snapshot) -> list[Condition]:
        return [self._condition(snapshot)]


@dataclass(frozen=True, slots=True)
class AtLeast(_Leaf):
    """Passed once `metric` has reached `threshold`."""

    metric: str
    threshold: int

    def in_words(self) -> str:
        """E.g. "FRIENDS is at least 3"."""
        return f"{self.metric} is at least {self.threshold}"

    def _condition(self, snapshot: Snapshot) -> Condition:
        value = snapshot.number(self.metric)
        passed = value >= self.threshold
        return Condition(self.in_words(), self.metric, value, self.threshold, passed)


@dataclass(frozen=True, slots=True)
class Below(_Leaf):
    """Passed while `metric` has not reached `threshold`; for composites."""

    metric: str
    threshold: int

    def in_words(self) -> str:
        """E.g. "FRIENDS is below 3"."""
        return f"{self.metric} is below {self.threshold}"

    def _condition(self, snapshot: Snapshot) -> Condition:
        value = snapshot.number(self.metric)
        passed = value < self.threshold
        return Condition(self.in_words(), self.metric, value, self.threshold, passed)


@dataclass(frozen=True, slots=True)
class Before(_Leaf):
    """Passed when the date `metric` lies before `day`, e.g. for users of the first year."""

    metric: str
    day: date

    def in_words(self) -> str:
        """E.g. "joined is before 2026-01-01"."""
        return f"{self.metric} is before {self.day}"

    def _condition(self, snapshot: Snapshot) -> Condition:
        value = snapshot.day(self.metric)
        shown = None if value is None else str(value)
        passed = value is not None and value < self.day
        return Condition(self.in_words(), self.metric, shown, str(self.day), passed)


@dataclass(frozen=True, slots=True)
class LocalHours(_Leaf):
    """Passed from hour `start` until hour `end` of the user's own clock; may span midnight."""

    start: int
    end: int

    def in_words(self) -> str:
        """E.g. "the local time is from 22:00 to 04:00"."""
        return f"the local time is from {self.start:02}:00 to {self.end:02}:00"

    def _condition(self, snapshot: Snapshot) -> Condition:
        local = snapshot.at + clock.offset(snapshot.at, snapshot.zone)
        end = self.end if self.end > self.start else self.end + 24
        since = local - timedelta(hours=self.start)
        passed = since.hour < end - self.start
        return Condition(self.in_words(), None, f"{local:%H:%M}", None, passed)


@dataclass(frozen=True, slots=True)
class WonInSeason(_Leaf):
    """Passed by nothing that a user's facts tell: the job that settles a season gives the prize."""

    def in_words(self) -> str:
        """The same of every prize."""
        return "won by a place in a season"

    def _condition(self, _snapshot: Snapshot) -> Condition:
        return Condition(self.in_words(), None, None, None, passed=False)


def _any(_event: Event) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class EventWas(_Leaf):
    """Passed by an event called `name` that satisfies `condition`, which `text` puts in words.

    Only that event passes it: afterwards nobody can tell, so it is for one-offs, which remember
    that it was done, and for composites, which are tested when it comes.
    """

    name: str
    condition: EventCondition = _any
    text: str = ""

    def in_words(self) -> str:
        """E.g. "the event is quiz.completed: without an error"."""
        return f"the event is {self.name}" + (f": {self.text}" if self.text else "")

    def is_met_by(self, event: Event) -> bool:
        """Whether `event` counts."""
        return event.name == self.name and self.condition(event)

    def _condition(self, snapshot: Snapshot) -> Condition:
        event = snapshot.event
        passed = event is not None and self.is_met_by(event)
        return Condition(self.in_words(), None, event.name if event else None, self.name, passed)
