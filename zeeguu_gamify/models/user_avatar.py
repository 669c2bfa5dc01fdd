"""How a user looks."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class UserAvatar(Base):
    """An animal and two colours (docs/contract.md §4.7)."""

    __tablename__ = "user_avatar"
    __table_args__ = table_args(
        ForeignKeyConstraint(
            ["user_id"], ["user.id"], ondelete="CASCADE", name="fk_user_avatar_user"
        ),
        comment="How a user looks",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(unique=True)
    image_name: Mapped[str | None] = mapped_column(String(100), comment="File without extension")
    character_color: Mapped[str | None] = mapped_column(String(7), comment="#rrggbb")
    background_color: Mapped[str | None] = mapped_column(String(7), comment="#rrggbb")
