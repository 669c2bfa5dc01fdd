"""How far a user is: the value of one metric."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, touched_on_update, user_fk


class UserBadgeProgress(Base):
    """A user's value of a metric (docs/contract.md §4.4)."""

    __tablename__ = "user_badge_progress"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "badge_category_id"),
        comment="A user's value of a metric",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    badge_category_id: Mapped[int] = mapped_column(ForeignKey("badge_category.id"))
    value: Mapped[int]
    updated_at: Mapped[datetime | None] = mapped_column(
        server_default=touched_on_update(), comment="UTC, always written by the application"
    )
