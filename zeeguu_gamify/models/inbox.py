"""What users are told in the app, and what they wish to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, LongId, table_args, user_fk


class InboxMessage(Base):
    """One notification of a user; what it says is made from `payload` when it is read."""

    __tablename__ = "inbox_message"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "dedupe_key"),
        Index("ix_inbox_message_page", "user_id", "shown", "id"),
        Index("ix_inbox_message_unseen", "user_id", "shown", "seen_at", "about_id"),
        Index("ix_inbox_message_about", "about_id"),
        Index("ix_inbox_message_tell", "tell_at"),
        comment="What users are told in the app",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    kind: Mapped[str] = mapped_column(String(16), comment="badge, level, friend, streak or season")
    about_id: Mapped[int | None] = mapped_column(
        user_fk(), comment="The other user; the message goes with that user too"
    )
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedupe_key: Mapped[str] = mapped_column(
        ExternalKey(190), comment="What it is about: told once, whatever is delivered again"
    )
    shown: Mapped[bool] = mapped_column(
        server_default=text("1"), comment="0: dismissed, or only for the host to tell"
    )
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    seen_at: Mapped[datetime | None] = mapped_column(comment="UTC")
    tell_at: Mapped[datetime | None] = mapped_column(
        comment="UTC; when streams and the host are to be told. None: they were, or it is given up"
    )
    claimed_by: Mapped[str | None] = mapped_column(
        String(64), comment="Which process told it last; until tell_at it has it alone"
    )
    failures: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How often the host could not be told"
    )


class InboxPreference(Base):
    """How a user wishes to hear of a kind; without a row, in both ways."""

    __tablename__ = "inbox_preference"
    __table_args__ = table_args(comment="How users wish to be told of what")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True, comment="As in inbox_message")
    in_app: Mapped[bool] = mapped_column(server_default=text("1"), comment="In the inbox")
    by_host: Mapped[bool] = mapped_column(
        server_default=text("1"), comment="By whatever the host does: e-mail, push"
    )
