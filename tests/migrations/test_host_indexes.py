"""The indexes on the host's tables of activity: made online, named, refused where they are."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect

from tests.migrations.databases import HOST, new_database, run, run_file, run_files
from tests.servers import Server
from zeeguu_gamify import include_object
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.leaderboards import host_indexes
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.migrations.files import FILES, statements
from zeeguu_gamify.migrations.include import HOST_INDEX

#: The tables as production has them: keys of columns that refer to others, by the server.
ACTIVITY = "".join(
    f"CREATE TABLE user_{kind}_session (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " user_id INT, start_time DATETIME, duration INT, last_action_time DATETIME,"
    " FOREIGN KEY (user_id) REFERENCES `user` (`id`));\n"
    for kind in ("exercise", "reading", "listening")
) + """
CREATE TABLE user_article (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT,
    completed_at DATETIME, FOREIGN KEY (user_id) REFERENCES `user` (`id`));
CREATE TABLE user_word (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT);
CREATE TABLE exercise_outcome (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, outcome VARCHAR(255));
CREATE TABLE exercise (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_word_id INT,
    outcome_id INT, time DATETIME, FOREIGN KEY (user_word_id) REFERENCES user_word (id),
    FOREIGN KEY (outcome_id) REFERENCES exercise_outcome (id));
"""  # fmt: skip

OURS = [file for file in FILES if "activity_index" in file.name]


@pytest.fixture
def database(sql_server: Server) -> Engine:
    """A host with activity, before our files."""
    return new_database(sql_server, HOST + ACTIVITY)


def made(database: Engine) -> dict[str, list[str | None]]:
    """Table → the columns of our index."""
    inspector = inspect(database)
    return {
        table: index["column_names"]
        for table in host_indexes.WANTED
        for index in inspector.get_indexes(table)
        if index["name"] == HOST_INDEX
    }


def missing(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(host_indexes.missing(connection, HostMap()))


def leading(database: Engine) -> Iterator[tuple[str, str | None]]:
    """Each table with the first columns of its indexes."""
    inspector = inspect(database)
    for table in host_indexes.WANTED:
        for index in inspector.get_indexes(table):
            yield table, index["column_names"][0]


def test_each_table_has_its_file_and_the_files_make_what_is_wanted(database: Engine) -> None:
    assert len(OURS) == len(host_indexes.WANTED) == len(missing(database))
    run_files(database)
    assert made(database) == {table: list(of) for table, of in host_indexes.WANTED.items()}
    assert missing(database) == []


def test_what_is_said_to_be_missing_is_what_makes_it(database: Engine) -> None:
    run(database, missing(database))
    assert made(database) == {table: list(of) for table, of in host_indexes.WANTED.items()}


def test_killed_at_each_statement_both_ways_and_run_again(database: Engine) -> None:
    run_files(database, FILES[: FILES.index(OURS[0])])
    keys = sorted(leading(database))
    for file in OURS:
        for down in (False, True):
            for reached in range(1, len(statements(file.text(HostMap(), down=down)))):
                run(database, statements(file.text(HostMap(), down=down))[:reached])
                run_file(database, file, down=down)
                run_file(database, file, down=down)
        assert made(database) == {}
        assert sorted(leading(database)) == keys  # foreign keys have an index of their own again
        run_file(database, file)
        run_file(database, file, down=True)
        run_file(database, file)
        run_file(database, file, down=True)


def test_a_maintainer_may_refuse_them_by_hand_and_by_command(sql_server: Server) -> None:
    by_command = new_database(sql_server, HOST + ACTIVITY)
    runner.upgrade(by_command, HostMap(), host_indexes=False)
    assert made(by_command) == {}
    printed = runner.render_sql(
        new_database(sql_server, HOST + ACTIVITY), HostMap(), host_indexes=False
    )
    by_hand = new_database(sql_server, HOST + ACTIVITY)
    run(by_hand, statements(printed))
    assert made(by_hand) == {}
    assert len(missing(by_hand)) == len(OURS)
    with by_hand.connect() as connection:
        assert runner.is_current(connection)


def test_an_index_of_another_name_will_do_and_an_old_one_stays(database: Engine) -> None:
    run(database, ["CREATE INDEX theirs ON user_article (user_id, completed_at, id)"])
    assert not [statement for statement in missing(database) if "user_article" in statement]


def test_a_hosts_alembic_leaves_them_alone() -> None:
    assert not include_object(None, HOST_INDEX, "index", True, None)
    assert include_object(None, "ix_user_email", "index", True, None)
