"""An outage for which no streak may break."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class Amnesty(Base):
    """A window of time; every local date that it touches is bridged for everybody."""

    __tablename__ = "amnesty"
    __table_args__ = table_args(comment="Outages for which no streak may break")

    id: Mapped[int] = mapped_column(primary_key=True)
    from_utc: Mapped[datetime] = mapped_column(comment="UTC")
    to_utc: Mapped[datetime] = mapped_column(comment="UTC")
    reason: Mapped[str] = mapped_column(String(255))
    actor: Mapped[str] = mapped_column(String(64), comment="Who declared it")
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    undone_at: Mapped[datetime | None] = mapped_column(comment="UTC")
