"""A streak: the newest run of practice days, and the longest."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk

#: The language id of the streak over all languages.
OVERALL = 0


class Streak(Base):
    """The newest run of a user in a language, or overall; recomputable from practice_day."""

    __tablename__ = "streak"
    __table_args__ = table_args(
        Index("ix_streak_covered_to", "covered_to"),
        comment="The newest run of practice days of a user, and the longest",
    )

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    language_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="0: over all languages"
    )
    current: Mapped[int] = mapped_column(comment="Practised dates of the newest run")
    started: Mapped[date] = mapped_column(comment="First date of the newest run")
    last_date: Mapped[date] = mapped_column(comment="Last practised date")
    covered_to: Mapped[date] = mapped_column(comment="Last date that was practised or bridged")
    bridged: Mapped[date | None] = mapped_column(comment="Last bridged date of the newest run")
    zone: Mapped[str] = mapped_column(String(64), comment="The user's zone at the last practice")
    longest: Mapped[int]
    longest_end: Mapped[date | None] = mapped_column(comment="Last date of the first longest run")
    longest_at: Mapped[datetime | None] = mapped_column(
        comment="UTC instant that completed the first longest run"
    )
    floor: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Longest run before us: no recomputation goes below"
    )
    floor_at: Mapped[datetime | None] = mapped_column(comment="UTC, when the floor was reached")
