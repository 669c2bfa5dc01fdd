"""Boards of activity: who did how much within a span, over days that are rolled up and raw rows.

Closed days come from `activity_day`; the first and last hours, and what is younger than the
roll-up, from the host's own rows. A host that never ran the job has raw rows only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.leaderboards.activity_metrics import METRICS, ActivityMetric
from zeeguu_gamify.leaderboards.activity_span import Days, Span
from zeeguu_gamify.models import ActivityDay, Setting
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.settings import ACTIVITY_ROLLED

#: Metric → user id → sum; who did nothing is not in it.
Totals = Mapping[str, Mapping[int, int]]


def metric_called(code: str | None) -> ActivityMetric:
    """The metric of that code; raises BadInput with the contract's message."""
    try:
        return METRICS[code or ""]
    except KeyError:
        raise BadInput("Invalid leaderboard metric") from None


def board(
    session: Session, mount: Mount, members: Select[Any], metric: ActivityMetric, span: Span
) -> list[tuple[Row[Any], int]]:
    """Every row of `members`, which has an `id`, with the member's sum: two statements.

    Most first, then by id.
    """
    rows, totals = with_totals(session, mount, members, [metric], span)
    sums = totals[metric.code]
    found = [(row, sums.get(row.id, 0)) for row in rows]
    return sorted(found, key=lambda one: (-one[1], one[0].id))


def with_totals(
    session: Session,
    mount: Mount,
    members: Select[Any],
    metrics: Sequence[ActivityMetric],
    span: Span,
) -> tuple[Sequence[Row[Any]], Totals]:
    """The rows of `members`, which have an `id`, and their sums: two statements."""
    rows = session.connection().execute(members.add_columns(_rolled())).all()
    if not rows:
        return rows, {metric.code: {} for metric in metrics}
    rolled = rows[0].rolled and date.fromisoformat(rows[0].rolled)
    return rows, totals(session, mount, metrics, span, rolled, [row.id for row in rows])


def _rolled() -> Any:
    """The setting, beside the members: with them it is of one snapshot."""
    wanted = select(Setting.value).where(Setting.name == ACTIVITY_ROLLED)
    return wanted.scalar_subquery().label("rolled")


def totals(
    session: Session,
    mount: Mount,
    metrics: Sequence[ActivityMetric],
    span: Span,
    rolled: date | None,
    user_ids: Sequence[int],
) -> Totals:
    """The sums of these users, when the days up to `rolled` are rolled up: one statement."""
    sums: dict[str, dict[int, int]] = {metric.code: {} for metric in metrics}
    parts = [
        part for metric in metrics for part in _parts(mount, metric, span, rolled, user_ids)
    ]  # fmt: skip
    found = union_all(*parts).subquery("activity").c
    wanted = select(found.metric, found.user_id, func.sum(found.value).label("value"))
    for row in session.connection().execute(wanted.group_by(found.metric, found.user_id)):
        sums[row.metric][row.user_id] = int(row.value)
    return sums


def _parts(
    mount: Mount,
    metric: ActivityMetric,
    span: Span,
    rolled: date | None,
    user_ids: Sequence[int],
) -> Iterator[Select[Any]]:
    days, edges = span.split(rolled)
    rows = metric.rows_of(mount.host)
    for edge in edges:
        members = rows.user_id.in_(user_ids)
        yield metric.sums(mount.host).where(members, edge.holds(rows.at))
    if days is not None:
        yield _rolled_up(metric, days, user_ids)


def _rolled_up(metric: ActivityMetric, days: Days, user_ids: Sequence[int]) -> Select[Any]:
    """The same as `ActivityMetric.sums`, of whole days."""
    day = ActivityDay.__table__.c
    columns: list[Any] = [literal(metric.code).label("metric"), day.user_id, func.sum(day.value)]
    return (
        select(*columns)
        .where(day.user_id.in_(user_ids), day.metric == metric.code, days.holds(day.utc_day))
        .group_by(day.user_id)
    )
