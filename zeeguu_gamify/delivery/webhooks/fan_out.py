"""From the outbox to each endpoint that listens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import Message, put_all
from zeeguu_gamify.delivery.topics import STREAK_UPDATED, streaks_updated
from zeeguu_gamify.delivery.webhooks import endpoints
from zeeguu_gamify.delivery.webhooks.kinds import KINDS
from zeeguu_gamify.models import WebhookDelivery
from zeeguu_gamify.mount import Mount

if TYPE_CHECKING:
    from zeeguu_gamify.events import Emitted


class WebhookConsumer:
    """Owes each endpoint what it hears of, in the transaction that takes it off the outbox."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """One SELECT and one INSERT, if there is anything to tell."""
        told = [message for message in messages if message.topic in KINDS]
        if not (told and mount.config.webhooks):
            return
        listening = endpoints.enabled(session)
        rows = [
            {**row, "endpoint_id": endpoint.id}
            for row in map(_row, told)
            for endpoint in listening
            if endpoint.hears(row["topic"])
        ]
        if rows:
            session.connection().execute(insert(WebhookDelivery), rows)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Nothing: the scheduler sends what is due each second."""


class WebhookSubscriber:
    """Owes a message when a streak moves, if there are webhooks: nobody else needs one."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One INSERT."""
        if mount.config.webhooks and (moved := streaks_updated(emitted)):
            put_all(session, mount, STREAK_UPDATED, list(moved.items()))

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: there is no later subscriber that could fail."""


def _row(message: Message) -> dict[str, Any]:
    now = clock.now()
    return {
        "user_id": message.user_id, "message_id": f"msg_{secrets.token_hex(12)}",
        "topic": message.topic, "payload": KINDS[message.topic].payload(message),
        "created_at": now, "due_at": now,
    }  # fmt: skip
