"""What a revision does: run its SQL file up or down; on SQLite, a function of its own."""

from __future__ import annotations

from collections.abc import Callable

from alembic import context, op

from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.migrations.files import FILES, place, statements

#: Alters the tables on SQLite, with `op.batch_alter_table` where it cannot by itself.
SqliteWay = Callable[[], None]


def way_up(revision: str, sqlite: SqliteWay | None = None) -> None:
    """Apply the file of `revision`.

    On SQLite the first build makes the tables of the newest models at once, so the first
    revisions have no `sqlite` and are never asked; every later one needs it.
    """
    _run(revision, sqlite, down=False)


def way_down(revision: str, sqlite: SqliteWay | None = None) -> None:
    """Undo the file of `revision`."""
    _run(revision, sqlite, down=True)


def _run(revision: str, sqlite: SqliteWay | None, *, down: bool) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        if sqlite is None:
            raise NotReady(f"On SQLite there is nothing before {revision}; start a new file.")
        sqlite()
        return
    sql = FILES[place(revision) - 1].text(context.config.attributes["host_map"], down=down)
    # The last statement records the file, which here Alembic does.
    for statement in statements(sql)[:-1]:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
