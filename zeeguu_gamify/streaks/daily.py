"""The daily streak of a user, as read: never writes, makes no row (docs/contract.md §1.11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, null, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.models import OVERALL, BridgeKind, Streak, UserProfile
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import ledger
from zeeguu_gamify.streaks.chain import runs
from zeeguu_gamify.streaks.display import shown


@dataclass(frozen=True, slots=True)
class LanguageStreak:
    """A language of a user, with its streak as it shows now."""

    language_id: int
    code: str
    language: str
    daily_streak: int
    max_streak: int
    max_streak_date: date | None  #: the user's local date
    practiced_today: bool
    may_freeze: bool = False  #: broke lately, and the user has a freeze that may be for it


#: A streak that broke longer ago has had its freezes, if any were for it.
LATELY = timedelta(days=3)


def current(
    session: Session, user_id: int, at: datetime | None = None, language_id: int = OVERALL
) -> int:
    """The user's streak as it showed at `at` (UTC; None: now), overall or of a language."""
    zone = current_mount().host.zone_name(session, user_id)
    at = clock.to_utc(at) if at else clock.now()
    day = clock.local_date(at, zone)
    stored = select(Streak.current, Streak.covered_to).where(
        Streak.user_id == user_id, Streak.language_id == language_id
    )
    row = session.connection().execute(stored).first()
    if row is None:
        return 0
    if row.covered_to <= day:
        return shown(row.current, row.covered_to, zone, at)
    return _as_of(ledger.read(session, user_id, locking=False), language_id, day, zone, at)


def _as_of(known: ledger.Ledger, language_id: int, day: date, zone: str, at: datetime) -> int:
    """What the ledger says of a day in the past."""
    days = {date: item.zone for date, item in known.days(language_id).items() if date <= day}
    bridges = {
        date: kind is BridgeKind.REPAIR for date, kind in known.bridges.items() if date <= day
    }
    found = runs(days, bridges)
    return shown(found[-1].count, found[-1].covered_to, zone, at) if found else 0


def of_languages(
    session: Session, mount: Mount, user_id: int, *, by_host: bool | None = None
) -> list[LanguageStreak]:
    """The languages of the user's `user_language` rows, by id; one statement.

    Of a doubled row the better streak is taken, as practice writes to all of them.
    by_host: whether as the host's columns have it (None: if they are the host's to write).
    """
    if not mount.host.has(Group.LANGUAGE):
        return []
    if by_host is None:
        by_host = mount.config.host_owns_streaks
    now = clock.now()
    found: dict[int, LanguageStreak] = {}
    rows = session.connection().execute(_languages(mount.host), {"of_user": user_id})
    for row in rows:
        zone = mount.host.zone_from(user_id, row.timezone)
        streak = language_streak(row, zone, now, by_host=by_host)
        streak = replace(streak, may_freeze=not by_host and _may_freeze(row, streak, now))
        known = found.get(streak.language_id)
        found[streak.language_id] = better(known, streak) if known else streak
    return list(found.values())


def _may_freeze(row: Row[Any], streak: LanguageStreak, now: datetime) -> bool:
    broke = row.covered_to is not None and not streak.daily_streak
    return bool(broke and row.freezes and row.covered_to > (now - LATELY).date())


@lru_cache(maxsize=16)
def _languages(host: Host) -> Select[Any]:
    user, language, studied = (host.table(name) for name in ("user", "language", "user_language"))
    zone = user.c.timezone if host.has(Group.ZONE) else null()
    return (
        select(*language_columns(host), zone.label("timezone"), UserProfile.freezes)
        .join_from(studied, language, language.c.id == studied.c.language_id)
        .join(user, user.c.id == studied.c.user_id)
        .outerjoin(
            Streak,
            (Streak.user_id == studied.c.user_id) & (Streak.language_id == studied.c.language_id),
        )
        .outerjoin(UserProfile, UserProfile.user_id == user.c.id)
        .where(studied.c.user_id == bindparam("of_user"))
        .order_by(studied.c.id)
    )


def language_columns(host: Host) -> tuple[Any, ...]:
    """What `language_streak` reads, from language, user_language and streak."""
    language, studied = host.table("language").c, host.table("user_language").c
    return (
        studied.language_id,
        language.code,
        language.name.label("language"),
        studied.daily_streak,
        studied.last_practiced,
        studied.max_streak,
        studied.max_streak_date,
        Streak.current,
        Streak.last_date,
        Streak.covered_to,
        Streak.longest_end,
        Streak.longest_at,
    )


def language_streak(row: Row[Any], zone: str, at: datetime, *, by_host: bool) -> LanguageStreak:
    """A row of `language_columns` as it shows at `at` (UTC) to a user in `zone`.

    by_host: whether the host owns the columns of user_language; else ours are the truth, where
    they exist.
    """
    today = clock.local_date(at, zone)
    practised = row.last_practiced and clock.local_date(row.last_practiced, zone)
    longest_end = row.max_streak_date and clock.local_date(row.max_streak_date, zone)
    daily = shown(row.daily_streak, practised, zone, at)
    ours = not by_host and row.covered_to is not None
    if ours:  # dates as they were lived, wherever the user is now
        daily = shown(row.current, row.covered_to, zone, at)
        if row.longest_end and row.longest_at == row.max_streak_date:
            longest_end = row.longest_end
    return LanguageStreak(
        language_id=row.language_id,
        code=row.code,
        language=row.language,
        daily_streak=daily,
        max_streak=row.max_streak,
        max_streak_date=longest_end,
        practiced_today=today in (practised, row.last_date if ours else None),
    )


def better(one: LanguageStreak, other: LanguageStreak) -> LanguageStreak:
    """What to show of a language that has two rows."""
    longer = max(one, other, key=lambda streak: streak.max_streak)
    return replace(
        longer,
        daily_streak=max(one.daily_streak, other.daily_streak),
        practiced_today=one.practiced_today or other.practiced_today,
    )
