"""What ends the host's transaction: re-raised, so that nothing of it is lost in silence."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError

from tests.hosts import (
    ADA,
    BEN,
    HostRow,
    MakeHost,
    User,
    badges,
    change,
    db_of,
    engine_of,
    host_rows,
    make_host,
    progress,
    send,
    write_row,
)
from tests.servers import SECONDS, Server
from zeeguu_gamify import emit, increment_badge_progress
from zeeguu_gamify.transaction import contained

pytestmark = pytest.mark.core

LOCK_PROGRESS = f"UPDATE user_badge_progress SET value = value WHERE user_id = {ADA}"
LOCK_USER = f"UPDATE user SET name = 'Ada L.' WHERE id = {ADA}"


def code_of(error: DBAPIError) -> int:
    """MySQL's number of the error."""
    assert error.orig is not None
    number: int = error.orig.args[0]
    return number


def begin_request(app: Flask) -> int:
    """Let the host write a row, and not commit; the row's id."""
    session = db_of(app).session
    row = HostRow(user_id=BEN, note="before")
    session.add(row)
    session.flush()
    return row.id


def assert_nothing_left_and_all_works_again(app: Flask, words: int) -> None:
    """The host rolls back, nothing is there, and the next event counts."""
    db_of(app).session.rollback()
    assert host_rows(app) == 0
    assert progress(app) == {"TRANSLATED_WORDS": words}
    assert badges(app) == []
    send(app, "word_translated", times=10 - words)
    db_of(app).session.commit()
    assert progress(app) == {"TRANSLATED_WORDS": 10}
    assert badges(app) == ["translated_words_1"]


@contextmanager
def rival(app: Flask, holds: str, wants: str | None = None) -> Iterator[Thread]:
    """Another transaction that `holds` a lock and then `wants` one; it changes much, and so wins.

    The thread that is given waits for the second lock, once started.
    """
    with engine_of(app).connect() as connection:
        for _ in range(20):
            connection.execute(text("INSERT INTO user (username, name) VALUES ('x', 'x')"))
        connection.execute(text(holds))
        thread = Thread(target=lambda: connection.execute(text(wants or "SELECT 1")))
        yield thread
        if thread.ident:
            thread.join()
        connection.rollback()


@pytest.mark.parametrize("holds", [LOCK_PROGRESS, LOCK_USER], ids=["progress", "granter"])
def test_a_deadlock_reaches_the_host(server_host: Flask, holds: str) -> None:
    """In the savepoint of the granter too, which a deadlock takes with it."""
    send(server_host, "word_translated", times=9)
    db_of(server_host).session.commit()
    row = begin_request(server_host)
    with rival(server_host, holds, f"DELETE FROM host_row WHERE id = {row}") as thread:
        thread.start()
        with pytest.raises(OperationalError) as error:
            send(server_host, "word_translated")
        assert code_of(error.value) == 1213
        db_of(server_host).session.rollback()
    assert_nothing_left_and_all_works_again(server_host, words=9)


@pytest.mark.parametrize("holds", [LOCK_PROGRESS, LOCK_USER], ids=["progress", "granter"])
def test_a_lock_wait_time_out_reaches_the_host(new_server_host: MakeHost, holds: str) -> None:
    impatient = {"init_command": "SET SESSION innodb_lock_wait_timeout = 1"}
    host = new_server_host(engine_options={"connect_args": impatient})
    send(host, "word_translated", times=9)
    db_of(host).session.commit()
    begin_request(host)
    with rival(host, holds), pytest.raises(OperationalError) as error:
        send(host, "word_translated")
    assert code_of(error.value) == 1205
    assert_nothing_left_and_all_works_again(host, words=9)


def test_a_lost_connection_reaches_the_host(server_host: Flask) -> None:
    send(server_host, "word_translated")
    db_of(server_host).session.commit()
    begin_request(server_host)
    kill(server_host)
    with pytest.raises(OperationalError) as error:
        send(server_host, "word_translated")
    assert error.value.connection_invalidated
    assert_nothing_left_and_all_works_again(server_host, words=1)


def test_a_connection_lost_while_it_waits_reaches_the_host(server_host: Flask) -> None:
    send(server_host, "word_translated")
    db_of(server_host).session.commit()
    begin_request(server_host)
    number = connection_id(server_host)
    engine = engine_of(server_host)
    waits = (
        "SELECT COUNT(*) FROM information_schema.processlist "
        f"WHERE id = {number} AND info LIKE 'UPDATE user_badge_progress%'"
    )

    def kill_once_it_waits() -> None:
        with engine.connect() as connection:
            deadline = time.monotonic() + SECONDS
            while not connection.execute(text(waits)).scalar() and time.monotonic() < deadline:
                connection.rollback()
            connection.execute(text(f"KILL {number}"))

    killer = Thread(target=kill_once_it_waits)
    with rival(server_host, LOCK_PROGRESS):
        killer.start()
        with pytest.raises(OperationalError) as error:
            send(server_host, "word_translated")
        killer.join()
    assert code_of(error.value) in (1927, 2006, 2013)
    assert_nothing_left_and_all_works_again(server_host, words=1)


def test_a_callback_that_hides_the_lost_connection_does_not_make_us_hide_it(
    new_server_host: MakeHost,
) -> None:
    def is_enabled_for(_user_id: int) -> bool:
        try:
            return bool(db_of(host).session.execute(text("SELECT 1")).scalar())
        except OperationalError:
            return True

    host = new_server_host(is_enabled_for=is_enabled_for)
    send(host, "word_translated")
    db_of(host).session.commit()
    begin_request(host)
    kill(host)
    with pytest.raises(PendingRollbackError):
        send(host, "word_translated")
    assert_nothing_left_and_all_works_again(host, words=1)


def test_a_row_changed_since_it_was_read_reaches_the_host_under_snapshot_isolation(
    mariadb: Server,
) -> None:
    """The default from MariaDB 11.6 on: error 1020 rolls the whole transaction back."""
    strict = {"init_command": "SET SESSION innodb_snapshot_isolation = ON"}
    host = make_host(mariadb.new_database(), engine_options={"connect_args": strict})
    with host.app_context():
        send(host, "word_translated")
        db_of(host).session.commit()
        begin_request(host)
        db_of(host).session.execute(select(User)).all()  # the snapshot is taken
        change(host, text("UPDATE user_badge_progress SET value = 3"))
        with pytest.raises(OperationalError) as error:
            send(host, "word_translated")
        assert code_of(error.value) == 1020
        assert_nothing_left_and_all_works_again(host, words=3)
        db_of(host).session.remove()
        engine_of(host).dispose()


def test_a_locked_sqlite_file_reaches_the_host(new_sqlite_host: MakeHost) -> None:
    host = new_sqlite_host(engine_options={"connect_args": {"timeout": 0}})
    send(host, "word_translated")
    db_of(host).session.commit()
    with engine_of(host).connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="database is locked"):
            send(host, "word_translated")
        writer.rollback()
    assert_nothing_left_and_all_works_again(host, words=1)


def test_a_full_disk_reaches_the_host(sqlite_host: Flask) -> None:
    """SQLite has then rolled the whole transaction back by itself."""
    send(sqlite_host, "word_translated")
    db_of(sqlite_host).session.commit()
    begin_request(sqlite_host)
    connection = db_of(sqlite_host).session.connection()
    connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no page can be added
    with pytest.raises(OperationalError) as error:
        emit_until_full(sqlite_host)
    assert isinstance(error.value.orig, sqlite3.OperationalError)
    assert error.value.orig.sqlite_errorcode == sqlite3.SQLITE_FULL
    db_of(sqlite_host).session.rollback()
    assert host_rows(sqlite_host) == 0
    assert progress(sqlite_host) == {"TRANSLATED_WORDS": 1}


def emit_until_full(app: Flask) -> None:
    """Events whose receipts need new pages, through a listener's containment."""
    session = db_of(app).session()
    for number in range(2000):
        with contained(session, "an event"):
            emit(session, "word.translated", user_id=ADA, event_id=f"{number:0>120}")


def test_an_error_of_the_hosts_own_flush_reaches_the_host(new_host: MakeHost) -> None:
    """The host keeps the feature flag in a model, so that asking for it flushes."""

    def is_enabled_for(user_id: int) -> bool:
        asked = select(User).where(User.id == user_id)
        return db_of(host).session.scalars(asked).one().name != ""

    host: Flask = new_host(is_enabled_for=is_enabled_for)
    send(host, "word_translated")
    db_of(host).session.commit()
    begin_request(host)
    db_of(host).session.add(HostRow(user_id=BEN, note=None))
    with pytest.raises(IntegrityError, match="note"):
        send(host, "word_translated")
    assert_nothing_left_and_all_works_again(host, words=1)


def test_we_never_flush_what_the_host_has_pending(new_host: MakeHost) -> None:
    """Not even where the granter makes a savepoint, which a session's own would do."""
    host = new_host()
    session = db_of(host).session
    session.add(HostRow(user_id=ADA, note=None))
    increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 10)
    assert len(session.new) == 1
    session.expunge_all()
    write_row(host)
    session.commit()
    assert host_rows(host) == 1
    assert badges(host) == ["translated_words_1"]


def kill(app: Flask) -> None:
    """Let a database administrator end the connection of the host's session."""
    change(app, text(f"KILL {connection_id(app)}"))


def connection_id(app: Flask) -> int:
    number: int = db_of(app).session.connection().exec_driver_sql(
        "SELECT CONNECTION_ID()"
    ).scalar_one()  # fmt: skip
    return number
