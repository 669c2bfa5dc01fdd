"""The streak rows of a user: moved by one statement, read back under their lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import OVERALL, Base, Streak
from zeeguu_gamify.streaks.calendar import DAY
from zeeguu_gamify.streaks.chain import Run
from zeeguu_gamify.upsert import dialect_of, on_duplicate, typed, upsert

TABLE: Table = Base.metadata.tables[Streak.__tablename__]
KEY = ("user_id", "language_id")

_INSERT = """
INSERT INTO streak (user_id, language_id, current, started, last_date, covered_to, bridged, zone,
    longest, longest_end, longest_at)
VALUES (:user_id, 0, 1, :day, :day, :day, NULL, :zone, 1, :day, :at){second}
"""
_SECOND = ", (:user_id, :language_id, 1, :day, :day, :day, NULL, :zone, 1, :day, :at)"

_IS_NEW = "last_date < :day"
_GOES_ON = "covered_to >= :before"
_GROWN = f"(CASE WHEN {_GOES_ON} THEN current + 1 ELSE 1 END)"
_IS_LONGEST = f"{_IS_NEW} AND {_GROWN} > longest"

#: In this order: MySQL assigns from left to right, so what others are made of comes last.
_MOVE = f"""
    longest_at = CASE WHEN {_IS_LONGEST} THEN :at ELSE longest_at END,
    longest_end = CASE WHEN {_IS_LONGEST} THEN :day ELSE longest_end END,
    longest = CASE WHEN {_IS_LONGEST} THEN {_GROWN} ELSE longest END,
    started = CASE WHEN {_IS_NEW} AND NOT {_GOES_ON} THEN :day ELSE started END,
    bridged = CASE WHEN {_IS_NEW} AND NOT {_GOES_ON} THEN NULL
        WHEN {_IS_NEW} AND :skipped IS NOT NULL THEN :skipped ELSE bridged END,
    current = CASE WHEN {_IS_NEW} THEN {_GROWN} ELSE current END,
    zone = CASE WHEN {_IS_NEW} THEN :zone ELSE zone END,
    covered_to = CASE WHEN covered_to < :day THEN :day ELSE covered_to END,
    last_date = CASE WHEN {_IS_NEW} THEN :day ELSE last_date END
"""

#: (dialect, whether there is a language besides the overall streak) → the statement.
_MOVES = {
    (dialect, second): typed(
        f"{_INSERT.format(second=_SECOND if second else '')} {on_duplicate(dialect, KEY)} {_MOVE}",
        TABLE,
        day="last_date",
        before="last_date",
        skipped="last_date",
        at="longest_at",
    )
    for dialect in ("mysql", "sqlite")
    for second in (False, True)
}


def move(
    session: Session,
    user_id: int,
    language_id: int,
    *,
    day: date,
    before: date,
    zone: str,
    at: datetime,
) -> None:
    """Let the overall streak and that of the language go on, or begin anew, with `day`.

    `before` is the latest existing date before it; one in between never was, and is bridged. A row
    that has the day, or a later one, stays as it is. Makes rows that are not there; locks both, the
    overall one first.
    """
    values = {
        "user_id": user_id, "language_id": language_id, "day": day, "before": before,
        "skipped": day - DAY if before < day - DAY else None, "zone": zone, "at": at,
    }  # fmt: skip
    if language_id == OVERALL:
        del values["language_id"]
    connection = session.connection()
    connection.execute(_MOVES[dialect_of(connection), language_id != OVERALL], values)


_OF_USER = select(TABLE).where(TABLE.c.user_id == bindparam("of_user")).with_for_update()


def locked(session: Session, user_id: int) -> dict[int, Row[Any]]:
    """The user's streak rows by language, as they are now, not as the transaction first saw them.

    The overall row must exist and be locked: a locking read of nothing would lock a gap.
    """
    rows = session.connection().execute(_OF_USER, {"of_user": user_id})
    return {row.language_id: row for row in rows}


def row_of(run: Run, **rest: Any) -> dict[str, Any]:
    """The columns of a streak row that `run` makes."""
    return {
        "current": run.count,
        "started": run.start,
        "last_date": run.last,
        "covered_to": run.covered_to,
        "bridged": run.bridged,
        **rest,
    }


def replace(session: Session, user_id: int, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write whole rows, by language, in one statement; does not delete any."""
    values = [
        {"user_id": user_id, "language_id": language_id, **rows[language_id]}
        for language_id in sorted(rows)
    ]
    if values:
        upsert(session.connection(), TABLE, values)
