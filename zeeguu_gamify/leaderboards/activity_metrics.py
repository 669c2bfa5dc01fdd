"""What boards of activity count, as data, over the host's own rows (docs/contract.md §1.10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select

from zeeguu_gamify.host import Host

#: The outcomes of exercises that count, whatever their source.
CORRECT = ("C", "HC", "TC", "TTC", "TTTC")


@dataclass(frozen=True, slots=True)
class Rows:
    """The host's rows of a metric."""

    source: FromClause
    user_id: ColumnElement[int]
    at: ColumnElement[Any]  #: when it counts, naive UTC
    value: ColumnElement[int]  #: the aggregate
    only: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ActivityMetric:
    """One kind of activity."""

    code: str
    rows_of: Callable[[Host], Rows]
    is_time: bool = False  #: whether the value is milliseconds, not a count

    def sums(self, host: Host, *by: Callable[[Rows], ColumnElement[Any]]) -> Select[Any]:
        """SELECT metric, user_id, …, value of the host's rows, to which conditions are added."""
        rows = self.rows_of(host)
        keys = [rows.user_id, *(key(rows) for key in by)]
        return (
            select(literal(self.code).label("metric"), *keys, rows.value.label("value"))
            .select_from(rows.source)
            .where(*rows.only)
            .group_by(*keys)
        )


def _milliseconds(table: str) -> Callable[[Host], Rows]:
    """The durations of sessions; each counts whole for the instant at which it began."""

    def rows(host: Host) -> Rows:
        session = host.table(table)
        spent = func.coalesce(func.sum(session.c.duration), 0)
        return Rows(session, session.c.user_id, session.c.start_time, spent)

    return rows


def _articles(host: Host) -> Rows:
    article = host.table("user_article")
    return Rows(article, article.c.user_id, article.c.completed_at, func.count())


def _exercises(host: Host) -> Rows:
    """Exercises have no user: they belong to the owner of the word."""
    exercise, word, outcome = map(host.table, ("exercise", "user_word", "exercise_outcome"))
    joined = exercise.join(word, word.c.id == exercise.c.user_word_id).join(
        outcome, outcome.c.id == exercise.c.outcome_id
    )
    correct = outcome.c.outcome.in_(CORRECT)
    return Rows(joined, word.c.user_id, exercise.c.time, func.count(), (correct,))


#: Every metric by its code. A new one is a line here.
METRICS = {
    metric.code: metric
    for metric in (
        ActivityMetric("exercise_time", _milliseconds("user_exercise_session"), is_time=True),
        ActivityMetric("exercises_done", _exercises),
        ActivityMetric("read_articles", _articles),
        ActivityMetric("reading_time", _milliseconds("user_reading_session"), is_time=True),
        ActivityMetric("listening_time", _milliseconds("user_listening_session"), is_time=True),
    )
}
