"""The entries that a profile sums."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import Enum, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, LongId, table_args, user_fk


class Asset(enum.Enum):
    """What an entry moves."""

    FREEZES = "FREEZES"
    EXP = "EXP"
    COINS = "COINS"


class LedgerEntry(Base):
    """A change of what a user owns; append-only."""

    __tablename__ = "ledger_entry"
    __table_args__ = table_args(
        Index("ix_ledger_entry_user", "user_id", "asset", "local_date"),
        Index("ix_ledger_entry_date", "asset", "local_date"),
        Index("ix_ledger_entry_object", "user_id", "object_id"),
        comment="Append-only changes of what users own",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    asset: Mapped[Asset] = mapped_column(Enum(Asset))
    amount: Mapped[int] = mapped_column(comment="Negative when spent")
    at: Mapped[datetime] = mapped_column(comment="UTC")
    reason: Mapped[str] = mapped_column(String(255))
    local_date: Mapped[date | None] = mapped_column(
        comment="On which boards it counts: the user's local date at that instant"
    )
    language_id: Mapped[int] = mapped_column(server_default=text("0"), comment="0: none")
    object_id: Mapped[str | None] = mapped_column(
        ExternalKey(128), comment="What was completed for it, to take it back by"
    )
