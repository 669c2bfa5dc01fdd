"""What is owed once a transaction is committed: written in that transaction, delivered after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, LongId, table_args, user_fk


class OutboxMessage(Base):
    """One message that waits; the row goes when it is delivered."""

    __tablename__ = "outbox_message"
    __table_args__ = table_args(
        Index("ix_outbox_message_due", "due_at", "id"),
        Index("ix_outbox_message_user", "user_id", "id"),
        Index("ix_outbox_message_lease", "lease_until"),
        comment="What is owed after a commit; a row goes when it is delivered",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        user_fk(), comment="Whom it is about; order is kept per user"
    )
    topic: Mapped[str] = mapped_column(String(64), comment="e.g. badge.earned")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    due_at: Mapped[datetime] = mapped_column(
        comment="UTC; later after each failure, 9999 once it is parked"
    )
    attempts: Mapped[int] = mapped_column(server_default=text("0"), comment="How often it failed")
    claimed_by: Mapped[str | None] = mapped_column(String(64), comment="Which process delivers it")
    lease_until: Mapped[datetime | None] = mapped_column(
        comment="UTC; then anybody may take it over"
    )
    error: Mapped[str | None] = mapped_column(String(255), comment="Why it failed last")
