"""The learners and teachers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from zeeguu_gamify.demo.database import Base, TinyInt
from zeeguu_gamify.demo.models.language import Language

ANONYMOUS_DOMAIN = "@anon.zeeguu"


class User(Base):
    """A person with an account. Usernames and e-mail addresses are unique whatever their case."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(
        String(255).with_variant(String(255, collation="NOCASE"), "sqlite"), unique=True
    )
    name: Mapped[str | None] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(
        String(50).with_variant(String(50, collation="NOCASE"), "sqlite"), unique=True
    )
    password: Mapped[str | None] = mapped_column(String(255))  #: hashed by werkzeug
    invitation_code: Mapped[str | None] = mapped_column(String(255))
    learned_language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))
    native_language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))
    is_dev: Mapped[int | None] = mapped_column(TinyInt)
    is_admin: Mapped[bool | None] = mapped_column(Boolean, server_default=false())
    email_verified: Mapped[bool | None] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[datetime | None]
    last_seen: Mapped[datetime | None]
    creation_platform: Mapped[int | None] = mapped_column(TinyInt)
    daily_streak: Mapped[int] = mapped_column(server_default=text("0"))
    timezone: Mapped[str | None] = mapped_column(String(64))

    learned_language: Mapped[Language | None] = relationship(foreign_keys=[learned_language_id])
    native_language: Mapped[Language | None] = relationship(foreign_keys=[native_language_id])

    @property
    def is_anonymous(self) -> bool:
        """Whether the account was made without an e-mail address."""
        return self.email.endswith(ANONYMOUS_DOMAIN)
