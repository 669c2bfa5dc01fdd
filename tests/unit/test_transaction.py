"""What ends a transaction, what waits for its commit, and savepoints that flush nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from zeeguu_gamify.transaction import (
    contained,
    is_duplicate,
    is_fatal,
    is_missing_parent,
    on_commit,
    plain,
    savepoint,
)

pytestmark = pytest.mark.core


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session on a file with a table of one column."""
    engine = create_engine(f"sqlite:///{tmp_path / 'test.db'}")
    with Session(engine) as session:
        session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        session.commit()
        yield session
    engine.dispose()


def insert(session: Session, n: int) -> None:
    session.connection().exec_driver_sql("INSERT INTO t VALUES (?)", (n,))


def rows(session: Session) -> list[int]:
    return list(session.connection().exec_driver_sql("SELECT n FROM t ORDER BY n").scalars())


@contextmanager
def undone_savepoint(session: Session) -> Iterator[None]:
    """A savepoint of ours in which something fails at the end."""
    with suppress(ValueError), savepoint(session):
        yield
        raise ValueError("the block has failed")


def raise_(error: Exception) -> None:
    raise error


def mysql_error(number: int) -> DBAPIError:
    return OperationalError("UPDATE …", {}, Exception(number, "…"))


def sqlite_error(code: int) -> DBAPIError:
    original = sqlite3.OperationalError("…")
    original.sqlite_errorcode = code
    return OperationalError("UPDATE …", {}, original)


def wrapped(error: Exception) -> Exception:
    """`error` in an error of a callback."""
    try:
        try:
            raise error
        except Exception:
            raise RuntimeError("the callback failed")  # noqa: B904 (as hosts write it)
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize("number", [1213, 1205, 1206, 1020, 2006, 2013, 1927, 1053, 1305])
def test_errors_of_mysql_that_end_the_transaction(session: Session, number: int) -> None:
    assert is_fatal(session, mysql_error(number))
    assert is_fatal(session, wrapped(mysql_error(number)))


@pytest.mark.parametrize("number", [1062, 1064, 1146, 1264, 1317, 1406, 1452])
def test_errors_of_mysql_that_end_only_the_statement(session: Session, number: int) -> None:
    assert not is_fatal(session, mysql_error(number))


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_NOMEM,
    ],
)
def test_errors_of_sqlite_that_end_the_transaction(session: Session, code: int) -> None:
    assert is_fatal(session, sqlite_error(code))


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT_UNIQUE])
def test_errors_of_sqlite_that_end_only_the_statement(session: Session, code: int) -> None:
    assert not is_fatal(session, sqlite_error(code))


def test_other_errors(session: Session) -> None:
    assert not is_fatal(session, ValueError("ours"))
    assert is_fatal(session, KeyboardInterrupt())
    assert is_fatal(session, PendingRollbackError("roll back first"))


def test_keys_and_parents_are_told_apart(session: Session) -> None:
    def integrity(number: int) -> IntegrityError:
        return IntegrityError("INSERT …", {}, Exception(number, "…"))

    assert is_duplicate(integrity(1062))
    assert not is_duplicate(integrity(1452))
    assert is_missing_parent(integrity(1452))
    assert not is_missing_parent(integrity(1048))


def test_a_savepoint_keeps_all_or_nothing(session: Session) -> None:
    insert(session, 1)
    with savepoint(session):
        insert(session, 2)
    with undone_savepoint(session):
        insert(session, 3)
    session.commit()
    assert rows(session) == [1, 2]


def test_a_savepoint_that_comes_first_does_not_commit(session: Session) -> None:
    with savepoint(session):
        insert(session, 1)
    session.rollback()
    assert rows(session) == []


def test_savepoints_nest_in_each_other_and_in_the_hosts(session: Session) -> None:
    insert(session, 1)
    with session.begin_nested():
        with undone_savepoint(session):
            insert(session, 2)
            with savepoint(session):
                insert(session, 3)
        with savepoint(session):
            insert(session, 4)
    session.commit()
    assert rows(session) == [1, 4]


def test_what_is_contained_is_over_and_what_is_fatal_is_not(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with contained(session, "counting"):
        raise_(ValueError("ours"))
    assert "counting failed; the host's transaction goes on: ours" in caplog.text
    with pytest.raises(OperationalError), contained(session, "counting"):
        raise_(mysql_error(1213))


End = Callable[[Session], None]

#: How a host may end its transaction, and whether that is a commit.
ENDS: dict[str, tuple[End, bool]] = {
    "commit": (Session.commit, True),
    "rollback": (Session.rollback, False),
    "close": (Session.close, False),
    "reset": (Session.reset, False),
    "invalidate": (Session.invalidate, False),
}


@pytest.mark.parametrize(("end", "runs"), ENDS.values(), ids=ENDS)
def test_what_waits_for_the_commit_runs_once_and_only_then(
    session: Session, end: End, runs: bool
) -> None:
    called: list[str] = []
    insert(session, 1)
    on_commit(session, lambda: called.append("called"))
    assert called == []
    end(session)
    assert called == ["called"] * runs
    insert(session, 2)
    session.commit()
    assert called == ["called"] * runs


def test_what_was_done_in_an_undone_savepoint_of_the_host_is_forgotten(session: Session) -> None:
    called: list[int] = []

    def wait(number: int) -> None:
        insert(session, number)
        on_commit(session, lambda: called.append(number))

    wait(1)
    kept = session.begin_nested()
    wait(2)
    undone = session.begin_nested()
    wait(3)
    with session.begin_nested():
        wait(4)
    undone.rollback()
    wait(5)
    kept.commit()
    wait(6)
    session.begin_nested()
    wait(7)
    session.commit()
    assert called == rows(session) == [1, 2, 5, 6, 7]


def test_what_was_done_in_an_undone_savepoint_of_ours_is_forgotten(session: Session) -> None:
    called: list[int] = []
    on_commit(session, lambda: called.append(1))
    with undone_savepoint(session):
        on_commit(session, lambda: called.append(2))
    with savepoint(session):
        on_commit(session, lambda: called.append(3))
    session.commit()
    assert called == [1, 3]


def test_a_proxy_of_a_session_is_taken_for_the_session(session: Session) -> None:
    proxy = scoped_session(sessionmaker(session.get_bind()))
    assert plain(proxy) is proxy()
    assert plain(session) is session
    proxy.remove()
