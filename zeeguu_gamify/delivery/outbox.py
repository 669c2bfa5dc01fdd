"""The outbox: what is owed once the host has committed, written in the host's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import on_commit, plain


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the outbox."""

    id: int
    user_id: int | None  #: whom it is about; messages about one user are delivered in order
    topic: str
    payload: Mapping[str, Any]
    created_at: datetime  #: UTC


class Consumer(Protocol):
    """A room that acts on messages; `extension.py` lists them in order."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Write what the messages ask for, in the transaction that takes them off the outbox.

        It may be called again with a message that it was given before, if that was not committed.
        """

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Tell those who listen, once the messages are taken off for good."""


def put(
    session: Session, mount: Mount, topic: str, payload: Mapping[str, Any], *, user_id: int | None
) -> int:
    """Owe a message about `user_id`: one INSERT in the caller's transaction; does not commit.

    Returns the id of the message.
    """
    done = session.connection().execute(insert(OutboxMessage), _row(topic, payload, user_id))
    on_commit(plain(session), mount.wake)
    return int(done.lastrowid)


def put_all(
    session: Session, mount: Mount, topic: str, payloads: Sequence[tuple[int, Mapping[str, Any]]]
) -> None:
    """`put` for many (user id, payload) of one topic, by one INSERT."""
    rows = [_row(topic, payload, user_id) for user_id, payload in payloads]
    session.connection().execute(insert(OutboxMessage), rows)
    on_commit(plain(session), mount.wake)


def _row(topic: str, payload: Mapping[str, Any], user_id: int | None) -> dict[str, Any]:
    now = clock.now()
    return {
        "user_id": user_id, "topic": topic, "payload": dict(payload), "created_at": now,
        "due_at": now,
    }  # fmt: skip
