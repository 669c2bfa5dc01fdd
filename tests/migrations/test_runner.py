"""The runner: what it recognises, refuses, prints, and leaves alone."""

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from tests.migrations.databases import (
    HOST,
    OURS,
    PRODUCTION,
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
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import FILES, HEAD

NAMES = [file.name for file in FILES]
BASE = NAMES[:4]

OTHER_USER = HostMap(tables={"user": "ac`count"}, columns={"user.id": "account_id"})


def test_a_host_with_productions_tables_is_recognised_and_its_base_files_are_not_run(
    sql_server: Server,
) -> None:
    database = new_database(sql_server, PRODUCTION)
    ran: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *args: ran.append(args[2]))
    assert runner.upgrade(database, HostMap()) == NAMES[4:]
    assert not [sql for sql in ran if sql.startswith("CREATE TABLE IF NOT EXISTS badge_category")]
    assert version(database) == HEAD


def test_a_recognised_host_is_not_recorded_by_looking(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    with database.connect() as connection:
        assert runner.pending(connection) == NAMES[4:]
    assert runner.upgrade(database, HostMap(), dry_run=True) == NAMES[4:]
    assert [line.name for line in runner.status(database) if line.applied] == BASE
    assert columns(database, "gamify_version") == set()


def test_a_host_with_some_of_productions_tables_gets_the_others(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    run(database, ["DROP TABLE user_avatar"])
    assert runner.upgrade(database, HostMap()) == NAMES[2:]
    assert columns(database, "user_avatar")


def test_a_table_of_another_kind_with_our_name_is_refused_before_anything_is_done(
    sql_server: Server,
) -> None:
    database = new_database(sql_server, HOST + "CREATE TABLE badge (id INT, title INT);")
    with pytest.raises(NotReady, match=r"badge exists without achieved_description, .*threshold"):
        runner.upgrade(database, HostMap())
    assert columns(database, "gamify_version") == set()


def test_an_upgraded_database_has_nothing_pending(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    runner.upgrade(database, HostMap())
    with database.connect() as connection:
        assert runner.pending(connection) == []
        assert runner.is_current(connection)
    assert all(line.applied for line in runner.status(database))
    assert runner.upgrade(database, HostMap()) == []


def test_is_current_is_one_cheap_select(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    runner.upgrade(database, HostMap())
    ran: list[str] = []
    with database.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *args: ran.append(args[2]))
        runner.is_current(connection)
    assert len(ran) == 1


def test_older_tables_and_none_are_not_current_but_newer_ones_are(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    assert not is_current(database)
    run_files(database, FILES[:-1])
    assert not is_current(database)
    newer = f"UPDATE gamify_version SET version_num = '99_01_01_a' WHERE version_num < '{HEAD}'"
    run(database, [newer])
    assert is_current(database)
    assert runner.upgrade(database, HostMap()) == []


def test_an_error_other_than_a_missing_table_is_not_taken_for_one(sql_server: Server) -> None:
    database = new_database(sql_server, "CREATE TABLE gamify_version (other INT);")
    with pytest.raises(Exception, match="1054"):
        is_current(database)


def is_current(database: Engine) -> bool:
    """What the product asks at first use."""
    with database.connect() as connection:
        return runner.is_current(connection)


def test_the_version_table_is_apart_from_the_hosts(sql_server: Server) -> None:
    script = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
    database = new_database(sql_server, HOST + script)
    run(database, ["INSERT INTO alembic_version VALUES ('474997dc6e24')"])
    runner.upgrade(database, HostMap())
    with database.connect() as connection:
        assert rows(connection, "SELECT * FROM alembic_version") == [("474997dc6e24",)]


def test_down_to_a_revision_and_up_again(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    runner.upgrade(database, HostMap())
    middle = FILES[5].revision
    undone = runner.downgrade(database, HostMap(), middle, dry_run=True)
    assert undone == NAMES[:5:-1]
    assert version(database) == HEAD
    assert runner.downgrade(database, HostMap(), middle) == undone
    assert version(database) == middle
    assert runner.upgrade(database, HostMap()) == NAMES[6:]


def test_down_to_base_leaves_nothing_of_what_was_empty(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    before = schema(database, ["user_language"])
    runner.upgrade(database, HostMap())
    runner.downgrade(database, HostMap(), "base")
    assert schema(database)["tables"] == []
    assert schema(database, ["user_language"]) == before
    assert version(database) is None


def test_down_to_base_keeps_every_row_that_may_be_the_hosts_own(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    with database.connect() as connection:
        before = {table: rows(connection, f"SELECT * FROM {table}") for table in KEPT}
    runner.upgrade(database, HostMap())
    runner.downgrade(database, HostMap(), "base")
    with database.connect() as connection:
        after = {table: rows(connection, f"SELECT * FROM {table}") for table in KEPT}
    assert after == before


KEPT = ["badge_category", "badge", "user_badge", "user_badge_progress", "user_avatar",
        "user_language"]  # fmt: skip


def test_the_way_down_deletes_what_older_code_would_misread(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    runner.upgrade(database, HostMap())
    run(
        database,
        [
            "INSERT INTO badge_category (id, metric, name, award_mechanism)"
            " VALUES (8, 'ONE:first_article', 'First article', 'ONE_TIME')",
            "INSERT INTO badge (id, badge_category_id, level, threshold, name, code,"
            " achieved_description, unachieved_description) VALUES (36, 8, 1, 1, 'x', 'x', '', '')",
            "INSERT INTO user_badge (id, user_id, badge_id) VALUES (100, 3, 36)",
            "INSERT INTO user_badge_progress (user_id, badge_category_id, value) VALUES (3, 8, 1)",
            "INSERT INTO user_badge (id, user_id, badge_id, context) VALUES (101, 3, 1, 'a')",
            "INSERT INTO user_badge (id, user_id, badge_id, context) VALUES (102, 3, 1, 'b')",
            "INSERT INTO user_badge (id, user_id, badge_id, revoked_at)"
            " VALUES (103, 4, 1, '2026-11-20 10:00:00')",
        ],
    )
    runner.downgrade(database, HostMap(), "26_11_20_d")
    with database.connect() as connection:
        held = rows(connection, "SELECT id FROM user_badge WHERE user_id IN (3, 4)")
        families = rows(connection, "SELECT MAX(id) FROM badge_category")
    assert held == [(101,)]
    assert families == [(7,)]


def test_a_failed_upgrade_leaves_no_lock_and_goes_on_where_it_failed(sql_server: Server) -> None:
    database = create_engine(sql_server.new_database(), pool_size=1, max_overflow=0)
    run(database, HOST.strip().rstrip(";").split(";"))
    run_files(database, FILES[:11])
    run(database, ["ALTER TABLE friendship ADD KEY uq_friendship_active (created_at)"])
    with pytest.raises(Exception, match="1061"):
        runner.upgrade(database, HostMap())
    assert version(database) == FILES[10].revision
    run(database, ["SET lock_wait_timeout = 1", "INSERT INTO user (id) VALUES (1), (2)",
                   "INSERT INTO friendship (user_a_id, user_b_id) VALUES (1, 2)",
                   "ALTER TABLE friendship DROP KEY uq_friendship_active"])  # fmt: skip
    assert runner.upgrade(database, HostMap()) == NAMES[11:]
    database.dispose()


def test_two_migrations_at_once_are_refused(
    sql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_WAIT_SECONDS", 1)
    database = new_database(sql_server, HOST)
    name = f"gamify {database.url.database}"
    with database.connect() as other:
        assert rows(other, "SELECT GET_LOCK(:name, 0)", name=name) == [(1,)]
        with pytest.raises(NotReady, match="Another migration"):
            runner.upgrade(database, HostMap())
    assert runner.upgrade(database, HostMap()) == NAMES


def test_a_users_table_of_another_name_is_referred_to_by_its_name(sql_server: Server) -> None:
    script = HOST.replace("`user`", "`ac``count`", 1).replace("(id", "(account_id", 1)
    database = new_database(sql_server, script)
    runner.upgrade(database, OTHER_USER)
    keys = schema(database)["foreign keys"]
    assert {row[3:5] for row in keys if row[2].startswith("user_")} == {("ac`count", "account_id")}
    printed = runner.render_sql(database, OTHER_USER, "base", down=True)
    assert "REFERENCES `ac``count` (`account_id`)" in printed
    runner.downgrade(database, OTHER_USER, "base")
    assert schema(database)["tables"] == []


def test_a_host_with_only_users_gets_our_tables(sql_server: Server) -> None:
    database = new_database(sql_server, "CREATE TABLE user (id INT NOT NULL PRIMARY KEY);")
    runner.upgrade(database, HostMap())
    assert [row[0] for row in schema(database)["tables"]] == OURS
    runner.downgrade(database, HostMap(), "base")
    assert schema(database)["tables"] == []


def test_streak_columns_stay_once_somebody_has_practised(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database, FILES[:4])
    run(database, ["INSERT INTO user_language (last_practiced) VALUES ('2026-11-20 10:00:00')"])
    run_file(database, FILES[3], down=True)
    assert {"last_practiced", "daily_streak"} <= columns(database, "user_language")


@pytest.mark.parametrize("start", [HOST, PRODUCTION], ids=["nothing", "production"])
def test_nothing_printed_is_run(sql_server: Server, start: str) -> None:
    database = new_database(sql_server, start)
    before = schema(database)
    assert runner.render_sql(database, HostMap())
    assert schema(database) == before
    assert columns(database, "gamify_version") == set()


def test_an_unreachable_database_is_not_an_empty_one() -> None:
    database = create_engine("mysql+mysqldb://root@127.0.0.1:1/nowhere", poolclass=NullPool)
    with pytest.raises(Exception, match=r"200[23]"):
        runner.status(database)
