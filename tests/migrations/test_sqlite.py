"""The embedded mode: the tables are those of the models, from the first schema on."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

from tests.migrations.databases import OURS, rows, version
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import FILES, HEAD, statements
from zeeguu_gamify.models import Base

#: The tables of the first version, as `flask gamify db upgrade --sql` printed them. Never changed
#: once that version is out: it stands for every file that is out there.
FIRST_SCHEMA = Path(__file__).parent / "sqlite_first_schema.sql"


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


def test_the_first_schema_arrives_at_the_models(database: Engine) -> None:
    run(database, *statements(FIRST_SCHEMA.read_text()))
    runner.upgrade(database, HostMap())
    assert_equal_to_models(database)


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
    with pytest.raises(NotReady, match="nothing before"):
        runner.downgrade(database, HostMap(), "base")
    assert version(database) == HEAD


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
    """What SQLite's pragmas tell of our tables."""
    pragmas = ("table_xinfo", "foreign_key_list", "index_list")
    with database.connect() as connection:
        found = {
            (table, pragma): sorted(rows(connection, f"PRAGMA {pragma}({table})"), key=repr)
            for table in OURS
            for pragma in pragmas
        }
        generated = rows(connection, "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%CASE%'")
    expressions = [
        (name, *sorted(line.strip(" ,\t") for line in sql.splitlines() if "CASE" in line))
        for name, sql in generated
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
