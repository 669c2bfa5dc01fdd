"""Audio lessons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import Base, user_fk


class DailyAudioLesson(Base):
    """A lesson made for one user."""

    __tablename__ = "daily_audio_lesson"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))
    created_at: Mapped[datetime | None]
    last_completed_at: Mapped[datetime | None]
    listened_count: Mapped[int] = mapped_column(server_default=text("0"))
    duration_seconds: Mapped[int | None]
