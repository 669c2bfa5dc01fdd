"""A badge: one level of a family."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Numeric, String, Text, UniqueConstraint, text
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
    rule: Mapped[str | None] = mapped_column(
        Text, comment="In words, what of the rule the threshold does not say"
    )
    starts_at: Mapped[datetime | None] = mapped_column(comment="UTC; to be earned from then on")
    ends_at: Mapped[datetime | None] = mapped_column(comment="UTC; from then on no more")
    max_holders: Mapped[int | None] = mapped_column(comment="So many are ever granted")
    grants_made: Mapped[int] = mapped_column(
        server_default=text("0"), comment="While max_holders is set: how many were ever granted"
    )
    users_with_badge: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Holders, as counted by the job"
    )
    share_active: Mapped[float | None] = mapped_column(
        Numeric(5, 4, asdecimal=False), comment="Of the active users, 0 to 1, as counted by the job"
    )
