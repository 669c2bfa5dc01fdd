"""Databases of the migration tests: made, migrated by hand, looked at."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests.servers import Server
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations.files import FILES, SqlFile, statements
from zeeguu_gamify.models import Base, gamify_tables

OURS = sorted(table.name for table in gamify_tables())

PRODUCTION = (Path(__file__).parent / "production.sql").read_text()

HOST = """
CREATE TABLE `user` (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE language (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE user_language (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT);
"""

Schema = dict[str, list[tuple[Any, ...]]]


def new_database(server: Server, script: str = "") -> Engine:
    """A database in which `script` was run; every use of it opens a connection of its own."""
    engine = create_engine(server.new_database(), poolclass=NullPool)
    run(engine, statements(script))
    return engine


def run(engine: Engine, sql: Iterable[str]) -> None:
    """Run statements as the server's client does: each committed, with safe updates on."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET sql_safe_updates = 1")
        for statement in sql:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def run_file(engine: Engine, file: SqlFile, *, down: bool = False) -> None:
    """Run a file by hand."""
    run(engine, statements(file.text(HostMap(), down=down)))


def run_files(engine: Engine, files: Iterable[SqlFile] = FILES) -> None:
    """Run files by hand, in order."""
    for file in files:
        run_file(engine, file)


def models(server: Server) -> Engine:
    """A database whose tables SQLAlchemy made from the models."""
    engine = new_database(server)
    Base.metadata.create_all(engine)
    return engine


def schema(engine: Engine, tables: Iterable[str] = OURS) -> Schema:
    """All that information_schema tells of `tables`, in an order of its own."""
    with engine.connect() as connection:
        found = {what: connection.execute(text(query)).all() for what, query in _SCHEMA.items()}
    wanted = {*tables}
    return {
        what: sorted((tuple(row) for row in rows if row[0] in wanted), key=repr)
        for what, rows in found.items()
    }


def columns(engine: Engine, table: str) -> set[str]:
    """The names of the columns of `table`; none if there is no such table."""
    return {row[2] for row in schema(engine, [table])["columns"]}


def version(engine: Engine) -> str | None:
    """The recorded revision."""
    with engine.connect() as connection:
        found: str | None = connection.execute(
            text("SELECT version_num FROM gamify_version")
        ).scalar_one_or_none()
    return found


def rows(connection: Connection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return [tuple(row) for row in connection.execute(text(query), values)]


_SCHEMA = {
    "tables": """
        SELECT table_name, engine, table_collation, table_comment FROM information_schema.tables
        WHERE table_schema = DATABASE()
    """,
    "columns": """
        SELECT
            table_name, ordinal_position, column_name, column_default, is_nullable, column_type,
            character_set_name, collation_name, column_key, extra, column_comment,
            generation_expression
        FROM information_schema.columns WHERE table_schema = DATABASE()
    """,
    "keys": """
        SELECT
            table_name, index_name, non_unique, seq_in_index, column_name, sub_part, nullable,
            index_type
        FROM information_schema.statistics WHERE table_schema = DATABASE()
    """,
    "foreign keys": """
        SELECT
            used.table_name, used.constraint_name, used.column_name, used.referenced_table_name,
            used.referenced_column_name, rule.update_rule, rule.delete_rule
        FROM information_schema.key_column_usage AS used
        INNER JOIN information_schema.referential_constraints AS rule
            ON rule.constraint_name = used.constraint_name AND rule.table_name = used.table_name
        WHERE used.table_schema = DATABASE() AND rule.constraint_schema = DATABASE()
    """,
    "constraints": """
        SELECT table_name, constraint_name, constraint_type
        FROM information_schema.table_constraints WHERE table_schema = DATABASE()
    """,
}
