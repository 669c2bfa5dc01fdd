"""The practice calendar of a user, for pages: read only, six statements."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, PracticeDay, Streak, StreakBridge, UserProfile
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.at_risk import is_at_risk
from zeeguu_gamify.streaks.display import shown

#: Before the last date, when no first one is asked for; and the most days there may be.
DEFAULT = timedelta(days=29)
MAX_DAYS = 366


def practice_calendar(
    session: Session, mount: Mount, user_id: int, first: date | None, last: date | None
) -> dict[str, Any]:
    """The user's practice from `first` to `last` (local dates, both included).

    Raises BadInput when they are the wrong way round or more than a year apart.
    """
    now = clock.now()
    zone, streak, freezes = _standing(session, mount, user_id)
    today = clock.local_date(now, zone)
    last = last or max(today, first or today)
    first = first or max(last, date.min + DEFAULT) - DEFAULT
    if first > last:
        raise BadInput("from: must not be after to")
    if (last - first).days >= MAX_DAYS:
        raise BadInput(f"from: at most {MAX_DAYS} days before to")
    languages = _languages(session, mount, user_id, first, last)
    bridges = _bridges(session, user_id, first, last)
    return {
        "first": first,
        "last": last,
        "today": today,
        "streak": shown(streak.current, streak.covered_to, zone, now) if streak else 0,
        "at_risk": bool(streak) and is_at_risk(mount, streak.covered_to, zone, now),
        "freezes": freezes,
        "days": [
            {
                "date": day,
                "practised": day in languages,
                "languages": languages.get(day, []),
                "bridge": bridges.get(day),
            }
            for day in sorted(languages.keys() | bridges.keys())
        ],
    }


def _standing(session: Session, mount: Mount, user_id: int) -> tuple[str, Any, int]:
    """The user's zone, overall streak row and freezes."""
    zone = mount.host.zone_name(session, user_id)
    connection = session.connection()
    streak = connection.execute(
        select(Streak.current, Streak.covered_to).where(
            Streak.user_id == user_id, Streak.language_id == OVERALL
        )
    ).first()  # fmt: skip
    owned = select(UserProfile.freezes).where(UserProfile.user_id == user_id)
    return zone, streak, connection.execute(owned).scalar() or 0


def _languages(
    session: Session, mount: Mount, user_id: int, first: date, last: date
) -> dict[date, list[str]]:
    """Practised date → codes of the languages."""
    wanted = select(PracticeDay.local_date, PracticeDay.language_id).where(
        PracticeDay.user_id == user_id, PracticeDay.local_date.between(first, last)
    )
    codes = _codes(session, mount)
    found: dict[date, list[str]] = defaultdict(list)
    for day, language_id in session.connection().execute(wanted):
        found[day] += [codes[language_id]] if language_id in codes else []
    return {day: sorted(names) for day, names in found.items()}


def _codes(session: Session, mount: Mount) -> dict[int, str]:
    if not mount.host.has(Group.LANGUAGE):
        return {}
    language = mount.host.table("language").c
    rows = session.connection().execute(select(language.id, language.code))
    return {row.id: row.code for row in rows}


def _bridges(session: Session, user_id: int, first: date, last: date) -> dict[date, str]:
    wanted = select(StreakBridge.local_date, StreakBridge.kind).where(
        StreakBridge.user_id == user_id, StreakBridge.local_date.between(first, last)
    )
    return {row.local_date: row.kind.value.lower() for row in session.connection().execute(wanted)}
