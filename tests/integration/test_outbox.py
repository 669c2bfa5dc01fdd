"""The outbox: what a commit owes is delivered once, in order per user, whoever delivers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, HostRow, db_of, engine_of, host_rows, mount_on
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.claims import LEASE, TRIES, claim, finish
from zeeguu_gamify.delivery.deliver import deliver as deliver_mount
from zeeguu_gamify.delivery.outbox import Message, put, put_all
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.testing import deliver, statements

pytestmark = pytest.mark.core

NOON = datetime(2026, 3, 20, 12)


class Ledger:
    """A consumer that keeps what it was given, and what it was told after the commit."""

    def __init__(self) -> None:
        self.consumed: list[tuple[int | None, str]] = []
        self.published: list[tuple[int | None, str]] = []
        self.refuses: Callable[[Message], bool] = lambda _message: False

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        for message in messages:
            if self.refuses(message):
                raise ValueError(f"cannot take {message.topic}")
        self.consumed += [(message.user_id, message.topic) for message in messages]

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        self.published += [(message.user_id, message.topic) for message in messages]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def app(host: Flask, ledger: Ledger) -> Flask:
    """A host whose only consumer is the ledger."""
    mount_on(host).consumers = (ledger,)
    return host


@pytest.fixture(autouse=True)
def moved() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def owe(app: Flask, *topics: str, user_id: int | None = ADA) -> None:
    session = db_of(app).session()
    for topic in topics:
        put(session, mount_on(app), topic, {"for": topic}, user_id=user_id)
    session.commit()


def waiting(app: Flask) -> list[str]:
    with engine_of(app).connect() as connection:
        return list(
            connection.execute(select(OutboxMessage.topic).order_by(OutboxMessage.id)).scalars()
        )


def test_what_was_committed_is_delivered_once_and_gone(app: Flask, ledger: Ledger) -> None:
    owe(app, "a", "b")
    owe(app, "c", user_id=None)
    assert deliver(app) == 3
    assert ledger.published == [(ADA, "a"), (ADA, "b"), (None, "c")]
    assert (deliver(app), waiting(app)) == (0, [])


def test_a_message_carries_what_was_put(app: Flask, ledger: Ledger) -> None:
    owe(app, "a")
    with Session(engine_of(app)) as session:
        (message,) = claim(session, "me")
    assert (message.user_id, message.topic, message.payload) == (ADA, "a", {"for": "a"})
    assert message.created_at == NOON


def test_nothing_is_delivered_of_what_the_host_rolls_back(app: Flask, ledger: Ledger) -> None:
    session = db_of(app).session()
    put(session, mount_on(app), "a", {}, user_id=ADA)
    session.flush()
    session.rollback()
    assert deliver(app) == 0
    assert ledger.consumed == []


def test_more_than_a_batch_is_delivered_in_batches(app: Flask, ledger: Ledger) -> None:
    session = db_of(app).session()
    count = claims.BATCH + 7
    put_all(session, mount_on(app), "a", [(ADA, {})] * count)
    session.commit()
    assert deliver(app) == count
    assert len(ledger.consumed) == count


def test_only_what_waited_long_enough_is_left_to_the_sweep(
    app: Flask, moved: time_machine.Traveller
) -> None:
    owe(app, "a")
    mount = mount_on(app)
    assert deliver_mount(mount, waited=timedelta(seconds=1)) == 0
    moved.shift(1)
    assert deliver_mount(mount, waited=timedelta(seconds=1)) == 1


def test_the_sweep_leaves_what_comes_after_a_message_that_is_left_to_the_publishers(
    app: Flask, ledger: Ledger, moved: time_machine.Traveller
) -> None:
    ledger.refuses = lambda message: message.topic == "late"
    owe(app, "late", "b")
    owe(app, "c", user_id=BEN)
    assert deliver(app) == 1
    ledger.refuses = lambda _message: False
    moved.shift(1)  # now "late" is due again, and "b" has been all the time
    owe(app, "d", user_id=BEN)
    assert deliver_mount(mount_on(app), waited=timedelta(seconds=1)) == 0
    moved.shift(1)
    assert deliver_mount(mount_on(app), waited=timedelta(seconds=1)) == 3
    assert ledger.published == [(BEN, "c"), (ADA, "late"), (ADA, "b"), (BEN, "d")]


def test_a_message_that_cannot_be_taken_holds_up_nobody_but_its_user(
    app: Flask, ledger: Ledger, moved: time_machine.Traveller
) -> None:
    ledger.refuses = lambda message: message.topic == "poison"
    owe(app, "a", "poison", "b")
    owe(app, "c", user_id=BEN)
    assert deliver(app) == 2
    assert ledger.published == [(ADA, "a"), (BEN, "c")]
    assert waiting(app) == ["poison", "b"]
    ledger.refuses = lambda _message: False
    assert deliver(app) == 0  # it is not time yet
    moved.shift(1)
    assert deliver(app) == 2
    assert ledger.published[2:] == [(ADA, "poison"), (ADA, "b")]


def test_it_is_tried_less_and_less_often_and_then_parked(
    app: Flask, ledger: Ledger, moved: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.refuses = lambda message: message.topic == "poison"
    owe(app, "poison", "b")
    for attempt in range(TRIES):
        assert waiting(app) == ["poison", "b"]
        deliver(app)
        moved.shift(2**attempt - 1)
        assert deliver(app) == 0 or attempt == TRIES - 1
        moved.shift(1)
    assert waiting(app) == ["poison"]
    assert ledger.published == [(ADA, "b")]
    assert "is parked: cannot take poison" in caplog.text
    with engine_of(app).connect() as connection:
        (row,) = connection.execute(select(OutboxMessage.__table__))
    assert (row.attempts, row.error) == (TRIES, "ValueError: cannot take poison")


def test_a_claimed_message_is_nobody_elses_until_the_lease_is_over(
    app: Flask, ledger: Ledger, moved: time_machine.Traveller
) -> None:
    owe(app, "a")
    with Session(engine_of(app)) as session:
        assert len(claim(session, "somebody")) == 1
    assert deliver(app) == 0
    moved.shift(LEASE + timedelta(seconds=1))
    assert deliver(app) == 1


def test_a_users_later_messages_wait_for_the_one_that_somebody_has(
    app: Flask, ledger: Ledger
) -> None:
    owe(app, "a")
    with Session(engine_of(app)) as session:
        messages = claim(session, "somebody")
        owe(app, "b")
        owe(app, "c", user_id=BEN)
        assert deliver(app) == 1
        finish(session, "somebody", messages)
        session.commit()
    assert deliver(app) == 1
    assert ledger.published == [(BEN, "c"), (ADA, "b")]


def test_who_looked_before_the_earlier_message_was_taken_gives_the_later_one_back(
    app: Flask, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(app, "a")
    look = claims._candidates
    with Session(engine_of(app)) as session:
        earlier = claim(session, "somebody")
        owe(app, "b")
        (later,) = session.execute(select(OutboxMessage.id).where(OutboxMessage.topic == "b"))
        session.commit()
        seen_too_early = iter([[earlier[0].id, later.id]])
        monkeypatch.setattr(claims, "_candidates", lambda *args: next(seen_too_early, look(*args)))
        assert claim(session, "who looked too early") == []
        finish(session, "somebody", earlier)
        session.commit()
        assert [message.id for message in claim(session, "who comes next")] == [later.id]


def test_many_that_must_wait_do_not_hide_the_others(app: Flask, ledger: Ledger) -> None:
    owe(app, "first")
    with Session(engine_of(app)) as session:
        claim(session, "somebody")
    with Session(engine_of(app)) as session:
        put_all(session, mount_on(app), "later", [(ADA, {})] * claims.BATCH)
        session.commit()
    owe(app, "bens", user_id=BEN)
    assert deliver(app) == 1
    assert ledger.published == [(BEN, "bens")]


def test_whoever_lost_the_lease_takes_back_what_the_consumers_wrote(app: Flask) -> None:
    class Slow(Ledger):
        """Writes a row; the first time it is so slow that another publisher takes over."""

        def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
            super().consume(session, mount, messages)
            session.execute(insert(HostRow).values(user_id=ADA, note="x"))
            if len(self.consumed) == 1:
                session.execute(update(OutboxMessage).values(claimed_by="another"))

    mount_on(app).consumers = (slow := Slow(),)
    owe(app, "a")
    assert deliver(app) == 1
    assert (slow.consumed, slow.published) == ([(ADA, "a")] * 2, [(ADA, "a")])
    assert host_rows(app) == 1


def test_an_outage_is_no_fault_of_the_message(app: Flask, ledger: Ledger) -> None:
    owe(app, "a")

    def lose(_message: Message) -> bool:
        if engine_of(app).name == "sqlite":
            orig: Exception = sqlite3.OperationalError("database is locked")
            orig.sqlite_errorcode = sqlite3.SQLITE_BUSY  # type: ignore[attr-defined]
        else:
            orig = Exception(2006, "server has gone away")
        raise OperationalError("SELECT", {}, orig)

    ledger.refuses = lose
    with pytest.raises(OperationalError):
        deliver(app)
    with engine_of(app).connect() as connection:
        assert connection.execute(select(OutboxMessage.attempts)).scalars().all() == [0]
    ledger.refuses = lambda _message: False
    assert deliver(app) == 1


def test_a_listener_who_fails_loses_nothing_but_the_notice(
    app: Flask, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    class Deaf(Ledger):
        def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
            raise ValueError("deaf")

    mount_on(app).consumers = (Deaf(), ledger)
    owe(app, "a")
    assert deliver(app) == 1
    assert ledger.published == [(ADA, "a")]
    assert "those who listen were not told" in caplog.text


def test_an_empty_outbox_costs_one_statement(app: Flask) -> None:
    with statements(engine_of(app)) as ran:
        assert deliver(app) == 0
    assert len(ran) == 1
