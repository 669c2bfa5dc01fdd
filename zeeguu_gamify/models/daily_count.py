"""What a user did on a local date, for daily goals."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class DailyCount(Base):
    """How often an event happened to a user on a date; only of events that a daily goal counts.

    Goals on the same event share it. Old rows may go: a goal that was reached has a receipt.
    """

    __tablename__ = "daily_count"
    __table_args__ = table_args(comment="How often what daily goals count happened on a date")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    local_date: Mapped[date] = mapped_column(primary_key=True, comment="In the user's zone")
    event: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int]
