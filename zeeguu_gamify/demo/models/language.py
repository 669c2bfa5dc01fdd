"""Languages, and who studies which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zeeguu_gamify.demo.database import Base, user_fk


class Language(Base):
    """A language, e.g. `de`, German."""

    __tablename__ = "language"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(5), unique=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)


class UserLanguage(Base):
    """A language that a user studies, with the streak in it.

    Production declares no unique key over user and language; the user's requests take turns.
    """

    __tablename__ = "user_language"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    language_id: Mapped[int] = mapped_column(ForeignKey("language.id"))
    declared_level_min: Mapped[int | None]
    declared_level_max: Mapped[int | None]
    inferred_level_min: Mapped[int | None]
    inferred_level_max: Mapped[int | None]
    reading_news: Mapped[bool | None] = mapped_column(Boolean, server_default=false())
    doing_exercises: Mapped[bool | None] = mapped_column(Boolean, server_default=false())
    cefr_level: Mapped[int | None]
    last_practiced: Mapped[datetime | None]
    daily_streak: Mapped[int] = mapped_column(server_default=text("0"))
    max_streak: Mapped[int] = mapped_column(server_default=text("0"))
    max_streak_date: Mapped[datetime | None]

    language: Mapped[Language] = relationship(lazy="joined")
