"""A badge: one level of a family."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class Badge(Base):
    """One level of a family (docs/contract.md §4.2), with what the badge author manages."""

    __tablename__ = "badge"
    __table_args__ = table_args(
        UniqueConstraint("badge_category_id", "level"),
        UniqueConstraint("code", name="uq_badge_code"),
        comment="One level of a family",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    badge_category_id: Mapped[int] = mapped_column(ForeignKey("badge_category.id"))
    level: Mapped[int]
    threshold: Mapped[int] = mapped_column(comment="Granted once the metric reaches this value")
    name: Mapped[str | None] = mapped_column(String(100))
    achieved_description: Mapped[str] = mapped_column(Text)
    unachieved_description: Mapped[str] = mapped_column(Text)
    icon_name: Mapped[str | None] = mapped_column(String(255))
    code: Mapped[str] = mapped_column(String(64), comment="Slug by which the catalog names it")
    color: Mapped[str | None] = mapped_column(String(7), comment="#rrggbb")
    sort_score: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Place on the profile, descending"
    )
    hidden: Mapped[bool] = mapped_column(
        server_default=text("0"), comment="Neither shown nor granted"
    )
    deprecated_at: Mapped[datetime | None] = mapped_column(
        comment="UTC; from then on not granted, holders keep it"
    )
    rule_version: Mapped[int] = mapped_column(
        server_default=text("1"), comment="Grows with each change of the rule"
    )
    created_at: Mapped[datetime | None] = mapped_column(comment="UTC")
    updated_at: Mapped[datetime | None] = mapped_column(comment="UTC")
