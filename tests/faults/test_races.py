"""Eight real processes at once: nothing lost, nothing doubled, no error, no retry of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from tests.hosts import (
    ADA,
    BEN,
    HostRow,
    MakeHost,
    User,
    award_log,
    badges,
    close,
    db_of,
    engine_of,
    host_rows,
    mount_host,
    progress,
    receipts,
    send,
    write_row,
)
from tests.processes import run_processes
from zeeguu_gamify import Catalog, Event, emit, update_badge_progress
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG, FAMILIES, ONE_OFFS
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.models import Friendship, UserBadgeProgress

WITH_ONE_OFFS = Catalog((*FAMILIES, *ONE_OFFS))

PROCESSES = 8
TIMES = 200

#: What a process wrote to the application's log: errors, and grants that it announced.
Logged = tuple[list[str], list[str]]


@contextmanager
def worker(url: str, catalog: Catalog = DEFAULT_CATALOG) -> Iterator[tuple[Flask, Logged]]:
    """A process of the host, and what it logs meanwhile."""
    host = mount_host(url, catalog=catalog)
    logged: Logged = ([], [])
    handler = logging.Handler()
    handler.emit = lambda record: logged[record.levelno < logging.WARNING].append(  # type: ignore[method-assign]
        record.getMessage()
    )
    log = logging.getLogger("zeeguu_gamify")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    with host.app_context():
        yield host, logged
    close(host)


def assert_no_error_and_announced_once(everything: list[Logged], granted: list[str]) -> None:
    assert [error for errors, _ in everything for error in errors] == []
    announced = [line for _, lines in everything for line in lines if "granted" in line]
    assert sorted(line.split()[1] for line in announced) == granted


def count_words(url: str) -> Logged:
    """Requests that read, write a row of the host, and fire the signal."""
    with worker(url) as (host, logged):
        session = db_of(host).session
        for _ in range(TIMES):
            session.scalars(select(User).where(User.id == ADA)).one()
            write_row(host)
            send(host, "word_translated")
            session.commit()
    return logged


@pytest.mark.core
@pytest.mark.parametrize("present", [True, False], ids=["row_present", "row_absent"])
def test_increments_of_one_user_add_up(server_host: Flask, present: bool) -> None:
    if present:
        send(server_host, "word_translated")
        db_of(server_host).session.commit()
    logged = run_processes(count_words, PROCESSES, url_of(server_host))
    total = PROCESSES * TIMES
    assert progress(server_host) == {"TRANSLATED_WORDS": total + present}
    assert host_rows(server_host) == total
    granted = [f"translated_words_{level}" for level in (1, 2, 3, 4)]
    assert badges(server_host) == granted
    assert award_log(server_host) == granted
    assert_no_error_and_announced_once(logged, granted)
    ids = next_progress_id(server_host) - 1
    assert ids <= (1 if present else PROCESSES)  # each process may have seen the row absent


def next_progress_id(app: Flask) -> int:
    """The AUTO_INCREMENT id that the next row of progress takes."""
    row = {"user_id": BEN, "badge_category_id": 1, "value": 1}
    with engine_of(app).connect() as connection:
        return int(connection.execute(insert(UserBadgeProgress), row).lastrowid)


def first_events_of_a_new_user(url: str) -> Logged:
    """Everything a user can do for the first time, beside others who do it at that moment."""
    with worker(url) as (host, logged):
        session = db_of(host).session
        user = User(username="new", name="New")
        session.add(user)
        session.commit()
        for name in ("word_translated", "exercise_correct", "article_read", "word_learned"):
            for _ in range(3):
                write_row(host, user_id=user.id)
                send(host, name, user.id)
                session.commit()
    return logged


def test_first_events_of_neighbouring_users_do_not_stand_in_each_others_way(
    server_host: Flask,
) -> None:
    logged = run_processes(first_events_of_a_new_user, PROCESSES, url_of(server_host))
    assert [error for errors, _ in logged for error in errors] == []
    for user_id in range(3, 3 + PROCESSES):
        assert set(progress(server_host, user_id).values()) == {3}
        assert badges(server_host, user_id) == ["learned_words_1"]


def make_friends(url: str) -> Logged:
    """Pairs that have nothing to do with those of the other processes."""
    with worker(url) as (host, logged):
        session = db_of(host).session
        for _ in range(10):
            pair = [User(username="new", name="New") for _ in range(2)]
            session.add_all(pair)
            session.flush()
            ids = [user.id for user in pair]
            session.execute(insert(Friendship).values(user_a_id=ids[0], user_b_id=ids[1]))
            for user_id in ids:
                send(host, "friendship_changed", user_id)
            session.commit()
    return logged


def test_friendships_of_others_do_not_wait_for_each_other(server_host: Flask) -> None:
    logged = run_processes(make_friends, PROCESSES, url_of(server_host))
    assert [error for errors, _ in logged for error in errors] == []
    for user_id in range(3, 3 + PROCESSES * 20):
        assert progress(server_host, user_id) == {"FRIENDS": 1}


def emit_the_same_ids(url: str) -> Logged:
    with worker(url) as (host, logged):
        session = db_of(host).session
        for number in range(25):
            write_row(host)
            emit(session, "word.translated", user_id=ADA, event_id=f"e{number}")
            session.commit()
    return logged


def emit_the_same_objects(url: str) -> Logged:
    with worker(url) as (host, logged):
        session = db_of(host).session
        for number in range(25):
            write_row(host)
            emit(session, "word.translated", user_id=ADA, object_id=f"o{number}")
            session.commit()
    return logged


def emit_the_same_batches(url: str) -> Logged:
    """In another order in each process; a deadlock is the caller's to answer, by sending again."""
    events = [
        Event(name="word.translated", user_id=ADA, event_id=f"e{number}") for number in range(25)
    ]
    with worker(url) as (host, logged):
        for size in (3, 20, 25):
            Random().shuffle(events)
            while not committed(host, events if size == 25 else events[:size]):
                db_of(host).session.rollback()
    return logged


def committed(app: Flask, events: list[Event]) -> bool:
    """Whether the batch was written; not, if the database undid it for a deadlock."""
    session = db_of(app).session
    try:
        write_row(app)
        emit_batch(session, events)
        session.commit()
    except OperationalError as error:
        if "Deadlock" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("work", [emit_the_same_ids, emit_the_same_objects, emit_the_same_batches])
def test_an_event_that_all_processes_send_counts_once(
    server_host: Flask, work: Callable[[str], Logged]
) -> None:
    logged = run_processes(work, PROCESSES, url_of(server_host))
    assert progress(server_host) == {"TRANSLATED_WORDS": 25}
    assert receipts(server_host) == 25
    assert badges(server_host) == ["translated_words_1"]
    assert_no_error_and_announced_once(logged, ["translated_words_1"])


def reach_by_gauge_and_once(url: str) -> Logged:
    with worker(url, WITH_ONE_OFFS) as (host, logged):
        session = db_of(host).session
        for value in (1, 3, 0, 5, 2, 10):
            update_badge_progress(session, "FRIENDS", ADA, value)
            session.commit()
            emit(session, "profile.completed", user_id=ADA)
            session.commit()
    return logged


def test_a_gauge_and_a_one_off_that_all_processes_reach_are_granted_once(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(catalog=WITH_ONE_OFFS)
    logged = run_processes(reach_by_gauge_and_once, PROCESSES, url_of(host))
    granted = [*(f"friends_{level}" for level in (1, 2, 3, 4, 5)), "profile_set_up"]
    assert badges(host) == award_log(host) == granted
    assert progress(host) == {"FRIENDS": 10, "ONE:profile_set_up": 1}
    assert_no_error_and_announced_once(logged, granted)


def test_processes_take_turns_on_sqlite(sqlite_host: Flask) -> None:
    run_processes(count_a_few_words, 2, url_of(sqlite_host))
    assert progress(sqlite_host) == {"TRANSLATED_WORDS": 40}
    assert host_rows(sqlite_host) == 40
    assert badges(sqlite_host) == ["translated_words_1"]


def count_a_few_words(url: str) -> None:
    with worker(url) as (host, _):
        for _ in range(20):
            db_of(host).session.add(HostRow(user_id=ADA, note=""))
            db_of(host).session.flush()
            send(host, "word_translated")
            db_of(host).session.commit()


def url_of(app: Flask) -> str:
    """Where another process finds the host's database."""
    return engine_of(app).url.render_as_string(hide_password=False)
