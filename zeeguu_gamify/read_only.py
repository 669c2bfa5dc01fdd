"""Sessions in which the database itself refuses every write, for whatever only looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

_SQLITE = ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
_MYSQL = ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE")


@contextmanager
def read_only(engine: Engine) -> Iterator[Session]:
    """A session of its own that cannot write, however often it begins a transaction."""
    on, off = _SQLITE if engine.dialect.name == "sqlite" else _MYSQL
    with engine.connect() as connection:
        _switch(connection, on)
        try:
            with Session(connection) as session:
                yield session
        finally:
            _switch(connection, off)


def _switch(connection: Connection, statement: str) -> None:
    """Outside a transaction: it counts for those that follow."""
    connection.rollback()
    connection.exec_driver_sql(statement)
    connection.rollback()
