"""How much of a daily cap on EXP is used up."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class ExpAllowance(Base):
    """What a user has earned by one cause on one day; there only where a cap is set.

    The sum of the ledger entries of that user, reason and date, kept beside them because its row
    can be locked.
    """

    __tablename__ = "exp_allowance"
    __table_args__ = table_args(comment="EXP earned per user, cause and day, where that is capped")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    cause: Mapped[str] = mapped_column(String(64), primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True, comment="The user's local date")
    used: Mapped[int]
