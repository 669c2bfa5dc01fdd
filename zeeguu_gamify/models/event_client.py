"""Other services that tell us of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, table_args


class EventClient(Base):
    """A service that sends events, signed by one of its keys."""

    __tablename__ = "event_client"
    __table_args__ = table_args(comment="Services that send events")

    name: Mapped[str] = mapped_column(
        ExternalKey(50), primary_key=True, comment="client:<name> is the source of its events"
    )
    events: Mapped[list[str]] = mapped_column(JSON, comment="What it may tell")
    secrets: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, comment="Its keys, the newest first; until: UTC, when an old one ends"
    )
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    disabled_at: Mapped[datetime | None] = mapped_column(comment="UTC")
