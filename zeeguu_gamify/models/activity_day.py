"""What users did per closed UTC day: boards add up days instead of the host's sessions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class ActivityDay(Base):
    """A user's sum of one metric on one UTC day; no row is 0. Recomputable from the host's rows."""

    __tablename__ = "activity_day"
    __table_args__ = table_args(comment="Sums of the host's activity rows per closed UTC day")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    metric: Mapped[str] = mapped_column(String(16), primary_key=True, comment="e.g. reading_time")
    utc_day: Mapped[date] = mapped_column(
        primary_key=True, comment="On which the activity began, in UTC"
    )
    value: Mapped[int] = mapped_column(
        BigInteger, comment="Milliseconds or a count, as the metric has it"
    )
