"""What a user owns in the game."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args, user_fk


class UserProfile(Base):
    """One row per user who owns or wants something; each number is a sum of ledger entries."""

    __tablename__ = "user_profile"
    __table_args__ = table_args(comment="What a user owns and wants")

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True, autoincrement=False)
    freezes: Mapped[int] = mapped_column(server_default=text("0"), comment="Never below zero")
    on_boards: Mapped[bool] = mapped_column(
        server_default=text("1"), comment="0: the user wants to be on nobody's EXP board"
    )
    exp: Mapped[int] = mapped_column(server_default=text("0"))
    level: Mapped[int] = mapped_column(server_default=text("1"), comment="Follows from exp")
    best_level: Mapped[int] = mapped_column(
        server_default=text("1"), comment="The highest ever reached; its reward is given once"
    )
    coins: Mapped[int] = mapped_column(server_default=text("0"), comment="Never below zero")
