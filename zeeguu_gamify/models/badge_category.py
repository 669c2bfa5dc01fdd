"""A family: the badges that share a metric."""

from __future__ import annotations

import enum

from sqlalchemy import Enum, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class Mechanism(enum.Enum):
    """How events move a metric."""

    COUNTER = "COUNTER"  # each event adds its amount
    GAUGE = "GAUGE"  # each event sets the value, up or down
    ONE_TIME = "ONE_TIME"  # the first event sets 1, the rest change nothing


class BadgeCategory(Base):
    """A family of badges (production's table, docs/contract.md §4.1)."""

    __tablename__ = "badge_category"
    __table_args__ = table_args(comment="A family: the badges that share a metric")

    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(
        String(64), unique=True, comment="What is counted, e.g. TRANSLATED_WORDS; ONE:<code>"
    )
    name: Mapped[str] = mapped_column(String(100))
    award_mechanism: Mapped[Mechanism] = mapped_column(Enum(Mechanism))
