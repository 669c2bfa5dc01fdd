"""A span of time, and which of it is rolled up: whole UTC days inside, open edges around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, true

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole UTC days."""

    first: date | None  #: None: from the beginning
    beyond: date  #: the first day after them

    def holds(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL: whether the date is one of them."""
        return and_(day < self.beyond, true() if self.first is None else day >= self.first)


@dataclass(frozen=True, slots=True)
class Edge:
    """Instants (UTC) from `first`, included, to `last`, which is included if it is `closed`."""

    first: datetime | None
    last: datetime
    closed: bool

    def holds(self, at: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL: whether the instant is one of them."""
        ends = at <= self.last if self.closed else at < self.last
        return and_(ends, true() if self.first is None else at >= self.first)


@dataclass(frozen=True, slots=True)
class Span:
    """Instants (UTC) from `first` to `last`, both included."""

    first: datetime | None  #: None: from the beginning
    last: datetime

    def split(self, rolled: date | None) -> tuple[Days | None, list[Edge]]:
        """The whole days that are rolled up, when all are up to `rolled`, and what is around them.

        The day of `last` is never whole: the host's instants may be finer than seconds.
        """
        if rolled is None or (self.first and self.first.date() > rolled):
            return None, [Edge(self.first, self.last, True)]
        begins = None if self.first is None else _midnight_from(self.first)
        ends = min(self.last.date(), rolled + DAY)
        if begins is not None and begins >= ends:
            return None, [Edge(self.first, self.last, True)]
        edges = [Edge(_midnight(ends), self.last, True)]
        if begins is not None and self.first is not None and self.first < _midnight(begins):
            edges.append(Edge(self.first, _midnight(begins), False))
        return Days(begins, ends), edges


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _midnight_from(at: datetime) -> date:
    """The first date that begins at `at` or later."""
    return at.date() if at.time() == time() else at.date() + DAY
