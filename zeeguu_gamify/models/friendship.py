"""Two users who are, or were, friends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Computed, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class Friendship(Base):
    """A friendship, user_a_id < user_b_id; ended ones stay (docs/contract.md §4.5)."""

    __tablename__ = "friendship"
    __table_args__ = table_args(
        ForeignKeyConstraint(
            ["user_a_id"], ["user.id"], ondelete="CASCADE", name="fk_friendship_user_a"
        ),
        ForeignKeyConstraint(
            ["user_b_id"], ["user.id"], ondelete="CASCADE", name="fk_friendship_user_b"
        ),
        UniqueConstraint("user_a_id", "user_b_id", "active", name="uq_friendship_active"),
        comment="Two users who are, or were, friends",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_a_id: Mapped[int] = mapped_column(comment="The smaller of the two ids")
    user_b_id: Mapped[int]
    created_at: Mapped[datetime | None] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    deleted_at: Mapped[datetime | None]
    friend_streak: Mapped[int] = mapped_column(nullable=True, server_default=text("0"))
    friend_streak_last_updated: Mapped[datetime | None]
    active: Mapped[int | None] = mapped_column(
        Computed("CASE WHEN deleted_at IS NULL THEN 1 END", persisted=False),
        comment="1 while they are friends, so that a unique key allows one such row per pair",
    )
