"""Whom a board of activity is about: friends as they were then, and the students of a class."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, literal, or_, select, union
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount


def friends_as_of(user_id: int, at: datetime) -> CompoundSelect[Any]:
    """SELECT user_id: the user, and who was a friend at `at` (UTC); a re-friend comes once."""
    was_friend = (
        Friendship.created_at <= at,
        or_(Friendship.deleted_at.is_(None), Friendship.deleted_at >= at),
    )
    sides = (
        (Friendship.user_a_id, Friendship.user_b_id),
        (Friendship.user_b_id, Friendship.user_a_id),
    )
    return union(
        select(literal(user_id).label("user_id")),
        *(select(other).where(own == user_id, *was_friend) for own, other in sides),
    )


def students_of(mount: Mount, cohort_id: int) -> Select[Any]:
    """SELECT user_id: the students of the class, no teachers."""
    student = mount.host.table("user_cohort_map").c
    return select(student.user_id.label("user_id")).where(student.cohort_id == cohort_id).distinct()


def in_class(mount: Mount, user_id: int, cohort_id: int) -> ColumnElement[bool]:
    """SQL: whether the user is a student of the class, or teaches it."""
    maps = [mount.host.table(f"{role}_cohort_map").c for role in ("user", "teacher")]
    return or_(*(exists().where(m.user_id == user_id, m.cohort_id == cohort_id) for m in maps))


def is_in_class(session: Session, mount: Mount, user_id: int, cohort_id: int) -> bool:
    """Whether the user is a student of the class, or teaches it."""
    found = session.connection().execute(select(in_class(mount, user_id, cohort_id)))
    return bool(found.scalar())
