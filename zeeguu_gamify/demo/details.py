"""What the client may know of an account (docs/contract.md §1.2, §8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from zeeguu_gamify import clock
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.languages import languages_of
from zeeguu_gamify.demo.models import (
    Bookmark,
    Cohort,
    DailyAudioLesson,
    Language,
    Teacher,
    User,
    UserCohortMap,
    UserLanguage,
)
from zeeguu_gamify.models import UserAvatar
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.transaction import is_fatal

#: Cohorts of people who try the service out; being in one makes nobody a student.
TRIAL_COHORTS = frozenset({93, 459})


def details_of(user: User) -> dict[str, Any]:
    """The answer of `/get_user_details`."""
    cohorts = [cohort.id for cohort in cohorts_of(user)]
    details = {
        "email": user.email,
        "name": user.name,
        "username": user.username,
        "learned_language": _code(user.learned_language),
        "native_language": _code(user.native_language),
        "is_teacher": _exists(Teacher.user_id == user.id),
        "is_student": bool(cohorts) and TRIAL_COHORTS.isdisjoint(cohorts),
        "is_anonymous": user.is_anonymous,
        "email_verified": user.email_verified,
        "requires_email_verification": _must_verify(user),
        "bookmark_count": _count_bookmarks(user),
        "daily_audio_status": _audio_status(user),
        "created_at": _iso(user.created_at),
        "user_avatar": _avatar(user),
        "features": features_of(user),
    }
    for studied in languages_of(user):
        details |= _language_details(studied)
    return details


def cohorts_of(user: User) -> list[Cohort]:
    """The classes in which the user is a student."""
    mine = select(Cohort).join(UserCohortMap, UserCohortMap.cohort_id == Cohort.id)
    mine = mine.where(UserCohortMap.user_id == user.id).order_by(Cohort.id)
    return list(db.session.scalars(mine))


def features_of(user: User) -> list[str]:
    """The optional features that are on for the user."""
    return ["gamification"] if current_mount().is_enabled_for(user.id) else []


def _language_details(studied: UserLanguage) -> dict[str, Any]:
    code = studied.language.code
    return {
        f"{code}_min": studied.declared_level_min,
        f"{code}_max": studied.declared_level_max,
        f"{code}_reading": studied.reading_news,
        f"{code}_exercises": studied.doing_exercises,
        f"{code}_cefr_level": studied.cefr_level,
    }


def _must_verify(user: User) -> bool:
    config = current_mount().config
    return (
        not user.email_verified
        and not user.is_anonymous
        and user.created_at is not None
        and user.created_at.date() >= config.verified_since
    )


def _audio_status(user: User) -> str:
    lesson = todays_lesson(user)
    if lesson is None:
        return "available"
    return "ready" if lesson.last_completed_at is None else "completed"


def todays_lesson(user: User) -> DailyAudioLesson | None:
    """The lesson made for the user on this date in the user's zone."""
    mine = select(DailyAudioLesson).where(DailyAudioLesson.user_id == user.id)
    last = db.session.scalar(mine.order_by(DailyAudioLesson.id.desc()).limit(1))
    if last is None or last.created_at is None:
        return None
    today = clock.local_date(clock.now(), user.timezone)
    return last if clock.local_date(last.created_at, user.timezone) == today else None


def _avatar(user: User) -> dict[str, str | None] | None:
    """The avatar, kept in a table of the extension; None as long as that does not exist."""
    avatar = UserAvatar.__table__.c
    columns = (avatar.image_name, avatar.character_color, avatar.background_color)
    try:
        found = db.session.execute(select(*columns).where(avatar.user_id == user.id)).first()
    except DBAPIError as error:
        if is_fatal(db.session(), error):
            raise
        return None
    return dict(found._mapping) if found else None


def _count_bookmarks(user: User) -> int:
    count = select(func.count()).where(Bookmark.user_id == user.id)
    return db.session.scalar(count) or 0


def _exists(condition: Any) -> bool:
    return bool(db.session.scalar(select(func.count()).where(condition)))


def _code(language: Language | None) -> str | None:
    return language.code if language else None


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
