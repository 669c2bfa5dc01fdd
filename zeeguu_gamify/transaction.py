"""Living inside somebody else's transaction: what may be contained, what must reach the host."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.orm import Session, SessionTransaction, scoped_session

from zeeguu_gamify.errors import GamifyError

log = logging.getLogger("zeeguu_gamify")

#: After any of these the server has (or may have) rolled the host's work back: going on would
#: lose it silently. MySQL: deadlock, lock wait time-out, lock table full, row changed since it was
#: read (MariaDB's snapshot isolation), server gone, connection lost or killed, server going down,
#: savepoint gone.
FATAL_MYSQL = frozenset({1213, 1205, 1206, 1020, 2006, 2013, 1927, 1053, 1305})
#: SQLite: locked, and what makes it roll back by itself: disk full or broken, no memory, interrupt.
FATAL_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
    }
)  # fmt: skip

DUPLICATE_MYSQL = 1062
DUPLICATE_SQLITE = frozenset(
    {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
)
MISSING_PARENT_MYSQL = frozenset({1452, 1216})
MISSING_PARENT_SQLITE = sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY


#: What a host may hand us: its Flask-SQLAlchemy `db.session`, or a session itself.
AnySession = Session | scoped_session[Any]


def plain(session: AnySession) -> Session:
    """The session itself, of which `db.session` is a proxy."""
    return session() if isinstance(session, scoped_session) else session


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
    host's own flush, which leaves the session inactive; also where a callback of the host has
    wrapped it in an error of its own.
    """
    if not isinstance(error, Exception) or not session.is_active:
        return True
    return any(_ends_transaction(link) for link in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what it was raised from or during."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _ends_transaction(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, PendingRollbackError)
    code = _code(error)
    is_sqlite = isinstance(error.orig, sqlite3.Error)
    fatal = code & 0xFF in FATAL_SQLITE if is_sqlite else code in FATAL_MYSQL
    return fatal or error.connection_invalidated


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a unique key refused the row; a missing parent or a NULL is not that."""
    return _code(error) in DUPLICATE_SQLITE | {DUPLICATE_MYSQL}


def is_missing_parent(error: IntegrityError) -> bool:
    """Whether a foreign key refused the row."""
    return _code(error) in MISSING_PARENT_MYSQL | {MISSING_PARENT_SQLITE}


@contextmanager
def contained(session: Session, what: str) -> Iterator[None]:
    """Log an error of ours instead of breaking the host's request; re-raise what is fatal."""
    try:
        yield
    except Exception as error:
        if is_fatal(session, error):
            raise
        trace = None if isinstance(error, GamifyError) else error
        log.error("%s failed; the host's transaction goes on: %s", what, error, exc_info=trace)


@contextmanager
def savepoint(session: Session) -> Iterator[Connection]:
    """All of the block or nothing of it, without flushing the host's pending objects.

    Works on the connection, not the session, because `session.begin_nested()` flushes. After a
    fatal error the savepoint is gone already, so nothing is rolled back but by the host.
    """
    connection = session.connection()
    _make_sure_sqlite_began(connection)
    nested = connection.begin_nested()
    callbacks = _callbacks(session)
    before = len(callbacks)
    try:
        yield connection
    except BaseException as error:
        del callbacks[before:]  # the session does not know of this savepoint
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

#: What waits for the commit, in order, each with the (maybe nested) transaction that it hangs on.
Callbacks = list[tuple[SessionTransaction | None, Callable[[], None]]]


def _callbacks(session: Session) -> Callbacks:
    waiting: Callbacks = session.info.setdefault(_CALLBACKS, [])
    return waiting


def on_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call `callback` once the host has really committed; never, if it rolls that back.

    The callback must not use the session: its transaction is over.
    """
    transaction = session.get_nested_transaction() or session.get_transaction()
    _callbacks(session).append((transaction, callback))


@event.listens_for(Session, "after_commit")
def _run_callbacks(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; the host may still roll back
        return
    for _, callback in session.info.pop(_CALLBACKS, ()):
        callback()


@event.listens_for(Session, "after_soft_rollback")
def _drop_callbacks_within(session: Session, undone: SessionTransaction) -> None:
    """A savepoint of the host was undone: forget what was done in it, and only that."""
    if waiting := session.info.get(_CALLBACKS):
        waiting[:] = [item for item in waiting if not _is_within(item[0], undone)]


@event.listens_for(Session, "after_transaction_end")
def _drop_callbacks(session: Session, ended: SessionTransaction) -> None:
    """Nothing outlives a transaction, however it ended; a bare `close()` is a rollback too."""
    if ended.parent is None:
        session.info.pop(_CALLBACKS, None)


def _is_within(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while transaction is not None and transaction is not outer:
        transaction = transaction.parent
    return transaction is outer
