"""Classes, their learners and their teachers."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from zeeguu_gamify.demo.database import Base, user_fk


class Cohort(Base):
    """A class."""

    __tablename__ = "cohort"

    id: Mapped[int] = mapped_column(primary_key=True)
    inv_code: Mapped[str | None] = mapped_column(String(255), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))
    language_id: Mapped[int | None] = mapped_column(ForeignKey("language.id"))
    max_students: Mapped[int | None]
    declared_level_min: Mapped[int | None]
    declared_level_max: Mapped[int | None]
    is_cohort_of_teachers: Mapped[bool | None] = mapped_column(Boolean, server_default=false())


class UserCohortMap(Base):
    """A learner is in a class."""

    __tablename__ = "user_cohort_map"

    user_id: Mapped[int] = mapped_column(user_fk(), primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True)


class TeacherCohortMap(Base):
    """A teacher teaches a class."""

    __tablename__ = "teacher_cohort_map"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk())
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))


class Teacher(Base):
    """The user is a teacher: the row is all there is to it."""

    __tablename__ = "teacher"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(user_fk(), unique=True)
