"""Counting the events that were accepted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.ingestion.accept import RECEIVED, event_from
from zeeguu_gamify.mount import Mount


class EventConsumer:
    """Emits what other services have told, in the transaction that takes it off the outbox."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """All at once. While we are paused too: what was accepted is counted.

        Raises GamifyError for an event that is not sound any more; it is then parked in the end.
        """
        events = [
            event_from(mount, message.user_id, message.payload)
            for message in messages
            if message.topic == RECEIVED and message.user_id is not None
        ]
        if events:
            emit_batch(session, events)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Nothing: what follows is owed by messages of its own."""
