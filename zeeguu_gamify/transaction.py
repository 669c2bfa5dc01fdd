"""Living inside somebody else's transaction: what may be contained, what must reach the host."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

log = logging.getLogger("zeeguu_gamify")

#: MySQL: deadlock, lock wait time-out, server gone, connection lost, savepoint gone. After any of
#: them the server has (or may have) rolled the host's work back: going on would lose it silently.
FATAL_MYSQL = frozenset({1213, 1205, 2006, 2013, 1305})
FATAL_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

DUPLICATE_MYSQL = 1062
DUPLICATE_SQLITE = frozenset(
    {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
)
MISSING_PARENT_MYSQL = 1452
MISSING_PARENT_SQLITE = sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY


def _code(error: DBAPIError) -> int:
    """The driver's number for `error`: MySQL's errno, SQLite's (extended) result code; else 0."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", 0)
    arguments = getattr(original, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0


def is_fatal(session: Session, error: BaseException) -> bool:
    """Whether the host's transaction is, or may be, gone: such an error is always re-raised.

    Covers deadlocks, lock time-outs, lost connections, a locked SQLite file, and an error of the
    host's own flush, which leaves the session inactive.
    """
    if not isinstance(error, Exception) or not session.is_active:
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = _code(error)
    is_sqlite = isinstance(error.orig, sqlite3.Error)
    fatal = code & 0xFF in FATAL_SQLITE if is_sqlite else code in FATAL_MYSQL
    return fatal or error.connection_invalidated


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a unique key refused the row; a missing parent or a NULL is not that."""
    return _code(error) in DUPLICATE_SQLITE | {DUPLICATE_MYSQL}


def is_missing_parent(error: IntegrityError) -> bool:
    """Whether a foreign key refused the row."""
    return _code(error) in {MISSING_PARENT_MYSQL, MISSING_PARENT_SQLITE}


@contextmanager
def contained(session: Session, what: str) -> Iterator[None]:
    """Log an error of ours instead of breaking the host's request; re-raise what is fatal."""
    try:
        yield
    except Exception as error:
        if is_fatal(session, error):
            raise
        log.exception("%s failed; the host's transaction goes on", what)


@contextmanager
def savepoint(session: Session) -> Iterator[Connection]:
    """All of the block or nothing of it, without flushing the host's pending objects.

    Works on the connection, not the session, because `session.begin_nested()` flushes. After a
    fatal error the savepoint is gone already, so nothing is rolled back but by the host.
    """
    connection = session.connection()
    _make_sure_sqlite_began(connection)
    nested = connection.begin_nested()
    try:
        yield connection
    except BaseException as error:
        if not is_fatal(session, error):
            nested.rollback()
        raise
    nested.commit()


def _make_sure_sqlite_began(connection: Connection) -> None:
    """Open the transaction the driver puts off: RELEASE of a first savepoint would commit."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")


_CALLBACKS = "gamify.on_commit"


def on_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call `callback` once the host has really committed; never, if it rolls back.

    The callback must not use the session: its transaction is over.
    """
    session.info.setdefault(_CALLBACKS, []).append(callback)


@event.listens_for(Session, "after_commit")
def _run_callbacks(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; the host may still roll back
        return
    for callback in session.info.pop(_CALLBACKS, ()):
        callback()


@event.listens_for(Session, "after_rollback")
def _drop_callbacks(session: Session) -> None:
    session.info.pop(_CALLBACKS, None)


@event.listens_for(Session, "after_soft_rollback")
def _drop_callbacks_of_nested(session: Session, _previous: object) -> None:
    """A savepoint of the host was undone: forget all, which at worst costs a SELECT later."""
    session.info.pop(_CALLBACKS, None)
