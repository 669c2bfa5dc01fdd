"""How many grants a badge had on each day, and the days on which that ran wild."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import AwardAction, BadgeAwardLog

#: So many days are looked at, today included.
DAYS = 28
#: A spike is more than so many times the median of the days before it, and not just a few.
TIMES, BEFORE, FEW = 3, 14, 10

SPIKE_RULE = (
    f"a day with at least {FEW} grants, and more than {TIMES} times the median of the "
    f"{BEFORE} days before it"
)


@dataclass(frozen=True)
class Trend:
    """The grants of a badge by UTC day, the oldest first; the last day is not over yet."""

    first: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Of all days."""
        return sum(self.counts)

    @cached_property
    def spikes(self) -> dict[date, int]:
        """The days that ran wild; the first ones have too few before them to tell."""
        return {
            day: count
            for place, (day, count) in enumerate(self.days)
            if place >= BEFORE and is_spike(count, self.counts[place - BEFORE : place])
        }

    @property
    def days(self) -> list[tuple[date, int]]:
        """Day by day."""
        return [(self.first + timedelta(days=n), count) for n, count in enumerate(self.counts)]

    def in_words(self) -> str:
        """What a picture of it shows."""
        most = max(self.counts, default=0)
        if not most:
            return f"No grants in {len(self.counts)} days."
        best = self.first + timedelta(days=self.counts.index(most))
        grants = f"{self.total:,} grant{'s' if self.total != 1 else ''}"
        said = f"{grants} in {len(self.counts)} days, most on {best}: {most:,}."
        wild = ", ".join(f"{day}: {count:,}" for day, count in self.spikes.items())
        return said + (f" Spikes: {wild}." if wild else "")

    def __str__(self) -> str:
        """For a CSV."""
        return " ".join(map(str, self.counts))


def is_spike(count: int, before: Sequence[int]) -> bool:
    """Whether a day with so many grants, after these, ran wild."""
    return count >= FEW and count > TIMES * median(before)


def trends(session: Session, at: datetime, badge_id: int | None = None) -> Mapping[int, Trend]:
    """Badge id → the last `DAYS` days before `at` (UTC); badges without a grant are not there.

    One SELECT of the days' lines in the award log; of one badge only, when given.
    """
    first = at.date() - timedelta(days=DAYS - 1)
    line = BadgeAwardLog.__table__.c
    day = func.date(line.at)
    wanted = (
        select(line.badge_id, day.label("day"), func.count().label("grants"))
        .where(line.at >= datetime.combine(first, time()), line.action == AwardAction.GRANTED)
        .group_by(line.badge_id, day)
    )
    if badge_id is not None:
        wanted = wanted.where(line.badge_id == badge_id)
    found: dict[int, Counter[date]] = {}
    for row in session.connection().execute(wanted):
        on = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)
        found.setdefault(row.badge_id, Counter())[on] += row.grants
    return {id_: trend(first, counts) for id_, counts in found.items()}


def trend(first: date, counts: Mapping[date, int]) -> Trend:
    """The trend of these counts, from `first` on."""
    days = (first + timedelta(days=n) for n in range(DAYS))
    return Trend(first, tuple(counts.get(day, 0) for day in days))


def no_trend(at: datetime) -> Trend:
    """The trend of a badge without grants."""
    return trend(at.date() - timedelta(days=DAYS - 1), {})
