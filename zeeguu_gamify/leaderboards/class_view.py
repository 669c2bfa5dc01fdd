"""What a teacher sees of a class: who practises, and what this week brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, null, select
from sqlalchemy.orm import Session

from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, Streak, UserBadge
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class, for its teacher."""

    id: int
    name: str | None
    zone: str  #: the teacher's, in which the week begins


def taught_by(
    session: Session, mount: Mount, teacher_id: int, cohort_id: int
) -> SchoolClass | None:
    """The class, if this user teaches it: one statement."""
    host = mount.host
    user, cohort = host.table("user"), host.table("cohort")
    teacher = host.table("teacher_cohort_map")
    zone = user.c.timezone if host.has(Group.ZONE) else null()
    found = (
        session.connection()
        .execute(
            select(cohort.c.id, cohort.c.name.label("name"), zone.label("zone"))
            .select_from(
                teacher.join(cohort, cohort.c.id == teacher.c.cohort_id).join(
                    user, user.c.id == teacher.c.user_id
                )
            )
            .where(teacher.c.user_id == teacher_id, teacher.c.cohort_id == cohort_id)
        )
        .first()
    )
    if found is None:
        return None
    return SchoolClass(cohort_id, found.name, host.zone_from(teacher_id, found.zone))


def with_standing(mount: Mount, students: Select[Any]) -> Select[Any]:
    """`students`, a SELECT of the host's users, with zone, overall streak and badges, by name."""
    user = mount.host.table("user").c
    held = (
        select(func.count())
        .where(UserBadge.user_id == user.id, UserBadge.revoked_at.is_(None))
        .scalar_subquery()
    )
    return (
        students.outerjoin(Streak, and_(Streak.user_id == user.id, Streak.language_id == OVERALL))
        .add_columns(
            (user.timezone if mount.host.has(Group.ZONE) else null()).label("zone"),
            Streak.current,
            Streak.covered_to,
            Streak.longest,
            Streak.last_date,
            held.label("badges"),
        )
        .order_by(user.username, user.id)
    )
