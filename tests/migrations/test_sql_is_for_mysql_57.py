"""Every statement shipped runs on MySQL 5.7, as far as a parser can tell."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Executable, TextClause, column, create_engine, func, select, table, text

import zeeguu_gamify
from tests.sql_rules import REFUSED, TooNew, refuse_compiled, refuse_newer_than_57
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations.files import FILES, SqlFile, statements

#: What is refused → SQL that must be.
NEWER = {
    "a common table expression": ["WITH a AS (SELECT 1) SELECT * FROM a"],
    "a window function": ["SELECT RANK() OVER (ORDER BY id) FROM t"],
    "RETURNING": [
        "INSERT INTO t (a) VALUES (%s) RETURNING id",
        "DELETE FROM t WHERE id = 1 RETURNING id",
        "UPDATE t SET a = 1 RETURNING a",
    ],
    "a lock of later versions": [
        "SELECT * FROM t FOR UPDATE SKIP LOCKED",
        "SELECT * FROM t FOR UPDATE NOWAIT",
        "SELECT * FROM t FOR UPDATE OF t",
        "SELECT * FROM t FOR SHARE",
    ],
    "CHECK, which is not enforced": [
        "CREATE TABLE t (a INT CHECK (a > 0))",
        "CREATE TABLE t (a INT, CHECK (a > 0))",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
    ],
    "IF [NOT] EXISTS for less than a table": [
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT",
        "ALTER TABLE t DROP COLUMN IF EXISTS a",
        "CREATE INDEX IF NOT EXISTS i ON t (a)",
        "DROP INDEX IF EXISTS i ON t",
    ],
    "JSON_TABLE": ["SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a INT PATH '$')) AS j"],
    "MEMBER OF": ["SELECT a MEMBER OF ('[1]') FROM t"],
    "LATERAL": ["SELECT * FROM t, LATERAL (SELECT t.a) AS l"],
    "EXCEPT or INTERSECT": [
        "SELECT a FROM t EXCEPT SELECT a FROM u",
        "SELECT a FROM t INTERSECT SELECT a FROM u",
    ],
    "an expression as DEFAULT": [
        "CREATE TABLE t (a VARCHAR(36) DEFAULT (UUID()))",
        "ALTER TABLE t ADD COLUMN a INT DEFAULT (1 + 1)",
    ],
    "a DEFAULT of a TEXT, BLOB or JSON": ["CREATE TABLE t (a TEXT DEFAULT 'x')"],
    "an index over an expression": [
        "CREATE INDEX i ON t ((a + 1))",
        "CREATE TABLE t (a INT, KEY i ((a + 1)))",
        "ALTER TABLE t ADD INDEX i ((a + 1))",
    ],
    "a descending index": [
        "CREATE INDEX i ON t (a DESC)",
        "CREATE TABLE t (a INT, KEY i (a DESC))",
        "ALTER TABLE t ADD INDEX i (a DESC)",
    ],
    "an invisible index": ["ALTER TABLE t ALTER INDEX i INVISIBLE"],
    "an invisible column": ["ALTER TABLE t ADD COLUMN a INT INVISIBLE"],
    "VALUES as a table": ["VALUES ROW(1), ROW(2)", "SELECT * FROM (VALUES ROW(1)) AS v"],
    "an alias of the new row": [
        "INSERT INTO t (a) VALUES (1) AS new ON DUPLICATE KEY UPDATE a = new.a"
    ],
    "RENAME COLUMN": ["ALTER TABLE t RENAME COLUMN a TO b"],
    "WHERE without FROM": ["INSERT INTO t (a) SELECT 1 WHERE NOT EXISTS (SELECT * FROM t)"],
    "FETCH instead of LIMIT": ["SELECT * FROM t OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY"],
    "a function of later versions": [
        "SELECT REGEXP_REPLACE(a, 'x', 'y') FROM t",
        "SELECT UUID_TO_BIN(a) FROM t",
        "SELECT GROUPING(a) FROM t GROUP BY a WITH ROLLUP",
    ],
    "DROP CONSTRAINT": ["ALTER TABLE t DROP CONSTRAINT c", "ALTER TABLE t DROP CHECK c"],
    "CREATE OR REPLACE TABLE": ["CREATE OR REPLACE TABLE t (a INT)"],
    "ALGORITHM = INSTANT": ["ALTER TABLE t ADD COLUMN a INT, ALGORITHM = INSTANT"],
    "a sequence": ["CREATE SEQUENCE s"],
    "a command that is not parsed": [
        "CREATE INDEX i ON t (a) INVISIBLE",
        "EXECUTE IMMEDIATE 'DO 0'",
        "CREATE ROLE r",
    ],
}


@pytest.mark.parametrize(
    ("what", "sql"), [(what, sql) for what, newer in NEWER.items() for sql in newer]
)
def test_what_57_cannot_run_is_refused(what: str, sql: str) -> None:
    with pytest.raises(TooNew) as refused:
        refuse_newer_than_57(sql)
    assert str(refused.value).startswith(what)


def test_each_refusal_is_tried() -> None:
    assert NEWER.keys() == REFUSED.keys()


@pytest.mark.parametrize(
    "sql",
    [
        "SET @ddl = IF(1, 'ALTER TABLE t RENAME COLUMN a TO b', 'DO 0')",
        "SET @ddl = (SELECT CONCAT('ALTER TABLE t ', GROUP_CONCAT('DROP CONSTRAINT ', n)) FROM u)",
    ],
)
def test_what_a_file_prepares_is_looked_at_too(sql: str) -> None:
    with pytest.raises(TooNew):
        refuse_newer_than_57(sql)


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(TooNew):
        refuse_newer_than_57("SELECT FROM WHERE")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t (a, b) VALUES (%s, %(b)s) ON DUPLICATE KEY UPDATE a = VALUES(a)",
        "UPDATE t SET value = LAST_INSERT_ID(value + 1) WHERE user_id = %s",
        "SELECT * FROM t WHERE a = 1 ORDER BY b DESC LIMIT 1 FOR UPDATE",
        "SELECT * FROM t LOCK IN SHARE MODE",
        "ALTER TABLE t RENAME INDEX i TO j, ADD COLUMN a INT, ALGORITHM = INPLACE, LOCK = NONE",
        "CREATE TABLE IF NOT EXISTS t (a INT AS (b + 1) VIRTUAL, c JSON NULL, UNIQUE KEY u (a))",
        "SAVEPOINT sa_savepoint_1",
        "RELEASE SAVEPOINT sa_savepoint_1",
        "ROLLBACK TO SAVEPOINT sa_savepoint_1",
        "SELECT GET_LOCK('x', 60)",
    ],
)
def test_what_57_runs_is_not_refused(sql: str) -> None:
    refuse_newer_than_57(sql)


def test_what_sqlalchemy_compiles_is_looked_at_whatever_the_backend() -> None:
    window = select(func.row_number().over(order_by=column("id"))).select_from(table("t"))
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("CREATE TABLE t (id INTEGER)"))
        with pytest.raises(TooNew, match="a window function"):
            connection.execute(window)


@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_statement_of_the_files_is_for_57(file: SqlFile, down: bool) -> None:
    for statement in statements(file.text(HostMap(), down=down)):
        refuse_newer_than_57(statement)


def test_every_statement_that_modules_keep_is_for_57() -> None:
    kept = list(_kept_statements())
    assert kept
    for statement in kept:
        if isinstance(statement, TextClause):
            refuse_newer_than_57(str(statement))
        else:
            refuse_compiled(statement)


def _kept_statements() -> Iterator[Executable]:
    """The SQLAlchemy statements that modules of the product define."""
    for module in pkgutil.walk_packages(zeeguu_gamify.__path__, "zeeguu_gamify."):
        if module.name == "zeeguu_gamify.migrations.env" or ".versions." in module.name:
            continue  # only Alembic can import these
        for kept in vars(importlib.import_module(module.name)).values():
            if isinstance(kept, Executable):
                yield kept
