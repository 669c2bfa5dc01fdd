"""Boosts: times in which EXP count for more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from zeeguu_gamify.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Boost:
    """From `starts` until before `ends`, both UTC, what is gained counts so many percent.

    An event counts by its own instant. Caps hold all the same. Of several boosts at once the
    largest counts.
    """

    starts: datetime
    ends: datetime
    percent: int = 200
    causes: Collection[str] = ()  #: names of events; everything when there are none

    def check(self) -> None:
        """Raise ConfigError for a boost that cannot be meant."""
        if self.starts.tzinfo or self.ends.tzinfo or self.starts >= self.ends:
            raise ConfigError("A boost must end after it starts, both in UTC without a zone.")
        if type(self.percent) is not int or not 100 < self.percent <= 10_000:
            raise ConfigError(f"A boost is of 101 to 10000 whole percent, not {self.percent}.")

    def holds(self, cause: str, at: datetime) -> bool:
        """Whether it counts for what is gained by `cause` at `at` (UTC)."""
        return self.starts <= at < self.ends and (not self.causes or cause in self.causes)


def boosted(boosts: Iterable[Boost], cause: str, amount: int, at: datetime) -> int:
    """What `amount` counts for, rounded down."""
    percent = max((boost.percent for boost in boosts if boost.holds(cause, at)), default=100)
    return amount * percent // 100
