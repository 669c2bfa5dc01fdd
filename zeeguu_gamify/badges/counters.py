"""Counters against their ledgers: what is written elsewhere decides what a metric should say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Insert, bindparam, func, select, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.models import EventReceipt, Mechanism, UserBadgeProgress
from zeeguu_gamify.mount import Mount

_PROGRESS: Any = UserBadgeProgress.__table__

#: (user id, metric) → what the metric should say. Whom a ledger does not know, it leaves out.
Said = Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows from which metrics can be told again."""

    name: str
    read: Callable[[Session, Mount, Sequence[int], datetime], Said]  #: a constant number of SELECTs
    is_floor: bool  #: whether it may not know everything, so that only less than it says is wrong


class _Wrong(NamedTuple):
    user_id: int
    family_id: int
    seen: int | None  #: None: there is no row
    value: int


def mend(
    session: Session,
    mount: Mount,
    user_ids: Sequence[int],
    at: datetime,
    ledgers: Iterable[Ledger],
    *,
    write: bool = True,
) -> int:
    """Make the users' metrics agree with `ledgers`; how many were wrong. Does not commit.

    A metric that moves while this looks is left to the next time. Grants nothing: see `backfill`.
    """
    if not user_ids:
        return 0
    seen = _values(session, user_ids)
    wrong: dict[tuple[int, int], _Wrong] = {}
    for ledger in ledgers:
        for found in _compare(mount, ledger, ledger.read(session, mount, user_ids, at), seen):
            wrong[found.user_id, found.family_id] = found
    if write:
        _put(session.connection(), [wrong[key] for key in sorted(wrong)])
    return len(wrong)


def make_rows(connection: Connection, rows: Sequence[tuple[int, int, int]]) -> None:
    """Make progress rows (user id, category id, value) where there are none; one statement."""
    now = clock.now()
    values = [
        {"user_id": user, "badge_category_id": family, "value": value, "updated_at": now}
        for user, family, value in rows
    ]
    if values:
        connection.execute(_insert_if_missing(connection), values)


def _insert_if_missing(connection: Connection) -> Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(_PROGRESS).on_conflict_do_nothing()
    return mysql.insert(_PROGRESS).on_duplicate_key_update(value=_PROGRESS.c.value)


def _values(session: Session, user_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    rows = session.connection().execute(
        select(_PROGRESS.c.user_id, _PROGRESS.c.badge_category_id, _PROGRESS.c.value).where(
            _PROGRESS.c.user_id.in_(list(user_ids))
        )
    )
    return {(row.user_id, row.badge_category_id): row.value for row in rows}


def _compare(
    mount: Mount, ledger: Ledger, said: Said, seen: Mapping[tuple[int, int], int]
) -> Iterator[_Wrong]:
    """What differs; a metric without a badge counts nothing, and 0 needs no row."""
    for (user_id, metric), value in said.items():
        family = mount.live.by_metric.get(metric)
        if family is None:
            continue
        has = seen.get((user_id, family.id))
        if (has or 0) < value or ((has or 0) > value and not ledger.is_floor):
            yield _Wrong(user_id, family.id, has, value)


def _put(connection: Connection, wrong: Sequence[_Wrong]) -> None:
    make_rows(
        connection, [(one.user_id, one.family_id, one.value) for one in wrong if one.seen is None]
    )
    moved = [
        {"of_user": one.user_id, "of_family": one.family_id, "seen": one.seen, "new": one.value,
         "now": clock.now()}
        for one in wrong
        if one.seen is not None
    ]  # fmt: skip
    if moved:
        connection.execute(_move_back(), moved)


def _move_back() -> Any:
    row = _PROGRESS.c
    return (
        update(_PROGRESS)
        .where(
            row.user_id == bindparam("of_user"),
            row.badge_category_id == bindparam("of_family"),
            row.value == bindparam("seen"),
        )
        .values(value=bindparam("new"), updated_at=bindparam("now"))
    )


def by_receipts(
    session: Session, mount: Mount, user_ids: Sequence[int], _at: datetime
) -> dict[tuple[int, str], int]:
    """What the counted events that had an id come to, by COUNTER; one SELECT.

    Events without an id leave no receipt, and old receipts may have been pruned: it is a floor.
    """
    metrics = {
        event.name: event.metric
        for event in mount.events.values()
        if event.metric
        and event.moves is Mechanism.COUNTER
        and event.metric in mount.live.by_metric
    }
    if not metrics:
        return {}
    receipt = EventReceipt.__table__.c
    rows = session.connection().execute(
        select(receipt.user_id, receipt.event, func.sum(receipt.amount).label("total"))
        .where(receipt.user_id.in_(list(user_ids)), receipt.event.in_(sorted(metrics)))
        .group_by(receipt.user_id, receipt.event)
    )
    found: dict[tuple[int, str], int] = {}
    for row in rows:
        key = (row.user_id, metrics[row.event])
        found[key] = found.get(key, 0) + int(row.total)
    return found
