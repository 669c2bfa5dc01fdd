"""Who is logged in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import Base, user_fk


class LoginSession(Base):
    """A login; the client sends its uuid with every call."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    uuid: Mapped[str] = mapped_column(CHAR(36), unique=True)
    last_use: Mapped[datetime | None]
