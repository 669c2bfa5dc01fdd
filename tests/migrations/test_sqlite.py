"""The embedded mode: the tables are those of the models, from the first schema on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

from tests.migrations.databases import OURS, rows, version
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import FILES, HEAD, SqlFile, statements
from zeeguu_gamify.models import Base

#: The tables of the first version, as `flask gamify db upgrade --sql` printed them. Never changed
#: once that version is out: it stands for every file that is out there.
FIRST_SCHEMA = Path(__file__).parent / "sqlite_first_schema.sql"

each_later_file = pytest.mark.parametrize(
    "file", [file for file in FILES if file.is_for_sqlite], ids=lambda file: file.name
)


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    """An SQLite file with the host's users, checked by foreign keys."""
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
    run(engine, "CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY)")
    return engine


def test_the_tables_are_built_whole_from_the_models(database: Engine) -> None:
    names = [file.name for file in FILES]
    assert runner.upgrade(database, HostMap(), dry_run=True) == names
    assert table_names(database) == {"user"}
    assert runner.upgrade(database, HostMap()) == names
    assert_equal_to_models(database)
    assert runner.upgrade(database, HostMap()) == []


@pytest.fixture
def first(database: Engine) -> Engine:
    """A file of the first version, with two friends in it."""
    run(
        database,
        *statements(FIRST_SCHEMA.read_text()),
        "INSERT INTO user VALUES (1), (2)",
        "INSERT INTO friendship (id, user_a_id, user_b_id, friend_streak) VALUES (1, 1, 2, 4)",
    )
    return database


def test_the_first_schema_arrives_at_the_models(first: Engine) -> None:
    ran = runner.upgrade(first, HostMap())
    assert ran == [file.name for file in FILES if file.is_for_sqlite]
    assert_equal_to_models(first)
    assert friends(first) == [(1, 2, 4, 4, None)]


def test_the_first_schema_arrives_there_by_the_sql_that_the_command_prints(first: Engine) -> None:
    run(first, *statements(runner.render_sql(first, HostMap())))
    assert_equal_to_models(first)


@each_later_file
def test_down_and_up_again(file: SqlFile, first: Engine) -> None:
    before = FILES[FILES.index(file) - 1].revision
    runner.upgrade(first, HostMap(), before)
    wanted = schema(first)
    runner.upgrade(first, HostMap(), file.revision)
    runner.downgrade(first, HostMap(), before)
    assert schema(first) == wanted
    assert version(first) == before
    runner.upgrade(first, HostMap())
    assert_equal_to_models(first)


@each_later_file
@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
def test_killed_at_each_statement_nothing_of_the_file_is_left(
    file: SqlFile, down: bool, first: Engine
) -> None:
    before = FILES[FILES.index(file) - 1].revision
    act, start, goal = (
        (runner.downgrade, file.revision, before)
        if down
        else (runner.upgrade, before, file.revision)
    )
    runner.upgrade(first, HostMap(), start)
    wanted = schema(first)
    count = len(statements(file.text(HostMap(), down=down, sqlite=True)))
    for reached in range(count):
        with killed_before_statement(reached, first), pytest.raises(Killed):
            act(first, HostMap(), goal)
        assert schema(first) == wanted
        assert version(first) == start
    runner.upgrade(first, HostMap())
    assert_equal_to_models(first)


def test_a_users_table_of_another_name_is_referred_to_by_later_files_too(first: Engine) -> None:
    run(first, "ALTER TABLE user RENAME TO account")
    runner.upgrade(first, HostMap(tables={"user": "account"}))
    run(first, "INSERT INTO user_profile (user_id) VALUES (1)", "DELETE FROM account")
    with first.connect() as connection:
        assert rows(connection, "SELECT * FROM user_profile") == []


def test_a_host_that_begins_transactions_itself_is_served_too(database: Engine) -> None:
    event.listen(database, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    runner.upgrade(database, HostMap())
    runner.downgrade(database, HostMap(), "26_11_20_o")
    runner.upgrade(database, HostMap())
    assert_equal_to_models(database)


class Killed(Exception):
    """The process was."""


@contextmanager
def killed_before_statement(number: int, database: Engine) -> Iterator[None]:
    """Let the statement of that number, of those that change something, not be run."""
    ran: list[str] = []

    def kill(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if sql.startswith(("ALTER", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE")):
            if len(ran) == number:
                raise Killed
            ran.append(sql)

    event.listen(database, "before_cursor_execute", kill)
    try:
        yield
    finally:
        event.remove(database, "before_cursor_execute", kill)


def friends(database: Engine) -> list[tuple[object, ...]]:
    """The friendships."""
    with database.connect() as connection:
        return rows(
            connection,
            "SELECT user_a_id, user_b_id, friend_streak, max_friend_streak, a_from FROM friendship",
        )


def test_what_is_printed_is_what_is_built(database: Engine, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    run(other, "CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY)")
    run(other, *statements(runner.render_sql(database, HostMap())))
    assert_equal_to_models(other)


def test_it_works_in_memory() -> None:
    database = create_engine("sqlite://")
    run(database, "CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY)")
    runner.upgrade(database, HostMap())
    assert_equal_to_models(database)


def test_an_error_halfway_leaves_nothing(database: Engine) -> None:
    run(database, "CREATE INDEX ix_badge_award_log_at ON user (id)")
    with pytest.raises(Exception, match="already exists"):
        runner.upgrade(database, HostMap())
    assert table_names(database) == {"user"}


def test_a_table_in_the_way_is_named(database: Engine) -> None:
    run(database, "CREATE TABLE badge (id INTEGER)")
    with pytest.raises(NotReady, match="in the way: badge"):
        runner.upgrade(database, HostMap())


def test_there_is_no_way_to_before_the_first_schema(database: Engine) -> None:
    with pytest.raises(NotReady, match="built whole"):
        runner.upgrade(database, HostMap(), "26_11_20_c")
    runner.upgrade(database, HostMap())
    with pytest.raises(NotReady, match="nothing before 26-11-20-a"):
        runner.downgrade(database, HostMap(), "base")
    assert_equal_to_models(database)


def test_a_users_table_of_another_name_is_referred_to_by_its_name(database: Engine) -> None:
    run(database, "ALTER TABLE user RENAME TO account", "INSERT INTO account VALUES (1)")
    host_map = HostMap(tables={"user": "account"})
    runner.upgrade(database, host_map)
    run(database, "INSERT INTO user_avatar (user_id) VALUES (1)", "DELETE FROM account")
    with database.connect() as connection:
        assert rows(connection, "SELECT * FROM user_avatar") == []


def test_older_tables_and_none_are_not_current(database: Engine) -> None:
    with database.connect() as connection:
        assert not runner.is_current(connection)
    runner.upgrade(database, HostMap())
    with database.connect() as connection:
        assert runner.is_current(connection)
        assert runner.pending(connection) == []
    run(database, "UPDATE gamify_version SET version_num = '26_11_20_a'")
    with database.connect() as connection:
        assert not runner.is_current(connection)


def test_a_context_left_out_is_an_empty_one(database: Engine) -> None:
    runner.upgrade(database, HostMap())
    run(database, "INSERT INTO user VALUES (1)")
    run(database, "INSERT INTO user_badge (user_id, badge_id) VALUES (1, 1)")
    with pytest.raises(Exception, match="UNIQUE"):
        run(database, "INSERT INTO user_badge (user_id, badge_id, context) VALUES (1, 1, x'')")


def assert_equal_to_models(database: Engine) -> None:
    """Equal by Alembic, and by what SQLite itself tells, which is more."""
    assert version(database) == HEAD
    wanted = create_engine("sqlite://")
    Base.metadata.create_all(wanted)
    assert schema(database) == schema(wanted)
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda item, name, type_, *_: type_ != "table" or name in OURS,
    }
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def schema(database: Engine) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    """What SQLite's pragmas tell of our tables, in whatever order their indexes were made."""
    pragmas = {"table_xinfo": 0, "foreign_key_list": 0, "index_list": 1}
    with database.connect() as connection:
        found = {
            (table, pragma): sorted(
                (row[skipped:] for row in rows(connection, f"PRAGMA {pragma}({table})")), key=repr
            )
            for table in OURS
            for pragma, skipped in pragmas.items()
        }
        tables = rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    expressions = [
        (name, *re.findall(r"\w+ \w+ GENERATED ALWAYS AS .* VIRTUAL", sql))
        for name, sql in tables
        if name in OURS
    ]
    return {**found, ("all", "generated"): sorted(expressions, key=repr)}


def table_names(database: Engine) -> set[str]:
    """The names of all tables."""
    with database.connect() as connection:
        return {row[0] for row in rows(connection, "SELECT tbl_name FROM sqlite_master")}


def run(database: Engine, *sql: str) -> None:
    """Run statements in one transaction."""
    with database.begin() as connection:
        for statement in sql:
            connection.exec_driver_sql(statement)
