"""The ledger of practice: the truth under every streak."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class PracticeDay(Base):
    """A local date on which a user practised a language; never relabelled."""

    __tablename__ = "practice_day"
    __table_args__ = table_args(
        Index("ix_practice_day_date", "user_id", "local_date"),
        comment="The dates on which users practised: the truth under every streak",
    )

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    language_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="0 on a host without languages"
    )
    local_date: Mapped[date] = mapped_column(primary_key=True, comment="In the zone of the row")
    source: Mapped[str] = mapped_column(String(8), comment="activity or opening")
    zone: Mapped[str] = mapped_column(String(64), comment="The user's IANA zone at that instant")
    first_at: Mapped[datetime | None] = mapped_column(
        comment="UTC instant of the first practice of the date; NULL for an opening"
    )
