"""The entries that a profile sums."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, LongId, table_args, user_fk


class Asset(enum.Enum):
    """What an entry moves."""

    FREEZES = "FREEZES"


class LedgerEntry(Base):
    """A change of what a user owns; append-only."""

    __tablename__ = "ledger_entry"
    __table_args__ = table_args(
        Index("ix_ledger_entry_user", "user_id", "asset"),
        comment="Append-only changes of what users own",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    asset: Mapped[Asset] = mapped_column(Enum(Asset))
    amount: Mapped[int] = mapped_column(comment="Negative when spent")
    at: Mapped[datetime] = mapped_column(comment="UTC")
    reason: Mapped[str] = mapped_column(String(255))
