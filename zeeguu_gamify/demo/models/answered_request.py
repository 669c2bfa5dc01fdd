"""Answers given before, for requests that are sent again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import MYSQL_TABLE, Base, user_fk


class AnsweredRequest(Base):
    """A request with an `Idempotency-Key`, and its answer."""

    __tablename__ = "answered_request"
    __table_args__ = (UniqueConstraint("user_id", "key"), MYSQL_TABLE)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    key: Mapped[str] = mapped_column(CHAR(64))  #: digest of the client's key
    request: Mapped[str] = mapped_column(CHAR(64))  #: digest of what was asked
    answer: Mapped[str | None] = mapped_column(Text)
    mimetype: Mapped[str | None] = mapped_column(CHAR(32))
    answered_at: Mapped[datetime]
