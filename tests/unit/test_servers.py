"""The servers that other tests stand on."""

import subprocess

import pytest
import redis
from sqlalchemy import create_engine, inspect, make_url, text

from tests.servers import RedisServer, Server


def scalar(url: str, sql: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        value = connection.execute(text(sql)).scalar_one()
    engine.dispose()
    return str(value)


def test_mariadb_is_mariadb(mariadb: Server) -> None:
    assert "MariaDB" in scalar(mariadb.url(""), "SELECT version()")


def test_mysql_is_not_mariadb_under_its_name(mysql: Server) -> None:
    assert "MariaDB" not in scalar(mysql.url(""), "SELECT version()")


def test_redis_answers(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url()) as client:
        assert client.ping()


def test_each_new_database_is_empty_and_collates_as_production_does(sql_server: Server) -> None:
    first, second = sql_server.new_database(), sql_server.new_database()

    assert first != second
    assert scalar(first, "SELECT @@collation_database") == "utf8mb4_unicode_ci"


def test_what_was_committed_outlives_a_kill(sql_server: Server) -> None:
    url = sql_server.new_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE word (id INT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO word VALUES (7)"))
    engine.dispose()

    sql_server.kill()
    sql_server.start()
    sql_server.restart()

    assert scalar(url, "SELECT id FROM word") == "7"


def test_the_shell_reads_sql_from_its_input(sql_server: Server) -> None:
    database = make_url(sql_server.new_database()).database or ""

    done = subprocess.run(
        sql_server.shell(database), input="SELECT DATABASE()", capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert database in done.stdout


@pytest.mark.core
def test_a_database_url_is_an_empty_database_on_each_backend(database_url: str) -> None:
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
