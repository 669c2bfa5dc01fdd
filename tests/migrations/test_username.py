"""The opt-in steps that give a host's users a username; a host that has it, or does not want it, is
left alone.
"""

import re
import subprocess

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, create_engine

from tests.migrations.databases import (
    PRODUCTION,
    Schema,
    columns,
    new_database,
    rows,
    run,
    schema,
)
from tests.servers import Server
from tests.sql_rules import refuse_newer_than_57
from zeeguu_gamify import Gamify
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import SQL, statements
from zeeguu_gamify.migrations.username_steps import Step, text
from zeeguu_gamify.migrations.username_steps import run as take

each_step = pytest.mark.parametrize("step", Step)
up_and_down = pytest.mark.parametrize("down", [False, True], ids=["up", "down"])

USERS = """
CREATE TABLE `user` (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255))
    CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO `user` (email) VALUES ('ada@x.org'), ('bob@x.org'), (NULL);
"""

BACKFILL = "UPDATE user SET username = CONCAT('User', id) WHERE id > 0 AND username IS NULL"


def user_table(database: Engine) -> Schema:
    return schema(database, ["user"])


def by_hand(step: Step, *, down: bool = False) -> list[str]:
    return statements(text(step, HostMap(), down=down))


def test_the_folder_holds_the_steps_and_their_ways_down() -> None:
    names = {f"{step}.sql" for step in Step}
    assert {path.name for path in (SQL / "username").iterdir()} == names | {"down"}
    assert {path.name for path in (SQL / "username" / "down").iterdir()} == names


@each_step
@up_and_down
def test_every_statement_is_for_57_and_the_header_says_what_a_maintainer_asks(
    step: Step, down: bool
) -> None:
    for statement in by_hand(step, down=down):
        refuse_newer_than_57(statement)
    sql = text(step, HostMap(), down=down)
    header = re.findall(r"^-- ([A-Z][a-z ]+): ", sql, re.MULTILINE)
    assert header[:3] == (["Takes back", "Data"] if down else ["Why", "Old rows", "Locks"])
    assert sql.isascii()


def test_a_host_that_does_not_ask_for_usernames_is_not_given_any(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    before = user_table(database)
    runner.upgrade(database, HostMap())
    assert user_table(database) == before


def test_the_first_step_adds_an_empty_column_that_ignores_case(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    take(database, HostMap(), Step.ADD)
    column = next(row for row in user_table(database)["columns"] if row[2] == "username")
    _, _, _, default, nullable, kind, charset, collation, *_ = column
    assert (kind, charset, collation) == ("varchar(50)", "utf8mb4", "utf8mb4_unicode_ci")
    assert (nullable, default) in {("YES", None), ("YES", "NULL")}
    with database.connect() as connection:
        assert rows(connection, "SELECT username FROM user") == [(None,)] * 3


def test_the_third_step_lets_nobody_be_without_or_share_a_username(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    take(database, HostMap(), Step.ADD)
    run(database, [BACKFILL])
    take(database, HostMap(), Step.REQUIRE)
    with pytest.raises(Exception, match=r"1062.*unique_username"):
        run(database, ["INSERT INTO user (username) VALUES ('uSER1')"])
    with pytest.raises(Exception, match="1048"):
        run(database, ["INSERT INTO user (username) VALUES (NULL)"])


def test_the_third_step_too_early_names_the_second_and_changes_nothing(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    with pytest.raises(NotReady, match="user has no username: first run `flask gamify db add-us"):
        take(database, HostMap(), Step.REQUIRE)
    take(database, HostMap(), Step.ADD)
    before = user_table(database)
    with pytest.raises(NotReady, match="3 users without username: run `flask gamify usernames ba"):
        take(database, HostMap(), Step.REQUIRE)
    assert user_table(database) == before


def test_by_hand_the_server_itself_names_the_second_step(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    run(database, by_hand(Step.ADD))
    before = user_table(database)
    client = [*sql_server.shell(str(database.url.database)), "--safe-updates"]
    with (SQL / "username" / f"{Step.REQUIRE}.sql").open() as sql:
        done = subprocess.run(client, stdin=sql, check=False, capture_output=True, text=True)
    assert done.returncode
    assert "users without username: run flask gamify usernames backfill" in done.stderr
    assert user_table(database) == before


def test_a_user_who_comes_without_a_username_meanwhile_is_not_given_an_empty_one(
    sql_server: Server,
) -> None:
    database = new_database(sql_server, USERS)
    run(database, by_hand(Step.ADD))
    check, after = by_hand(Step.REQUIRE)[:3], by_hand(Step.REQUIRE)[3:]
    assert "IS NULL" in check[0]
    with pytest.raises(Exception, match=r"1138|1265|1846"):
        run(database, ["SET sql_mode = ''", *after])
    with database.connect() as connection:
        assert rows(connection, "SELECT COUNT(*) FROM user WHERE username IS NULL") == [(3,)]


def test_usernames_that_differ_by_case_alone_are_refused(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    take(database, HostMap(), Step.ADD)
    run(database, ["UPDATE user SET username = ELT(id, 'ada', 'ADA', 'cyd') WHERE id > 0"])
    with pytest.raises(NotReady, match=r"Two users share a username: .*Duplicate entry 'ada'"):
        take(database, HostMap(), Step.REQUIRE)


def test_killed_at_each_statement_and_run_again_up_and_down(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    states = [user_table(database)]
    for step in Step:
        killed_and_again(database, by_hand(step))
        states.append(user_table(database))
        run(database, [BACKFILL])
    for step, before in zip(reversed(Step), states[1::-1], strict=True):
        killed_and_again(database, by_hand(step, down=True))
        assert user_table(database) == before


def killed_and_again(database: Engine, steps: list[str]) -> None:
    for reached in range(len(steps) + 1):
        run(database, steps[:reached])
    run(database, steps)


def test_a_host_that_has_usernames_as_production_is_left_as_it_is(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    before = user_table(database)
    for step in Step:
        take(database, HostMap(), step)
        run(database, by_hand(step))
    assert user_table(database) == before
    run(database, by_hand(Step.ADD, down=True))
    assert user_table(database) == before


def test_a_column_of_another_kind_is_not_converted(sql_server: Server) -> None:
    database = new_database(sql_server, USERS)
    run(database, ["ALTER TABLE user ADD COLUMN username VARCHAR(80) CHARACTER SET latin1",
                   BACKFILL])  # fmt: skip
    with pytest.raises(Exception, match=r"184[56]"):
        take(database, HostMap(), Step.REQUIRE)
    with database.connect() as connection:
        assert rows(connection, "SELECT username FROM user WHERE id = 1") == [("User1",)]


def test_the_hosts_own_names_are_used(sql_server: Server) -> None:
    database = new_database(sql_server, USERS.replace("`user`", "`ac``count`"))
    host_map = HostMap(tables={"user": "ac`count"}, columns={"user.username": "login"})
    take(database, host_map, Step.ADD)
    run(database, ["UPDATE `ac``count` SET login = CONCAT('User', id) WHERE id > 0"])
    take(database, host_map, Step.REQUIRE)
    assert columns(database, "ac`count") == {"id", "email", "login"}


def test_on_sqlite_the_host_makes_the_column() -> None:
    with pytest.raises(NotReady, match="NOCASE"):
        take(create_engine("sqlite://"), HostMap(), Step.ADD)


def test_the_commands_take_or_print_the_steps(mariadb: Server) -> None:
    database = new_database(mariadb, USERS)
    app, db = Flask("host"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = database.url.render_as_string(hide_password=False)
    db.init_app(app)
    Gamify(app, db)
    command = app.test_cli_runner().invoke
    printed = command(args=["gamify", "db", "add-usernames", "--sql"]).output
    assert statements(printed) == by_hand(Step.ADD)
    assert columns(database, "user") == {"id", "email"}
    added = command(args=["gamify", "db", "add-usernames"])
    assert (added.exit_code, added.output) == (0, "ran  26-11-20-a--add_username\n")
    refused = command(args=["gamify", "db", "require-usernames"])
    assert refused.exit_code
    assert "3 users without username: run `flask gamify usernames backfill`" in refused.output
    run(database, [BACKFILL])
    assert command(args=["gamify", "db", "require-usernames"]).exit_code == 0
