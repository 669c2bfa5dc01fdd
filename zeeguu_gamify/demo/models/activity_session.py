"""How long users do what: one table for each kind of activity. Durations are milliseconds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Enum, ForeignKey, text, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from zeeguu_gamify.demo.database import Base, TinyInt, user_fk


class ActivitySession(Base):
    """What the five kinds share."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    start_time: Mapped[datetime]
    duration: Mapped[int] = mapped_column(server_default=text("0"))
    last_action_time: Mapped[datetime | None]
    platform: Mapped[int | None] = mapped_column(TinyInt)

    @declared_attr
    def user_id(cls) -> Mapped[int]:
        """Whose activity it is."""
        return mapped_column(user_fk(), index=True)


class UserExerciseSession(ActivitySession):
    """Solving exercises, in the language learned at its start."""

    __tablename__ = "user_exercise_session"

    is_active: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))


class UserReadingSession(ActivitySession):
    """Reading an article, which may be a crawler's, not ours: no foreign key."""

    __tablename__ = "user_reading_session"

    is_active: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    article_id: Mapped[int | None]
    reading_source: Mapped[str | None] = mapped_column(Enum("extension", "web"))


class UserListeningSession(ActivitySession):
    """Hearing an audio lesson."""

    __tablename__ = "user_listening_session"

    is_active: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    daily_audio_lesson_id: Mapped[int | None] = mapped_column(
        ForeignKey("daily_audio_lesson.id", ondelete="CASCADE")
    )


class UserBrowsingSession(ActivitySession):
    """Looking for something to read, in the language learned at its start."""

    __tablename__ = "user_browsing_session"

    is_active: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))


class UserWatchingSession(ActivitySession):
    """Watching a video, which the demo knows only by its number."""

    __tablename__ = "user_watching_session"

    video_id: Mapped[int | None]
