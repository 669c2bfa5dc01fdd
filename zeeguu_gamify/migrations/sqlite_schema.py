"""The embedded mode: SQLite's tables are built whole from the models."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Dialect, Table, inspect
from sqlalchemy.schema import CreateIndex, CreateTable

from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import files
from zeeguu_gamify.models import gamify_tables

#: All in which what we take from the SQL files is written differently here.
_PHRASES = {
    "ON DUPLICATE KEY UPDATE value = value": "ON CONFLICT DO NOTHING",
    "ON DUPLICATE KEY UPDATE id = badge.id": "ON CONFLICT DO NOTHING",
    "ON DUPLICATE KEY UPDATE id = badge_category.id": "ON CONFLICT DO NOTHING",
    "UTC_TIMESTAMP()": "CURRENT_TIMESTAMP",
    " FROM DUAL": "",
}
_SEEDED = ("badge_category", "badge", "gamify_setting")


def build(connection: Connection, host_map: HostMap) -> None:
    """Make our tables, seed them, record the newest revision: all or, after an error, nothing.

    Does not commit. Raises NotReady when the file has tables of these names.
    """
    ours = {table.name for table in gamify_tables()}
    if taken := ours.intersection(inspect(connection).get_table_names()):
        raise NotReady(f"These tables are in the way: {', '.join(sorted(taken))}. Rename them.")
    connection.commit()
    connection.exec_driver_sql("BEGIN")  # the driver does not, before DDL
    for statement in statements(connection.dialect, host_map):
        connection.exec_driver_sql(statement)


def statements(dialect: Dialect, host_map: HostMap) -> Iterator[str]:
    """The statements of `build`."""
    quote = dialect.identifier_preparer.quote
    user = f"{quote(host_map.real_table('user'))} ({quote(host_map.real_column('user', 'id'))})"
    for table in gamify_tables():
        for ddl in _create(table):
            sql = str(ddl.compile(dialect=dialect)).strip()
            yield sql.replace("REFERENCES user (id)", f"REFERENCES {user}")
    for sql in (*_rows(), *files.recording(files.HEAD)):
        yield _for_sqlite(sql)


def _create(table: Table) -> list[CreateTable | CreateIndex]:
    return [CreateTable(table), *map(CreateIndex, table.indexes)]


def _rows() -> Iterator[str]:
    """The INSERTs of the SQL files, so that every backend ships with the same rows."""
    starts = tuple(f"INSERT INTO {table} (" for table in _SEEDED)
    for file in files.FILES:
        for statement in files.statements(file.text(HostMap())):
            if statement.startswith(starts):
                yield statement


def _for_sqlite(sql: str) -> str:
    for theirs, ours in _PHRASES.items():
        sql = sql.replace(theirs, ours)
    return sql
