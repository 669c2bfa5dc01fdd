"""What a revision does: run its SQL file up or down."""

from __future__ import annotations

from alembic import context, op

from zeeguu_gamify.migrations import sqlite_schema
from zeeguu_gamify.migrations.files import FILES, place, statements


def way_up(revision: str) -> None:
    """Apply the file of `revision`; on SQLite the whole of it or, after an error, nothing."""
    _run(revision, down=False)


def way_down(revision: str) -> None:
    """Undo the file of `revision`."""
    _run(revision, down=True)


def _run(revision: str, *, down: bool) -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        sqlite_schema.begin(connection)
    host_map = context.config.attributes["host_map"]
    sql = FILES[place(revision) - 1].text(host_map, down=down, sqlite=sqlite)
    # The last statement records the file, which here Alembic does.
    for statement in statements(sql)[:-1]:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
