"""Exercises that were done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import Base
from zeeguu_gamify.demo.models.word import ExactString


class ExerciseOutcome(Base):
    """How an exercise went, e.g. `C` for correct at the first try."""

    __tablename__ = "exercise_outcome"

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(ExactString, unique=True)


class ExerciseSource(Base):
    """What kind of exercise it was."""

    __tablename__ = "exercise_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(ExactString, unique=True)


class Exercise(Base):
    """An exercise done with a user's word."""

    __tablename__ = "exercise"

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("exercise_outcome.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("exercise_source.id"))
    solving_speed: Mapped[int | None]  #: milliseconds
    time: Mapped[datetime]
    feedback: Mapped[str | None] = mapped_column(String(255))
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_exercise_session.id", ondelete="SET NULL")
    )
    user_word_id: Mapped[int] = mapped_column(ForeignKey("user_word.id", ondelete="CASCADE"))
