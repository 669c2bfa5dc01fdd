"""The languages of many users with their streaks, as lists of friends show them: one SELECT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import Streak
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.daily import LanguageStreak, better, language_columns, language_streak


def of_users(
    session: Session, mount: Mount, zones: Mapping[int, str]
) -> dict[int, list[LanguageStreak]] | None:
    """What the users study, by user: the longest streak first. None on a host without languages.

    zones: user id → IANA name of the zone. Several rows of one language are one language.
    """
    if not mount.host.has(Group.LANGUAGE):
        return None
    now = clock.now()
    by_host = mount.config.host_owns_streaks
    found: dict[int, dict[int, LanguageStreak]] = defaultdict(dict)
    for row in _rows(session, mount, list(zones)) if zones else ():
        streak = language_streak(row, zones[row.user_id], now, by_host=by_host)
        known = found[row.user_id].get(streak.language_id)
        found[row.user_id][streak.language_id] = better(known, streak) if known else streak
    return {user_id: _longest_first(found[user_id]) for user_id in zones}


def _longest_first(streaks: Mapping[int, LanguageStreak]) -> list[LanguageStreak]:
    return sorted(streaks.values(), key=lambda streak: streak.max_streak, reverse=True)


def _rows(session: Session, mount: Mount, user_ids: list[int]) -> Sequence[Row[Any]]:
    language, studied = mount.host.table("language"), mount.host.table("user_language")
    wanted = (
        select(studied.c.user_id.label("user_id"), *language_columns(mount.host))
        .join_from(studied, language, language.c.id == studied.c.language_id)
        .outerjoin(
            Streak,
            (Streak.user_id == studied.c.user_id) & (Streak.language_id == studied.c.language_id),
        )
        .where(studied.c.user_id.in_(user_ids))
        .order_by(studied.c.id)
    )
    return session.connection().execute(wanted).all()
