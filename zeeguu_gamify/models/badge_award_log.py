"""What happened to grants: append-only."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, LongId, no_bytes, table_args, user_fk


class AwardAction(enum.Enum):
    """What was done to a grant."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"
    LIFTED = "LIFTED"  # a revocation was taken back


class BadgeAwardLog(Base):
    """One line of a grant's history: what, when, by whom, through which event."""

    __tablename__ = "badge_award_log"
    __table_args__ = table_args(
        Index("ix_badge_award_log_at", "at"),
        comment="Append-only history of grants",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"))
    context: Mapped[str] = mapped_column(ExternalKey(64), server_default=no_bytes())
    action: Mapped[AwardAction] = mapped_column(Enum(AwardAction))
    at: Mapped[datetime] = mapped_column(comment="UTC")
    event: Mapped[str | None] = mapped_column(String(64), comment="The event that caused it")
    event_id: Mapped[str | None] = mapped_column(ExternalKey(128))
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), comment="The moderator; NULL: the rules"
    )
    reason: Mapped[str | None] = mapped_column(String(255))
