"""Which of our columns name a user: read from the foreign keys, so that no table is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Column, Table, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import USER_STUB, gamify_tables


def columns_naming_users() -> Iterator[tuple[Table, Column[int], bool]]:
    """(table, column, whether the row goes with the user), children before parents."""
    for table in reversed(gamify_tables()):
        for column in table.c:
            for key in column.foreign_keys:
                if key.column.table is USER_STUB:
                    yield table, column, key.ondelete == "CASCADE"


def count_rows(session: Session, user_id: int) -> dict[str, int]:
    """How many rows of which table name the user; without those of which none does."""
    found: Counter[str] = Counter()
    for table, column, _ in columns_naming_users():
        count = select(func.count()).select_from(table).where(column == user_id)
        found[table.name] += session.connection().execute(count).scalar_one()
    return dict(+found)
