"""What all processes must agree on and re-read now and then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args

#: Setting that grows whenever the catalog in the database changes.
CATALOG_VERSION = "catalog_version"


class Setting(Base):
    """A named value that every process re-reads every few seconds (`GAMIFY_REFRESH_SECONDS`)."""

    __tablename__ = "gamify_setting"
    __table_args__ = table_args(comment="What all processes must agree on")

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    updated_at: Mapped[datetime] = mapped_column(comment="UTC")
