"""Which of our columns name a user: read from the foreign keys, so that no table is left out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Table

from zeeguu_gamify.models import USER_STUB, gamify_tables


def columns_naming_users() -> Iterator[tuple[Table, Column[int], bool]]:
    """(table, column, whether the row goes with the user), children before parents."""
    for table in reversed(gamify_tables()):
        for column in table.c:
            for key in column.foreign_keys:
                if key.column.table is USER_STUB:
                    yield table, column, key.ondelete == "CASCADE"
