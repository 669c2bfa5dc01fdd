"""What coins buy, and who has bought it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, LongId, table_args, user_fk


class Reward(Base):
    """Something to be had for coins."""

    __tablename__ = "reward"
    __table_args__ = table_args(UniqueConstraint("code"), comment="What coins buy")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(255), server_default=text("''"))
    kind: Mapped[str] = mapped_column(String(32), comment="freezes, or what the host gives")
    amount: Mapped[int] = mapped_column(server_default=text("1"), comment="So many of the kind")
    cost: Mapped[int] = mapped_column(comment="Coins")
    stock: Mapped[int | None] = mapped_column(comment="0: none left; NULL: unlimited")
    per_user: Mapped[int | None] = mapped_column(comment="So many for each user; NULL: unlimited")
    starts_at: Mapped[datetime | None] = mapped_column(comment="UTC; to be had from then on")
    ends_at: Mapped[datetime | None] = mapped_column(comment="UTC; from then on no more")


class RedemptionStatus(enum.Enum):
    """What became of a redemption."""

    GRANTED = "GRANTED"
    REFUNDED = "REFUNDED"


class RewardRedemption(Base):
    """A reward that a user has bought."""

    __tablename__ = "reward_redemption"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_reward_redemption_reward", "reward_id", "user_id"),
        comment="Who bought which reward",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    reward_id: Mapped[int] = mapped_column(ForeignKey("reward.id"))
    cost: Mapped[int] = mapped_column(comment="The coins that were paid")
    status: Mapped[RedemptionStatus] = mapped_column(Enum(RedemptionStatus))
    idempotency_key: Mapped[str | None] = mapped_column(
        ExternalKey(128), comment="Of the client: the same key is the same purchase"
    )
    redeemed_at: Mapped[datetime] = mapped_column(comment="UTC")
    refunded_at: Mapped[datetime | None] = mapped_column(comment="UTC")
