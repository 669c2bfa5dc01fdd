"""What was changed in the panel: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, LongId, table_args, user_fk


class AdminAudit(Base):
    """One change: who made it, when, what and why, and how things were before and after.

    A change that is about a user goes with that user; so nothing in it names anybody else.
    """

    __tablename__ = "admin_audit"
    __table_args__ = table_args(
        UniqueConstraint("form_id", name="uq_admin_audit_form"),
        Index("ix_admin_audit_at", "at"),
        comment="Append-only history of changes in the panel",
    )

    id: Mapped[int] = mapped_column(LongId, primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL"), comment="Who did it"
    )
    at: Mapped[datetime] = mapped_column(comment="UTC")
    form_id: Mapped[str] = mapped_column(
        String(32), comment="Of the form that was sent; sent twice, it counts once"
    )
    action: Mapped[str] = mapped_column(String(64), comment="e.g. badge.revoke")
    subject: Mapped[str] = mapped_column(String(255), comment="What it was done to, in words")
    user_id: Mapped[int | None] = mapped_column(user_fk(), comment="Whom it is about")
    reason: Mapped[str] = mapped_column(String(255))
    old_values: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    new_values: Mapped[dict[str, Any] | None] = mapped_column(JSON)
