"""How far a user is with the goals of the day: read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.goals.definition import DailyGoal
from zeeguu_gamify.models import DailyCount
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class GoalToday:
    """A goal, and how far the user is."""

    goal: DailyGoal
    value: int  #: not more than the goal asks for

    @property
    def done(self) -> bool:
        """Whether it is reached."""
        return self.value >= self.goal.count


@dataclass(frozen=True, slots=True)
class Today:
    """The goals of a user's present date."""

    local_date: date
    goals: list[GoalToday]


def today(session: Session, mount: Mount, user_id: int) -> Today:
    """The goals in the order of their definition; two statements."""
    local_date = clock.local_date(clock.now(), mount.host.zone_name(session, user_id))
    count = DailyCount.__table__.c
    rows = session.connection().execute(
        select(count.event, count.value).where(
            count.user_id == user_id, count.local_date == local_date
        )
    )
    values = {row.event: row.value for row in rows}
    return Today(
        local_date,
        [GoalToday(goal, min(values.get(goal.event, 0), goal.count)) for goal in mount.daily_goals],
    )
