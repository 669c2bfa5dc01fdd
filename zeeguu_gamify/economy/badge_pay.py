"""What badges pay, once they are granted for good: off the outbox, so no grant waits for it.

Whoever revokes a badge emits `badge.revoked`, which takes it back; what was revoked before it was
paid is paid and taken back at once, for whoever lifts that gives back what was taken. What nobody
was told of, e.g. by a silent backfill, pays nothing. While events are paused, grants are paid all
the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.events import BADGE_GRANTED, BADGE_REVOKED, Event, badge_object, emit_batch
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.mount import Mount


class BadgePayConsumer:
    """Emits `badge.granted` where the dictionary says that it pays; else costs nothing."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Emit it once for each grant, by the ids of the users, as all take several profiles."""
        if not mount.events[BADGE_GRANTED].pays:
            return
        granted = [
            (message.user_id, message.payload)
            for message in messages
            if message.topic == BADGE_EARNED and message.user_id is not None
        ]
        events: list[Event] = []
        for user_id, told in sorted(granted, key=itemgetter(0)):
            events += _events(session, user_id, told)
        if events:
            emit_batch(session, events)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Nobody listens."""


def _events(session: Session, user_id: int, told: Mapping[str, Any]) -> Iterator[Event]:
    context = told.get("context", "")
    grant = _grant(session, user_id, told["code"], context)
    if grant is not None:
        object_id, at = badge_object(grant.badge_id, context), grant.revoked_at
        yield Event(name=BADGE_GRANTED, user_id=user_id, object_id=object_id, at=at)
        if at is not None:
            yield Event(name=BADGE_REVOKED, user_id=user_id, object_id=object_id, at=at)


def _grant(session: Session, user_id: int, code: str, context: str) -> Any:
    """The user's grant of the badge, if it is still there; locked, as who revokes it does.

    The badge itself must not be: everybody who is granted it would wait.
    """
    badge, grant = Badge.__table__.c, UserBadge.__table__.c
    badge_id = session.connection().execute(select(badge.id).where(badge.code == code)).scalar()
    this = (grant.user_id == user_id, grant.badge_id == badge_id, grant.context == context)
    wanted = select(grant.badge_id, grant.revoked_at).where(*this).with_for_update()
    return session.connection().execute(wanted).first()
