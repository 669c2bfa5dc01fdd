"""Writing rows by their primary keys: one statement for all of them, on each dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, text


def dialect_of(connection: Connection) -> str:
    """`mysql`, MariaDB too, or `sqlite`: the two that write this differently."""
    return "sqlite" if connection.dialect.name == "sqlite" else "mysql"


def on_duplicate(dialect: str, key: Iterable[str]) -> str:
    """What an INSERT ends with before the assignments, when a row of that `key` is there."""
    if dialect == "sqlite":
        return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET"
    return "ON DUPLICATE KEY UPDATE"


def typed(statement: str, table: Table, **like: str) -> TextClause:
    """`statement` whose parameters have the types of the columns that are called like them.

    like: parameter → column, where the names differ. Untyped, SQLite would store an instant in
    another form than elsewhere.
    """
    clause = text(statement)
    names = {name: like.get(name, name) for name in clause.compile().params}
    return clause.bindparams(
        *(
            bindparam(name, type_=table.c[column].type)
            for name, column in names.items()
            if column in table.c
        )
    )


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make `table` have `rows`, which name the same columns, the primary key among them.

    The driver makes one statement of it, however many rows there are. Deletes none.
    """
    statement = _statement(dialect_of(connection), table, tuple(rows[0]))
    connection.execute(statement, rows)


@lru_cache(maxsize=64)
def _statement(dialect: str, table: Table, columns: tuple[str, ...]) -> TextClause:
    key = [column.name for column in table.primary_key]
    new = "excluded.{0}" if dialect == "sqlite" else "VALUES({0})"
    changes = ", ".join(f"{name} = {new.format(name)}" for name in columns if name not in key)
    marks = ", ".join(f":{name}" for name in columns)
    insert = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - ours
    return typed(f"{insert} {on_duplicate(dialect, key)} {changes}", table)
