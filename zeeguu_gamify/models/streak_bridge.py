"""Bridges: missed dates that do not break a streak."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class BridgeKind(enum.Enum):
    """Why a missed date does not break the streak."""

    FREEZE = "FREEZE"  # one of the user's freezes was used for it
    REPAIR = "REPAIR"  # given back by hand; the only one that counts as a day
    TRAVEL = "TRAVEL"  # cut short or skipped by moving zones
    AMNESTY = "AMNESTY"  # the service was not to be reached


class StreakBridge(Base):
    """A date of a user that is bridged, for every language alive the day before."""

    __tablename__ = "streak_bridge"
    __table_args__ = table_args(comment="Missed dates that do not break a streak")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    local_date: Mapped[date] = mapped_column(primary_key=True, comment="The user's local date")
    kind: Mapped[BridgeKind] = mapped_column(Enum(BridgeKind))
    created_at: Mapped[datetime] = mapped_column(comment="UTC")
    amnesty_id: Mapped[int | None] = mapped_column(
        ForeignKey("amnesty.id", ondelete="CASCADE"), comment="For AMNESTY: which"
    )
    reason: Mapped[str | None] = mapped_column(String(255))
