"""The events that were counted, so that none counts twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, table_args, user_fk


class EventReceipt(Base):
    """An event with an id, counted. Kept for ever: a replay years later is still a replay."""

    __tablename__ = "event_receipt"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "event", "object_id", name="uq_event_receipt_object"),
        comment="Events that were counted",
    )

    source: Mapped[str] = mapped_column(
        ExternalKey(64), primary_key=True, comment="Who gave the id"
    )
    event_id: Mapped[str] = mapped_column(ExternalKey(128), primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    event: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str | None] = mapped_column(
        ExternalKey(128), comment="What was completed; counts once per user and event"
    )
    amount: Mapped[int]
    occurred_at: Mapped[datetime] = mapped_column(comment="UTC")
    received_at: Mapped[datetime] = mapped_column(comment="UTC")
