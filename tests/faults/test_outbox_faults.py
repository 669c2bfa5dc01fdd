"""Publishers in real processes: together, killed in the middle, forked; nothing lost or doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Event
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from tests.faults.test_races import Logged, url_of, worker
from tests.hosts import (
    ADA,
    BEN,
    HostRow,
    MakeHost,
    User,
    change,
    close,
    db_of,
    engine_of,
    mount_host,
    mount_on,
)
from tests.processes import meet, run_processes
from tests.servers import SECONDS
from zeeguu_gamify import clock, emit
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.claims import LEASE, claim, finish
from zeeguu_gamify.delivery.deliver import deliver as deliver_mount
from zeeguu_gamify.delivery.deliver import own_session
from zeeguu_gamify.delivery.outbox import Message, put
from zeeguu_gamify.jobs.sweep import NEARER, Sweep
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.testing import deliver, frozen

PROCESSES = 4
TIMES = 40


class Diary:
    """A consumer that writes a row for each message, in the order of delivery."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        rows = [
            {"user_id": message.user_id, "note": str(message.payload["number"])}
            for message in messages
        ]
        session.connection().execute(insert(HostRow), rows)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None: ...


def keep_diary(app: Flask) -> None:
    mount_on(app).consumers = (Diary(),)


def owe(app: Flask, user_id: int, *numbers: int) -> None:
    session = db_of(app).session()
    for number in numbers:
        put(session, mount_on(app), "told", {"number": number}, user_id=user_id)
    session.commit()


def diary(app: Flask, user_id: int) -> list[int]:
    """What was delivered of the user, in order."""
    rows = select(HostRow.note).where(HostRow.user_id == user_id).order_by(HostRow.id)
    with engine_of(app).connect() as connection:
        return [int(note) for note in connection.execute(rows).scalars()]


def waiting(app: Flask) -> int:
    with engine_of(app).connect() as connection:
        return int(connection.execute(select(func.count()).select_from(OutboxMessage)).scalar_one())


def write_and_publish(url: str) -> Logged:
    """Owe messages to one user, and deliver whatever there is, of anybody."""
    with worker(url) as (host, logged):
        keep_diary(host)
        user_id = meet() + 1
        for number in range(TIMES):
            owe(host, user_id, number)
            deliver_mount(mount_on(host))
    return logged


@pytest.mark.core
def test_publishers_side_by_side_deliver_each_message_once_and_in_order_per_user(
    server_host: Flask,
) -> None:
    change(server_host, insert(User).values([{"username": "x", "name": "X"}] * (PROCESSES - 2)))
    logged = run_processes(write_and_publish, PROCESSES, url_of(server_host))
    keep_diary(server_host)
    deliver(server_host)
    for user_id in range(1, PROCESSES + 1):
        assert diary(server_host, user_id) == list(range(TIMES))
    assert waiting(server_host) == 0
    assert [error for errors, _ in logged for error in errors] == []


def publish_while_users_go(url: str) -> Logged:
    """One process erases users, the others deliver what those are owed."""
    with worker(url) as (host, logged):
        keep_diary(host)
        is_eraser = meet() == 0
        for user_id in range(10, 10 + TIMES):
            if is_eraser:
                with engine_of(host).begin() as connection:
                    connection.execute(delete(HostRow).where(HostRow.user_id == user_id))
                    connection.execute(
                        delete(OutboxMessage).where(OutboxMessage.user_id == user_id)
                    )
                    connection.execute(delete(User).where(User.id == user_id))
            else:
                owe(host, ADA, user_id)
                deliver_mount(mount_on(host))
    return logged


def test_publishers_and_erasing_do_not_stand_in_each_others_way(server_host: Flask) -> None:
    users = [{"id": 10 + n, "username": "x", "name": "X"} for n in range(TIMES)]
    change(server_host, insert(User).values(users))
    with Session(engine_of(server_host)) as session:
        for user in users:
            put(session, mount_on(server_host), "told", {"number": 1}, user_id=int(str(user["id"])))
        session.commit()
    logged = run_processes(publish_while_users_go, 3, url_of(server_host))
    assert waiting(server_host) == 0
    assert len(diary(server_host, ADA)) == 2 * TIMES
    assert [error for errors, _ in logged for error in errors] == []


def run_and_die(url: str, work: Callable[[Flask], None]) -> None:
    """Do `work` in a process of its own, which must end by SIGKILL."""
    child = os.fork()
    if child == 0:
        try:
            app = mount_host(url)
            with app.app_context():
                work(app)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def commit_and_die(app: Flask) -> None:
    owe(app, ADA, 1, 2)
    die()


@pytest.mark.core
def test_what_a_killed_writer_has_committed_is_swept(host: Flask) -> None:
    url = url_of(host)
    db_of(host).session.remove()
    engine_of(host).dispose()
    run_and_die(url, commit_and_die)
    keep_diary(host)
    assert Sweep().run(mount_on(host)) == 2
    assert diary(host, ADA) == [1, 2]


def write_and_die(app: Flask) -> None:
    session = db_of(app).session()
    put(session, mount_on(app), "told", {"number": 1}, user_id=ADA)
    session.flush()
    die()


def test_nothing_is_delivered_of_what_a_killed_writer_has_not_committed(host: Flask) -> None:
    url = url_of(host)
    engine_of(host).dispose()
    run_and_die(url, write_and_die)
    keep_diary(host)
    assert Sweep().run(mount_on(host)) == 0


class Dying(Diary):
    """Dies when it has written what it was given, before that is committed."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        super().consume(session, mount, messages)
        die()


def deliver_and_die(app: Flask) -> None:
    mount_on(app).consumers = (Dying(),)
    deliver_mount(mount_on(app))


@pytest.mark.core
def test_what_a_killed_publisher_had_is_taken_over_once_its_lease_is_over(host: Flask) -> None:
    url = url_of(host)
    owe(host, ADA, 1, 2)
    engine_of(host).dispose()
    run_and_die(url, deliver_and_die)
    keep_diary(host)
    owe(host, ADA, 3)
    owe(host, BEN, 4)
    assert deliver(host) == 1  # Ben's; Ada's third waits for the first two
    with frozen(clock.now() + LEASE + timedelta(seconds=1)):
        assert deliver(host) == 3
    assert (diary(host, ADA), diary(host, BEN)) == ([1, 2, 3], [4])


def test_the_sweep_leaves_what_is_new_to_the_publishers(new_host: MakeHost) -> None:
    host = new_host(config={"GAMIFY_PUBLISHER": True})
    keep_diary(host)
    owe(host, ADA, 1)
    assert Sweep().run(mount_on(host)) == 0
    with frozen(clock.now() + NEARER):
        assert Sweep().run(mount_on(host)) == 1


def test_an_outage_is_told_once_and_the_sweep_goes_on(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    sweep = Sweep()
    keep_diary(host)
    owe(host, ADA, 1)
    change(host, text("ALTER TABLE outbox_message RENAME TO elsewhere"))
    for _ in range(3):
        assert sweep.run(mount_on(host)) == 0
    change(host, text("ALTER TABLE elsewhere RENAME TO outbox_message"))
    assert sweep.run(mount_on(host)) == 1
    assert caplog.text.count("the outbox cannot be swept") == 1
    assert caplog.text.count("the outbox is swept again") == 1


# The thread


class Bell(Diary):
    """Rings when something was delivered."""

    def __init__(self) -> None:
        self.rang = Event()

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        self.rang.set()


@pytest.fixture
def publishing(new_host: MakeHost) -> Flask:
    """A host whose publisher is on, with a bell."""
    host = new_host(config={"GAMIFY_PUBLISHER": True})
    mount_on(host).consumers = (Bell(),)
    return host


def bell_of(app: Flask) -> Event:
    (bell,) = mount_on(app).consumers
    assert isinstance(bell, Bell)
    return bell.rang


def end(app: Flask) -> None:
    publisher = mount_on(app).publisher
    assert publisher is not None
    publisher.end()


@pytest.mark.publisher
def test_a_commit_is_delivered_by_the_thread_and_a_rollback_is_not(publishing: Flask) -> None:
    session = db_of(publishing).session()
    put(session, mount_on(publishing), "told", {"number": 1}, user_id=ADA)
    session.rollback()
    publisher = mount_on(publishing).publisher
    assert publisher is not None
    assert publisher._running.get().thread is None
    owe(publishing, ADA, 2)
    assert bell_of(publishing).wait(SECONDS)
    end(publishing)
    assert diary(publishing, ADA) == [2]


@pytest.mark.publisher
def test_a_badge_that_the_host_commits_is_taken_off_the_outbox(publishing: Flask) -> None:
    mount_on(publishing).consumers = (bell := Bell(),)
    bell.consume = lambda *_args: None  # type: ignore[method-assign]
    emit(db_of(publishing).session, "word.translated", user_id=ADA, amount=10)
    db_of(publishing).session.commit()
    assert bell.rang.wait(SECONDS)
    end(publishing)
    assert waiting(publishing) == 0


@pytest.mark.publisher
def test_a_forked_child_has_a_publisher_and_connections_of_its_own(publishing: Flask) -> None:
    owe(publishing, ADA, 1)
    assert bell_of(publishing).wait(SECONDS)
    bell_of(publishing).clear()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            pool: Any = engine_of(publishing).pool
            assert pool.checkedin() == 0
            db_of(publishing).session.remove()
            owe(publishing, ADA, 2)
            status = 0 if bell_of(publishing).wait(SECONDS) else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    end(publishing)
    assert diary(publishing, ADA) == [1, 2]


@pytest.mark.publisher
def test_the_thread_itself_tries_again_what_failed(publishing: Flask) -> None:
    class Shy(Bell):
        failed = False

        def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
            if not self.failed:
                self.failed = True
                raise ValueError("not yet")

    mount_on(publishing).consumers = (shy := Shy(),)
    owe(publishing, ADA, 1)
    assert shy.rang.wait(SECONDS)
    end(publishing)
    assert waiting(publishing) == 0


@pytest.mark.publisher
@pytest.mark.sqlite_only
def test_a_database_in_memory_is_left_to_the_requests(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A thread would commit on their only connection what they have not finished."""
    app = mount_host("sqlite://", config={"GAMIFY_PUBLISHER": True})
    with app.app_context():
        mount_on(app).wake()
        publisher = mount_on(app).publisher
        assert publisher is not None
        thread = publisher._running.get().thread
        assert thread is not None
        thread.join(SECONDS)
        mount_on(app).wake()
        assert not publisher._running.get().is_alive
        close(app)
    assert caplog.text.count("only one connection") == 1


@pytest.mark.publisher
def test_it_can_be_switched_off(host: Flask) -> None:
    assert mount_on(host).publisher is None
    owe(host, ADA, 1)
    assert waiting(host) == 1


@pytest.mark.core
def test_a_backlog_is_searched_by_the_key_and_not_sorted(server_host: Flask) -> None:
    """However long it is: else each batch would sort all of it."""
    with Session(engine_of(server_host)) as session:
        for _ in range(5):
            session.execute(
                insert(OutboxMessage),
                [
                    {
                        "user_id": number % 2 + 1, "topic": "told", "payload": {},
                        "created_at": clock.now(), "due_at": clock.now(),
                    }
                    for number in range(2000)
                ],
            )  # fmt: skip
        session.commit()
        session.execute(text("ANALYZE TABLE outbox_message"))
        session.execute(text("FLUSH STATUS"))
        assert len(claim(session, "me")) == claims.BATCH
        read = {
            row[0]: int(row[1])
            for row in session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
        }
        assert sum(read.values()) < 100 * claims.BATCH


@pytest.mark.parametrize("count", [1, 4, 40])
def test_no_delivery_waits_for_a_host_whose_transaction_is_open(
    server_host: Flask, count: int
) -> None:
    owe(server_host, ADA, *range(count))
    put(db_of(server_host).session(), mount_on(server_host), "told", {"number": 1}, user_id=BEN)
    with own_session(engine_of(server_host)) as session:
        session.execute(text("SET innodb_lock_wait_timeout = 1"))
        messages = claim(session, "me")
        finish(session, "me", messages)
        session.commit()
    assert (len(messages), waiting(server_host)) == (count, 0)
