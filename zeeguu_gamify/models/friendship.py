"""Two users who are, or were, friends."""

from __future__ import annotations

from datetime import date, datetime

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
    a_since: Mapped[date | None] = mapped_column(comment="Local date of a when they became friends")
    a_from: Mapped[date | None] = mapped_column(comment="First date of the newest run of a")
    a_last: Mapped[date | None] = mapped_column(comment="Last practised date of a")
    a_bridged: Mapped[date | None] = mapped_column(comment="Last bridged date of the run of a")
    b_since: Mapped[date | None] = mapped_column(comment="Local date of b when they became friends")
    b_from: Mapped[date | None] = mapped_column(comment="First date of the newest run of b")
    b_last: Mapped[date | None] = mapped_column(comment="Last practised date of b")
    b_bridged: Mapped[date | None] = mapped_column(comment="Last bridged date of the run of b")
    friend_streak_date: Mapped[date | None] = mapped_column(comment="Last date that both practised")
    max_friend_streak: Mapped[int] = mapped_column(server_default=text("0"))
    max_friend_streak_date: Mapped[date | None] = mapped_column(
        comment="Last date of the first longest shared run"
    )
    opened_from: Mapped[date | None] = mapped_column(
        comment="First date of a shared run that was taken over when we were mounted"
    )
    opened_to: Mapped[date | None] = mapped_column(comment="Last date of that run")
