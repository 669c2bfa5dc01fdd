"""The host's own streaks: kept by it, seen beside ours, or counted though they are ours now."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.daily import of_languages
from zeeguu_gamify.streaks.practice import practice
from zeeguu_gamify.streaks.standing import look
from zeeguu_gamify.transaction import on_commit

log = logging.getLogger("zeeguu_gamify")


def learn_of_practice(session: Session, mount: Mount, user_id: int) -> dict[str, Any]:
    """The host says that a streak changed; what the event says of it: the STREAK_DAYS gauge, and
    the overall streak as it shows now.

    Where the host owns the streaks, each language practised today becomes a practice day, so that
    friend streaks move. Where they are ours, doctor will tell that the host counts as well.
    """
    if not (mount.config.host_owns_streaks or mount.heard_streak_changed):
        on_commit(session, partial(_remember, mount))
    if mount.config.host_owns_streaks and mount.host.has(Group.LANGUAGE):
        zone = mount.host.zone_name(session, user_id)
        today = clock.local_date(clock.now(), zone)
        studied = mount.host.table("user_language").c
        rows = session.connection().execute(
            select(studied.language_id, studied.last_practiced).where(
                studied.user_id == user_id, studied.last_practiced.is_not(None)
            )
        )
        for language_id, at in rows.all():
            if clock.local_date(at, zone) == today:
                practice(session, user_id, language_id, at)
    seen, now = look(session, mount, user_id), clock.now()
    return {"value": seen.value(now), "context": {"streak": seen.overall(now)}}


def _remember(mount: Mount) -> None:
    """For doctor, by a connection of our own; once per process."""
    mount.heard_streak_changed = True
    try:
        with Session(mount.db.engine) as session:
            settings.write(session, settings.STREAK_CHANGED_HEARD, clock.now().isoformat(" "))
            session.commit()
    except Exception:
        log.exception("streak_changed was heard, and doctor will not know")


def both_streaks(session: Session, mount: Mount, user_id: int) -> list[tuple[int, int, int]]:
    """Of each language of the user: its id, our streak and the host's, as they show now.

    Of a language that we know nothing of ours is the host's, and of a doubled row what shows best.
    """
    ours, hosts = (
        of_languages(session, mount, user_id, by_host=by_host) for by_host in (False, True)
    )
    return [
        (one.language_id, one.daily_streak, other.daily_streak)
        for one, other in zip(ours, hosts, strict=True)
    ]
