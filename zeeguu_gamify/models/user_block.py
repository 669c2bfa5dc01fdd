"""Who does not want to be seen by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class UserBlock(Base):
    """To the blocked, the blocker looks like an unknown user."""

    __tablename__ = "user_block"
    __table_args__ = table_args(
        Index("ix_user_block_blocked", "blocked_id"),
        comment="To the blocked, the blocker looks like an unknown user",
    )

    blocker_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    blocked_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
