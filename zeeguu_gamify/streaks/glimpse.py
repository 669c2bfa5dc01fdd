"""What one plain SELECT tells of a user before anything is locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import Metric
from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.models import OVERALL, PracticeDay, Streak, UserBadgeProgress, UserProfile
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Where a user stands; enough to see that a practice is nothing new."""

    zone: str
    language_id: int
    has_profile: bool
    freezes: int
    last_of_language: date | None
    last_at: datetime | None  #: first practice of that date; None where it is not known
    last_date: date | None
    last_zone: str | None
    gauge: int | None  #: STREAK_DAYS; None when there is no row
    is_to_open: bool  #: the host counted streaks of which we know nothing

    def knows(self, day: date, at: datetime) -> bool:
        """Whether the language was practised on `day`, its newest date, and not later than `at`."""
        return day == self.last_of_language and (self.last_at is None or self.last_at <= at)


def look(session: Session, mount: Mount, user_id: int, language_id: int | None) -> Glimpse:
    """One plain statement: the user's zone, language and freezes, and where the streaks stand.

    Raises UnknownUser, or BadInput for a language that is not there.
    """
    gauge = mount.live.by_metric.get(Metric.STREAK_DAYS)
    values = {
        "of_user": user_id,
        "of_language": language_id,
        "of_gauge": gauge.id if gauge else 0,
    }
    found = session.connection().execute(_statement(mount.host), values).first()
    if found is None:
        raise UnknownUser(user_id)
    if not found.is_language:
        raise BadInput(f"language_id: the host has no language {language_id}")
    return Glimpse(
        zone=mount.host.zone_from(user_id, found.timezone),
        language_id=found.language_id,
        has_profile=found.freezes is not None,
        freezes=found.freezes or 0,
        last_of_language=found.last_of_language,
        last_at=found.last_at,
        last_date=found.last_date,
        last_zone=found.last_zone,
        gauge=found.gauge,
        is_to_open=bool(found.is_to_open),
    )


@lru_cache(maxsize=16)
def _statement(host: Host) -> Select[Any]:
    """Made once per host: composing it costs more than running it."""
    user = host.table("user")
    overall, own, gauge = aliased(Streak), aliased(Streak), aliased(UserBadgeProgress)
    practised = aliased(PracticeDay)
    given = bindparam("of_language", type_=Integer)
    learned: ColumnElement[Any] = null()
    is_language: ColumnElement[bool] = true()
    counted: ColumnElement[bool] = false()
    if host.has(Group.LANGUAGE):
        learned = user.c.learned_language_id
        known = host.table("language").c.id
        is_language = or_(given.is_(None), exists().where(known == given))
        studied = host.table("user_language").c
        counted = exists().where(studied.user_id == user.c.id, studied.daily_streak > 0)
    language = func.coalesce(given, learned, OVERALL)
    return (
        select(
            (user.c.timezone if host.has(Group.ZONE) else null()).label("timezone"),
            language.label("language_id"),
            is_language.label("is_language"),
            UserProfile.freezes,
            own.last_date.label("last_of_language"),
            practised.first_at.label("last_at"),
            overall.last_date,
            overall.zone.label("last_zone"),
            gauge.value.label("gauge"),
            case((overall.last_date.is_(None), counted), else_=false()).label("is_to_open"),
        )
        .select_from(user)
        .outerjoin(overall, (overall.user_id == user.c.id) & (overall.language_id == OVERALL))
        .outerjoin(own, (own.user_id == user.c.id) & (own.language_id == language))
        .outerjoin(
            practised,
            (practised.user_id == own.user_id)
            & (practised.language_id == own.language_id)
            & (practised.local_date == own.last_date),
        )
        .outerjoin(UserProfile, UserProfile.user_id == user.c.id)
        .outerjoin(
            gauge,
            (gauge.user_id == user.c.id) & (gauge.badge_category_id == bindparam("of_gauge")),
        )
        .where(user.c.id == bindparam("of_user"))
    )
