"""Delivering what the outbox holds: the same for the thread, the scheduler and the tests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.claims import LostClaim
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once, is_deadlock, is_fatal

log = logging.getLogger("zeeguu_gamify.delivery")

Result = TypeVar("Result")

#: So often a transaction that the server gave up for another's sake is tried.
DEADLOCK_TRIES = 5


def deliver(
    mount: Mount,
    *,
    waited: timedelta = timedelta(),
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Deliver all that is due, in transactions of our own; how many messages that was.

    Must be called in an app context. waited: leave what is due for less than that. What a consumer
    cannot take is tried again later, and holds up nobody but its user. Raises what the database
    raises when it is out of order; nothing is lost then.
    """
    delivered, name = 0, claims.publisher_name()
    with own_session(mount.db.engine) as session:
        while not stopping() and (
            messages := again(session, lambda: claims.claim(session, name, waited))
        ):
            count = 0
            try:
                count = _deliver(session, mount, name, messages)
            finally:
                if count < len(messages):
                    _let_go_of_the_rest(session, name, messages)
            delivered += count
    return delivered


@contextmanager
def own_session(engine: Engine) -> Iterator[Session]:
    """A session on one connection, which reads what is committed and locks only what it finds."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="READ COMMITTED")
        with Session(connection) as session:
            yield session


def _let_go_of_the_rest(session: Session, name: str, messages: Sequence[Message]) -> None:
    """What was not delivered may be taken by anybody; else its lease runs out."""
    with suppress(DBAPIError):
        session.rollback()
        claims.let_go(session, name, [message.id for message in messages])
        session.commit()


def _deliver(session: Session, mount: Mount, name: str, messages: Sequence[Message]) -> int:
    """All at once; one after the other when one of them is in the way."""
    try:
        _consume(session, mount, name, messages)
    except LostClaim:
        log.warning("another publisher has taken over what took this one too long")
        return 0
    except Exception as error:
        _stop_if_fatal(session, error)
        return _one_by_one(session, mount, name, messages)
    _publish(mount, messages)
    return len(messages)


def _one_by_one(session: Session, mount: Mount, name: str, messages: Sequence[Message]) -> int:
    """Deliver what can be; after a failure the user's later messages wait, but nobody else's."""
    delivered, waiting = 0, set()
    for message in messages:
        if message.user_id is not None and message.user_id in waiting:
            continue
        try:
            _consume(session, mount, name, [message])
        except LostClaim:
            waiting.add(message.user_id)
        except Exception as error:
            _stop_if_fatal(session, error)
            if not _fail(session, name, message, error):
                waiting.add(message.user_id)
        else:
            _publish(mount, [message])
            delivered += 1
    return delivered


def _consume(session: Session, mount: Mount, name: str, messages: Sequence[Message]) -> None:
    """All consumers, and the messages gone, in one transaction."""

    def work() -> None:
        begin_at_once(session)
        for consumer in mount.consumers:
            consumer.consume(session, mount, messages)
        claims.finish(session, name, messages)
        session.commit()

    again(session, work)


def again(session: Session, work: Callable[[], Result]) -> Result:
    """What `work` returns, which commits; again after a deadlock."""
    for tries_left in reversed(range(DEADLOCK_TRIES)):
        try:
            return work()
        except BaseException as error:
            session.rollback()
            if not (tries_left and isinstance(error, DBAPIError) and is_deadlock(error)):
                raise
    raise AssertionError  # the last try has returned or raised


def _stop_if_fatal(session: Session, error: Exception) -> None:
    """Raise what is no fault of the message: the database is out of order."""
    if is_fatal(session, error):
        raise error


def _fail(session: Session, name: str, message: Message, error: Exception) -> bool:
    """Try again later; whether that is given up."""
    try:
        parked = claims.fail(session, name, message, error)
    except LostClaim:
        log.info("message %s is gone, e.g. with its user: %s", message.id, error)
        return False
    session.commit()
    log.error(
        "message %s (%s) of user %s %s: %s", message.id, message.topic, message.user_id,
        "is parked" if parked else "could not be delivered", error, exc_info=error,
    )  # fmt: skip
    return parked


def _publish(mount: Mount, messages: Sequence[Message]) -> None:
    for consumer in mount.consumers:
        try:
            consumer.publish(mount, messages)
        except Exception:
            log.exception("messages are delivered, but those who listen were not told")
