"""Articles and how far users have read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import MYSQL_TABLE, Base, user_fk


class Article(Base):
    """Something to read."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(512))
    content: Mapped[str | None] = mapped_column(Text)
    language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))


class UserArticle(Base):
    """How far a user has read. The article may be a crawler's, not ours: no foreign key."""

    __tablename__ = "user_article"
    __table_args__ = (UniqueConstraint("user_id", "article_id"), MYSQL_TABLE)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    article_id: Mapped[int]
    opened: Mapped[datetime | None]
    starred: Mapped[datetime | None]
    liked: Mapped[bool | None] = mapped_column(Boolean)
    reading_completion: Mapped[float | None] = mapped_column(Float)  #: 0 to 1
    completed_at: Mapped[datetime | None]
    hidden: Mapped[datetime | None]
