"""A badge that a user holds, or held until it was revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, ExternalKey, no_bytes, table_args, user_fk


class UserBadge(Base):
    """A grant (docs/contract.md §4.3). A revoked row stays and bars an automatic re-grant."""

    __tablename__ = "user_badge"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "badge_id", "context", name="uq_user_badge"),
        comment="A badge granted to a user",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"))
    achieved_at: Mapped[datetime | None] = mapped_column(comment="UTC")
    is_shown: Mapped[bool] = mapped_column(
        nullable=True, server_default=text("0"), comment="Whether the user has seen it"
    )
    source: Mapped[str] = mapped_column(
        String(16), server_default="auto", comment="auto, manual or backfill"
    )
    context: Mapped[str] = mapped_column(
        ExternalKey(64),
        server_default=no_bytes(),
        comment="What a repeatable badge was granted for",
    )
    sort_override: Mapped[int | None] = mapped_column(comment="Instead of badge.sort_score")
    evidence: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, comment="The certificate: rule version, value, threshold, event, zone"
    )
    revoked_at: Mapped[datetime | None] = mapped_column(comment="UTC; every read skips the row")
    revoked_by: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL", name="fk_user_badge_revoked_by"),
        comment="The moderator",
    )
