"""A file killed at any statement and run again, and each file down and up again."""

import pytest
from sqlalchemy import Engine

from tests.migrations.databases import (
    HOST,
    OURS,
    PRODUCTION,
    Schema,
    columns,
    new_database,
    rows,
    run,
    run_file,
    run_files,
    schema,
    version,
)
from tests.servers import Server
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations.files import FILES, SqlFile, statements

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)

#: What a file may change: our tables, the host's streak columns.
TABLES = [*OURS, "user_language"]


def just_before(file: SqlFile, server: Server, start: str = HOST) -> Engine:
    """A database that has all files before `file`."""
    database = new_database(server, start)
    run_files(database, FILES[: FILES.index(file)])
    return database


@each_file
def test_killed_at_each_statement_and_run_again(file: SqlFile, sql_server: Server) -> None:
    database = just_before(file, sql_server)
    before = schema(database, TABLES)
    run_file(database, file)
    after = schema(database, TABLES)
    steps = statements(file.text(HostMap()))
    for reached in range(1, len(steps)):
        run_file(database, file, down=True)
        run(database, steps[:reached])
        run_file(database, file)
        assert_is(database, after, file.revision)
    run_file(database, file, down=True)
    assert schema(database, TABLES) == before


@each_file
def test_the_way_down_killed_at_each_statement_and_run_again(
    file: SqlFile, sql_server: Server
) -> None:
    database = just_before(file, sql_server)
    before = schema(database, TABLES)
    recorded = version(database) if file is not FILES[0] else None
    steps = statements(file.text(HostMap(), down=True))
    for reached in range(1, len(steps) + 1):
        run_file(database, file)
        run(database, steps[:reached])
        run_file(database, file, down=True)
        assert_is(database, before, recorded)


@each_file
def test_down_and_up_again_with_productions_rows(file: SqlFile, sql_server: Server) -> None:
    database = just_before(file, sql_server, PRODUCTION)
    before = schema(database, TABLES)
    run_file(database, file)
    after, data = schema(database, TABLES), contents(database)
    run_file(database, file, down=True)
    assert schema(database, TABLES) == before
    run_file(database, file)
    assert schema(database, TABLES) == after
    assert contents(database) == data


@pytest.mark.parametrize("letter", ["l", "m"])
def test_merging_killed_at_each_statement_and_run_again(letter: str, sql_server: Server) -> None:
    file = next(file for file in FILES if file.revision.endswith(letter))
    database = just_before(file, sql_server, PRODUCTION)
    copies = [f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}" for table in MERGED]
    run(database, copies)
    run_file(database, file)
    merged = contents(database)
    steps = statements(file.text(HostMap()))
    for reached in range(1, len(steps)):
        run_file(database, file, down=True)
        restore(database)
        run(database, steps[:reached])
        run_file(database, file)
        assert contents(database) == merged


def assert_is(database: Engine, wanted: Schema, revision: str | None) -> None:
    """The database has this schema and this record."""
    assert schema(database, TABLES) == wanted
    assert version(database) == revision


MERGED = {
    "friendship": "id, user_a_id, user_b_id, created_at, deleted_at, friend_streak,"
    " friend_streak_last_updated",
    "friend_request": "id, sender_id, receiver_id, created_at",
}


def restore(database: Engine) -> None:
    """Put the rows back that were there before merging."""
    run(
        database,
        [
            statement
            for table, names in MERGED.items()
            for statement in (
                f"DELETE FROM {table} WHERE id > 0",
                f"INSERT INTO {table} ({names}) SELECT {names} FROM copy_of_{table}",
            )
        ],
    )


def contents(database: Engine) -> dict[str, list[tuple[object, ...]]]:
    """All rows of our tables but for the instants at which the migration itself wrote."""
    with database.connect() as connection:
        return {
            table: rows(connection, f"SELECT {', '.join(sorted(names))} FROM {table} ORDER BY 1")
            for table in OURS
            if (names := columns(database, table) - {"created_at", "updated_at"})
        }
