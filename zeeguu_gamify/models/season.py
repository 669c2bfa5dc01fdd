"""Closed periods of boards, and who stood where."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk
from zeeguu_gamify.models.board_score import Period


class SeasonState(enum.Enum):
    """How far the closing is; it only goes forward."""

    OPEN = "OPEN"
    CLOSING = "CLOSING"  # over in every zone; standings are being frozen
    SETTLED = "SETTLED"  # final: standings frozen, prizes given


class Season(Base):
    """One period of a board."""

    __tablename__ = "season"
    __table_args__ = table_args(
        UniqueConstraint("board", "period", "starts", name="uq_season"),
        comment="Periods of boards that close once",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(String(32))
    period: Mapped[Period] = mapped_column(Enum(Period))
    starts: Mapped[date] = mapped_column(comment="The first local date that counts")
    ends: Mapped[date] = mapped_column(comment="The last local date that counts")
    state: Mapped[SeasonState] = mapped_column(Enum(SeasonState))
    closes_at: Mapped[datetime] = mapped_column(
        comment="UTC; by then the last date is over in every zone"
    )
    settled_at: Mapped[datetime | None] = mapped_column(comment="UTC")


class SeasonStanding(Base):
    """Where a user stood when the season closed; never changed but by claiming the prize."""

    __tablename__ = "season_standing"
    __table_args__ = table_args(
        Index("ix_season_standing_place", "season_id", "place", "user_id"),
        comment="Where users stood when a season closed",
    )

    season_id: Mapped[int] = mapped_column(
        ForeignKey("season.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(comment="Ties share a place: 1, 2, 2, 4")
    score: Mapped[int] = mapped_column(BigInteger)
    prize: Mapped[str | None] = mapped_column(String(64), comment="The code of a badge")
    claimed_at: Mapped[datetime | None] = mapped_column(comment="UTC; the prize was given")
