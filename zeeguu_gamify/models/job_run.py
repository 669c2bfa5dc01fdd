"""What the jobs have done: the fence that makes ten schedulers do no harm."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.models.base import Base, table_args


class JobState(enum.Enum):
    """How far a job is."""

    RUNNING = "RUNNING"  # until lease_until; then anybody may take it over at the cursor
    DONE = "DONE"  # final


class JobRun(Base):
    """One job in one period, e.g. a quarter of an hour; at most one process runs it."""

    __tablename__ = "job_run"
    __table_args__ = table_args(comment="What the jobs have done, by period")

    job: Mapped[str] = mapped_column(String(64), primary_key=True)
    period: Mapped[str] = mapped_column(String(32), primary_key=True, comment="ISO instant, UTC")
    state: Mapped[JobState] = mapped_column(Enum(JobState))
    holder: Mapped[str] = mapped_column(String(64), comment="Which process has the lease")
    lease_until: Mapped[datetime] = mapped_column(comment="UTC")
    cursor: Mapped[int] = mapped_column(comment="What comes after this id is still to do")
    summary: Mapped[str | None] = mapped_column(String(255), comment="What it did, in a line")
    started_at: Mapped[datetime] = mapped_column(comment="UTC")
    finished_at: Mapped[datetime | None] = mapped_column(comment="UTC")
