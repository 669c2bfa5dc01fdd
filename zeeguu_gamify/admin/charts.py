"""Trend lines as SVG, drawn here: a page needs no script, and the picture has words beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from zeeguu_gamify.badges.award_days import Trend

#: Room for marks at the edges.
MARGIN = 4


@dataclass(frozen=True)
class Chart:
    """A trend, drawn in a box."""

    trend: Trend
    width: int = 132
    height: int = 36

    @property
    def _most(self) -> int:
        return max(self.trend.counts, default=0) or 1

    def _at(self, place: int, count: int) -> tuple[float, float]:
        step = (self.width - 2 * MARGIN) / max(1, len(self.trend.counts) - 1)
        rise = (self.height - 2 * MARGIN) * count / self._most
        return round(MARGIN + place * step, 1), round(self.height - MARGIN - rise, 1)

    @cached_property
    def _points(self) -> list[tuple[float, float]]:
        return [self._at(*point) for point in enumerate(self.trend.counts)]

    @property
    def line(self) -> str:
        """The points of a polyline."""
        return " ".join(f"{x},{y}" for x, y in self._points)

    @property
    def area(self) -> str:
        """The points of the polygon below it."""
        floor = self.height - MARGIN
        return f"{MARGIN},{floor} {self.line} {self.width - MARGIN},{floor}"

    @property
    def marks(self) -> list[tuple[float, float]]:
        """Where the spikes are."""
        days = zip(self.trend.days, self._points, strict=True)
        return [point for (day, _), point in days if day in self.trend.spikes]
