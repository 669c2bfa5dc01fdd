"""What badges pay, once they are granted for good: off the outbox, so no grant waits for it.

Whoever revokes a badge emits `badge.revoked`, which takes it back. What nobody was told of, e.g. by
a silent backfill, pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.events import BADGE_GRANTED, badge_object, emit
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.mount import Mount


class BadgePayConsumer:
    """Emits `badge.granted` where the dictionary says that it pays; else costs nothing."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Emit it once for each grant that stands."""
        if not mount.events[BADGE_GRANTED].pays:
            return
        for message in messages:
            if message.topic == BADGE_EARNED and message.user_id is not None:
                _pay(session, message.user_id, message.payload["code"])

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Nobody listens."""


def _pay(session: Session, user_id: int, code: str) -> None:
    for badge_id, context in _standing(session, user_id, code):
        object_id = badge_object(badge_id, context)
        emit(session, BADGE_GRANTED, user_id=user_id, object_id=object_id)


def _standing(session: Session, user_id: int, code: str) -> list[Any]:
    """Id and context of the user's grants of a badge, locked: who revokes one locks it too."""
    grant, badge = UserBadge.__table__.c, Badge.__table__.c
    wanted = (
        select(grant.badge_id, grant.context)
        .join_from(UserBadge, Badge, grant.badge_id == badge.id)
        .where(grant.user_id == user_id, badge.code == code, grant.revoked_at.is_(None))
        .order_by(grant.id)
        .with_for_update()
    )
    return list(session.connection().execute(wanted))
