"""Temporary tables of a connection, with which set-based work joins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table


def temporary(name: str, *columns: Column[Any]) -> Table:
    """A temporary table; text in it is compared byte by byte, as Python compares."""
    return Table(
        name, MetaData(), *columns, prefixes=["TEMPORARY"], mysql_engine="InnoDB",
        mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin",
    )  # fmt: skip


def make_temporary(connection: Connection, table: Table) -> None:
    """Make a temporary table, which `drop_temporary` will drop."""
    _made(connection).append(table)
    table.create(connection, checkfirst=False)


def drop_temporary(connection: Connection) -> None:
    """Leave the connection as it was; it goes back to the pool."""
    temporary = "" if connection.dialect.name == "sqlite" else "TEMPORARY "
    while made := _made(connection):
        connection.exec_driver_sql(f"DROP {temporary}TABLE IF EXISTS {made.pop()}")


def _made(connection: Connection) -> list[Table]:
    found: list[Table] = connection.info.setdefault("gamify.temporary", [])
    return found
