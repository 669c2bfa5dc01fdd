"""Words: what they mean, who studies them, where they were met, when they are due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, Boolean, ForeignKey, String, Text, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zeeguu_gamify.demo.database import MYSQL_TABLE, Base, user_fk

#: A text in which case and accents matter, on every database.
ExactString = String(255).with_variant(String(255, collation="utf8mb4_bin"), "mysql", "mariadb")


class Meaning(Base):
    """A word in one language and its translation into another."""

    __tablename__ = "meaning"
    __table_args__ = (
        UniqueConstraint("origin", "origin_language_id", "translation_language_id"),
        MYSQL_TABLE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(ExactString)
    translation: Mapped[str] = mapped_column(String(255))
    origin_language_id: Mapped[int] = mapped_column(ForeignKey("language.id"))
    translation_language_id: Mapped[int] = mapped_column(ForeignKey("language.id"))


class UserWord(Base):
    """A meaning that a user studies."""

    __tablename__ = "user_word"
    __table_args__ = (UniqueConstraint("user_id", "meaning_id"), MYSQL_TABLE)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    meaning_id: Mapped[int] = mapped_column(ForeignKey("meaning.id"))
    level: Mapped[int] = mapped_column(server_default=text("1"))
    learned_time: Mapped[datetime | None]
    fit_for_study: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    preferred_bookmark_id: Mapped[int | None]
    is_user_added: Mapped[bool | None] = mapped_column(Boolean)

    meaning: Mapped[Meaning] = relationship()


class Bookmark(Base):
    """A place where a user looked a word up; the same place is kept once."""

    __tablename__ = "bookmark"
    __table_args__ = (UniqueConstraint("user_id", "place"), MYSQL_TABLE)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    user_word_id: Mapped[int] = mapped_column(ForeignKey("user_word.id", ondelete="CASCADE"))
    context: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(CHAR(64))  #: digest of context, word and target language
    time: Mapped[datetime]


class BasicSRSchedule(Base):
    """When a word is practised next."""

    __tablename__ = "basic_sr_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_word_id: Mapped[int] = mapped_column(
        ForeignKey("user_word.id", ondelete="CASCADE"), unique=True
    )
    next_practice_time: Mapped[datetime]
    consecutive_correct_answers: Mapped[int] = mapped_column(server_default=text("0"))
    cooling_interval: Mapped[int] = mapped_column(server_default=text("0"))  #: minutes
