"""Repairs: a missed date that somebody gives back by hand, as if it had been practised."""

from __future__ import annotations

import logging
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import Outcome
from zeeguu_gamify.holding import hold_if_there
from zeeguu_gamify.models import BridgeKind, StreakBridge
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import bridges, calendar, gaps, ledger, rows
from zeeguu_gamify.streaks.ledger import Ledger
from zeeguu_gamify.streaks.reset import recompute
from zeeguu_gamify.streaks.standing import look
from zeeguu_gamify.transaction import AnySession, begin_at_once, plain

log = logging.getLogger("zeeguu_gamify")

MAX_REASON = 255


def repair(session: AnySession, user_id: int, day: date, reason: str) -> Outcome:
    """Bridge a date that the user missed, and count it, in every language alive the day before.

    day: the user's local date; reason: kept with the bridge. Friend streaks go on over it, but it
    is no date practised together. A freeze used for it is given back. Writes in the session's
    transaction and does not commit. Raises UnknownUser, or BadInput for a date that was practised,
    repaired, not missed yet, or behind another missed one.
    """
    mount = current_mount()
    session = plain(session)
    mount.refresh(session)
    check_ours(mount)
    check_reason(reason)
    begin_at_once(session)
    zone = look(session, mount, user_id).zone
    if day >= clock.local_date(clock.now(), zone):
        raise BadInput(f"date: {day} is not over for user {user_id}")
    hold_if_there(session.connection(), user_id)
    rows.locked(session, user_id)
    known = ledger.read(session, user_id)
    _check(known, day, gaps.zone_on(known, day, zone))
    _bridge(session, user_id, known, day, reason)
    log.info("repaired %s of user %s: %s", day, user_id, reason)
    return recompute(session, mount, user_id)


def check_ours(mount: Mount) -> None:
    """Raise BadInput where the host owns the streaks: there are no bridges then."""
    if mount.config.host_owns_streaks:
        raise BadInput("The host owns the streaks (GAMIFY_STREAK_OWNER), so there are no bridges.")


def check_reason(reason: str) -> None:
    """Raise BadInput for a reason that is missing or too long."""
    if not 1 <= len(reason.strip()) <= MAX_REASON:
        raise BadInput(f"reason: must be a text of 1 to {MAX_REASON} characters")


def _check(known: Ledger, day: date, zone: str) -> None:
    if day == date.min:
        raise BadInput(f"date: there is none before {day}")
    if any(item.day == day for item in known.practised):
        raise BadInput(f"date: {day} was practised")
    if known.bridges.get(day) is BridgeKind.REPAIR:
        raise BadInput(f"date: {day} is repaired already")
    if not calendar.exists(day, zone):
        raise BadInput(f"date: there was no {day} in {zone}")
    if day not in known.bridges and not gaps.missed(known, [day], zone):
        before = calendar.before(day, zone)
        raise BadInput(f"date: no run was alive on {before}, the day before; repair that first")


def _bridge(session: Session, user_id: int, known: Ledger, day: date, reason: str) -> None:
    """In place of what bridged it until now."""
    if known.bridges.get(day) is BridgeKind.FREEZE:
        bridges.give_back(session, user_id, day)
    elif day in known.bridges:
        bridges.lift(session, user_id, day)
    row = {
        "user_id": user_id, "local_date": day, "kind": BridgeKind.REPAIR,
        "created_at": clock.now(), "reason": reason.strip(),
    }  # fmt: skip
    session.connection().execute(insert(StreakBridge), row)
