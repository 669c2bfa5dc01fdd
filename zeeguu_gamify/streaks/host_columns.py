"""The streak columns of the host's `user_language`: production's readers still look there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Update, and_, bindparam, case, or_, update
from sqlalchemy.orm import Session

from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.models import OVERALL
from zeeguu_gamify.mount import Mount


def write_through(
    session: Session,
    mount: Mount,
    streaks: Iterable[Row[Any]],
    practised_at: Mapping[int, datetime] | None = None,
) -> None:
    """Copy the streaks to every row of the user and language, doubled ones too; inserts none.

    practised_at: language → UTC instant of a practice, where that is why. A `max_streak` never
    falls, and its date is that of the first run of that length.
    """
    if not mount.host.has(Group.LANGUAGE):
        return
    changed = [
        {
            "of_user": row.user_id,
            "of_language": row.language_id,
            "longest": row.longest,
            "longest_at": row.longest_at,
            "current": row.current,
            "at": (practised_at or {}).get(row.language_id),
        }
        for row in streaks
        if row.language_id != OVERALL
    ]
    if changed:
        session.connection().execute(_statement(mount.host), changed)


@lru_cache(maxsize=16)
def _statement(host: Host) -> Update:
    """Made once per host: composing it costs more than running it."""
    studied = host.table("user_language")
    grew = studied.c.max_streak < bindparam("longest")
    earlier = and_(
        studied.c.max_streak == bindparam("longest"),
        studied.c.max_streak_date > bindparam("longest_at"),
    )
    dates = or_(grew, earlier)
    later = or_(studied.c.last_practiced.is_(None), studied.c.last_practiced < bindparam("at"))
    return (
        update(studied)
        .where(
            studied.c.user_id == bindparam("of_user"),
            studied.c.language_id == bindparam("of_language"),
        )
        .ordered_values(
            (studied.c.max_streak_date, _kept(studied.c.max_streak_date, "longest_at", dates)),
            (studied.c.max_streak, _kept(studied.c.max_streak, "longest", grew)),
            (studied.c.daily_streak, bindparam("current")),
            (studied.c.last_practiced, _kept(studied.c.last_practiced, "at", later)),
        )
    )


def _kept(column: Any, value: str, condition: Any) -> Any:
    return case((condition, bindparam(value)), else_=column)
