"""The scores on boards: what every ranking is read from, and Redis is a copy of."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import BigInteger, Enum, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class Period(enum.Enum):
    """How long a board counts before it begins anew."""

    DAY = "DAY"
    WEEK = "WEEK"  # from Monday
    MONTH = "MONTH"
    ALL = "ALL"


class BoardScore(Base):
    """A user's score on a board in one period; recomputable from ledger_entry."""

    __tablename__ = "board_score"
    __table_args__ = table_args(
        Index(
            "ix_board_score_rank",
            "board", "period", "starts", "language_id", "listed", "score", "user_id",
        ),
        Index("ix_board_score_user", "user_id"),
        comment="Scores per board and period: the sums of ledger entries",
    )  # fmt: skip

    board: Mapped[str] = mapped_column(String(32), primary_key=True, comment="e.g. exp")
    period: Mapped[Period] = mapped_column(Enum(Period), primary_key=True)
    starts: Mapped[date] = mapped_column(
        primary_key=True, comment="The first local date that counts; 1970-01-01 for ALL"
    )
    language_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="0: whatever the language"
    )
    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(BigInteger)
    listed: Mapped[bool] = mapped_column(
        server_default=text("1"), comment="0: opted out or anonymous, on nobody's board"
    )
