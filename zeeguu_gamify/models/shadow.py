"""What shadow mode keeps: what we would have written, and where the host wrote something else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class ShadowProgress(Base):
    """The value that a row of user_badge_progress would have, were it ours."""

    __tablename__ = "shadow_progress"
    __table_args__ = table_args(comment="Progress as shadow mode counts it beside the host")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    badge_category_id: Mapped[int] = mapped_column(
        ForeignKey("badge_category.id"), primary_key=True, autoincrement=False
    )
    value: Mapped[int]


class ShadowDifference(Base):
    """A row that the host has written otherwise than we would have; gone once they agree."""

    __tablename__ = "shadow_difference"
    __table_args__ = table_args(comment="Where the host and shadow mode disagree")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(
        String(80), primary_key=True, comment="e.g. progress TRANSLATED_WORDS"
    )
    expected: Mapped[str] = mapped_column(String(255), comment="What we would have written")
    found: Mapped[str] = mapped_column(String(255), comment="What the host has written")
    event: Mapped[str] = mapped_column(String(64), comment="The event after which it was seen")
    since: Mapped[datetime] = mapped_column(comment="UTC")
    seen_at: Mapped[datetime] = mapped_column(comment="UTC")
