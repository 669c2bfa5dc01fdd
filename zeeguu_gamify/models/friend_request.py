"""A pending friend request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Computed, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class FriendRequest(Base):
    """A request that waits for an answer: the row exists while it does (docs/contract.md §4.6)."""

    __tablename__ = "friend_request"
    __table_args__ = table_args(
        ForeignKeyConstraint(
            ["sender_id"], ["user.id"], ondelete="CASCADE", name="fk_friend_request_sender"
        ),
        ForeignKeyConstraint(
            ["receiver_id"], ["user.id"], ondelete="CASCADE", name="fk_friend_request_receiver"
        ),
        UniqueConstraint("low_id", "high_id", name="uq_friend_request_pair"),
        comment="A friend request that waits for an answer",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int]
    receiver_id: Mapped[int]
    created_at: Mapped[datetime | None] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))
    low_id: Mapped[int | None] = mapped_column(
        Computed(
            "CASE WHEN sender_id < receiver_id THEN sender_id ELSE receiver_id END",
            persisted=False,
        ),
        comment="The smaller id of the pair, whoever asked",
    )
    high_id: Mapped[int | None] = mapped_column(
        Computed(
            "CASE WHEN sender_id < receiver_id THEN receiver_id ELSE sender_id END",
            persisted=False,
        ),
        comment="The larger id of the pair",
    )
