"""Who hears of us by HTTP, and what was sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, LongId, table_args, user_fk


class WebhookEndpoint(Base):
    """A URL to which messages are sent."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = table_args(comment="URLs to which messages are sent")

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    topics: Mapped[list[str]] = mapped_column(JSON, comment="What it hears of; none: everything")
    secrets: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, comment="Its keys, the newest first; until: UTC, when an old one ends"
    )
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    failing_since: Mapped[datetime | None] = mapped_column(
        comment="UTC; the first failure after the last success"
    )
    disabled_at: Mapped[datetime | None] = mapped_column(comment="UTC")
    disabled_why: Mapped[str | None] = mapped_column(String(255))


class WebhookDelivery(Base):
    """One message for one endpoint: what waits, and for some weeks what was sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = table_args(
        Index("ix_webhook_delivery_due", "endpoint_id", "due_at", "id"),
        Index("ix_webhook_delivery_user", "user_id"),
        Index("ix_webhook_delivery_created", "created_at"),
        comment="What is sent to which URL",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(user_fk(), comment="Whom it is about")
    message_id: Mapped[str] = mapped_column(
        String(64), comment="The same for each try and each endpoint"
    )
    topic: Mapped[str] = mapped_column(String(64), comment="e.g. badge.earned")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    due_at: Mapped[datetime | None] = mapped_column(
        comment="UTC; none: it was received, or given up"
    )
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    claimed_by: Mapped[str | None] = mapped_column(String(64), comment="Which process sends it")
    lease_until: Mapped[datetime | None] = mapped_column(
        comment="UTC; then anybody may take it over"
    )
    delivered_at: Mapped[datetime | None] = mapped_column(comment="UTC")
    status: Mapped[int | None] = mapped_column(comment="What the last try was answered, of HTTP")
    error: Mapped[str | None] = mapped_column(String(255), comment="Why the last try failed")
