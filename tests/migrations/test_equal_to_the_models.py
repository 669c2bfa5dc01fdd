"""However they are applied, and wherever they start, the files arrive at the models."""

import subprocess

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from tests.migrations.databases import (
    HOST,
    OURS,
    PRODUCTION,
    models,
    new_database,
    run_files,
    schema,
    version,
)
from tests.servers import Server
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import FILES, HEAD, SQL, SqlFile, script, statements
from zeeguu_gamify.models import Base


def test_by_hand_from_nothing(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database)
    assert_equal_to_models(database, sql_server)


def test_by_the_servers_own_client_from_nothing(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    for file in FILES:
        run_by_client(sql_server, database, file)
    assert_equal_to_models(database, sql_server)


def test_joins_are_not_refused_for_their_size(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    joining = [file for file in FILES if "JOIN" in file.text(HostMap())]
    for file in FILES:
        run_by_client(sql_server, database, file, *(["--max-join-size=1"] * (file in joining)))
    assert len(joining) == 2
    assert_equal_to_models(database, sql_server)


def run_by_client(server: Server, database: Engine, file: SqlFile, *options: str) -> None:
    """Run a file as the maintainer of a database does."""
    shell = server.shell(str(database.url.database))
    with (SQL / f"{file.name}.sql").open() as sql:
        subprocess.run([*shell, "--safe-updates", *options], stdin=sql, check=True)


def test_by_command_from_nothing(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    runner.upgrade(database, HostMap())
    assert_equal_to_models(database, sql_server)


def test_by_hand_from_production(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    run_files(database)
    assert_equal_to_models(database, sql_server)


def test_by_command_from_production(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    runner.upgrade(database, HostMap())
    assert_equal_to_models(database, sql_server)


@pytest.mark.parametrize("start", [HOST, PRODUCTION], ids=["nothing", "production"])
def test_by_the_sql_that_the_command_prints(sql_server: Server, start: str) -> None:
    printed = runner.render_sql(new_database(sql_server, start), HostMap())
    assert_equal_to_models(
        new_database(sql_server, start + script(statements(printed))), sql_server
    )


def test_half_by_hand_and_the_rest_by_command(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database, FILES[:6])
    assert runner.upgrade(database, HostMap()) == [file.name for file in FILES[6:]]
    assert_equal_to_models(database, sql_server)


def test_half_by_command_and_the_rest_by_hand(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    runner.upgrade(database, HostMap(), FILES[5].revision)
    run_files(database, FILES[6:])
    assert_equal_to_models(database, sql_server)


def test_run_twice_they_change_nothing(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    for file in FILES:
        run_files(database, [file, file])
    assert_equal_to_models(database, sql_server)
    run_files(database)
    assert_equal_to_models(database, sql_server)


def test_the_base_files_make_exactly_productions_tables(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database, FILES[:4])
    production = new_database(sql_server, PRODUCTION)
    tables = [row[0] for row in schema(production)["tables"]]
    assert len(tables) == 7
    assert schema(database, tables) == schema(production, tables)
    assert streak_columns(database) == streak_columns(production)


def streak_columns(database: Engine) -> list[tuple[object, ...]]:
    """The columns that ours add to the host's, without their place among its own."""
    found = schema(database, ["user_language"])["columns"]
    return [row[2:] for row in found if row[2] not in ("id", "user_id", "language_id")]


def assert_equal_to_models(database: Engine, server: Server) -> None:
    """Equal by Alembic, and by information_schema, which sees what Alembic does not."""
    assert version(database) == HEAD
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda item, name, type_, *_: type_ != "table" or name in OURS,
    }
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    assert schema(database) == schema(models(server))
