"""Streaks that broke: the host's columns and the gauge of a user follow downwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.events import Event, Outcome, emit_batch
from zeeguu_gamify.holding import hold, hold_if_there
from zeeguu_gamify.models import OVERALL, BridgeKind, StreakBridge
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import bridges, calendar, freezes, ledger, pairs, rows
from zeeguu_gamify.streaks.display import is_alive
from zeeguu_gamify.streaks.host_columns import write_through
from zeeguu_gamify.streaks.standing import Standing, look
from zeeguu_gamify.transaction import AnySession, begin_at_once, plain


def reset_streak_if_broken(session: AnySession, user_id: int) -> Outcome:
    """See whether the user's streaks have broken, e.g. at login; the overall one is `streak`.

    Freezes that are due are used first. Then the `daily_streak` of broken languages becomes 0 in
    the host's table, and the STREAK_DAYS gauge falls; no badge is revoked. When nothing broke, that
    is one plain SELECT. Where the host owns the streaks only the gauge follows. Writes in the
    session's transaction and does not commit. Raises UnknownUser.
    """
    mount = current_mount()
    session = plain(session)
    if is_resting(session, mount):
        return Outcome()
    return reset(session, mount, user_id, clock.now())


def is_resting(session: Session, mount: Mount) -> bool:
    """Whether nothing may end or be used: in shadow mode, before migrations, and while paused."""
    return mount.config.shadow or not mount.is_ready(session) or mount.live.paused is not None


def reset(session: Session, mount: Mount, user_id: int, at: datetime) -> Outcome:
    """`reset_streak_if_broken` as of `at` (UTC)."""
    seen = look(session, mount, user_id)
    if _use_freezes(session, mount, user_id, seen, at):
        return recompute(session, mount, user_id, at)
    if seen.gauge <= seen.value(at) and not seen.broken(at):
        return Outcome(streak=seen.overall(at))
    if seen.streaks:
        hold_if_there(session.connection(), user_id)
        seen = seen.with_streaks(rows.locked(session, user_id))
    return _settle(session, mount, user_id, seen, at)


def keep_alive(session: Session, mount: Mount, user_id: int, at: datetime) -> bool:
    """Use the freezes that are due at `at` (UTC); whether there were any."""
    begin_at_once(session)
    used = _use_freezes(session, mount, user_id, look(session, mount, user_id), at)
    if used:
        recompute(session, mount, user_id, at)
    return used


def _use_freezes(
    session: Session, mount: Mount, user_id: int, seen: Standing, at: datetime
) -> bool:
    run = seen.streaks.get(OVERALL)
    if mount.config.host_owns_streaks or not seen.freezes or run is None:
        return False
    if is_alive(run.covered_to, seen.zone, at):
        return False
    hold(session.connection(), user_id)
    covered_to = rows.locked(session, user_id)[OVERALL].covered_to
    missed = calendar.between(covered_to, clock.local_date(at, seen.zone), seen.zone)
    bridge = StreakBridge.__table__.c
    bridges_of_user = select(bridge.local_date).where(bridge.user_id == user_id)
    bridged = set(session.connection().execute(bridges_of_user).scalars())
    not_bridged = [day for day in missed if day not in bridged]
    dates = freezes.due(session, user_id, not_bridged, seen.zone)
    if dates:
        bridges.spend_freezes(session, user_id, dates)
        bridges.cover(session, user_id, covered_to, dates, BridgeKind.FREEZE)
    return bool(dates)


def recompute(session: Session, mount: Mount, user_id: int, at: datetime | None = None) -> Outcome:
    """Make all that is counted of a user's streaks what the ledger says, as of `at` (UTC).

    Streaks, friend streaks, and, unless the host owns them, its columns and the gauge.
    """
    before = rows.locked(session, user_id)
    if not before:
        return Outcome(streak=0)
    known = ledger.read(session, user_id)
    if not mount.config.host_owns_streaks:
        known = bridges.explain(session, user_id, known)
    streaks = ledger.recount(session, user_id, known, before)
    if not mount.config.shadow:
        pairs.rebuild(session, user_id, known.life(), streaks[OVERALL])
    if mount.config.host_owns_streaks:
        return Outcome(streak=streaks[OVERALL].current)
    write_through(session, mount, streaks.values())
    seen = look(session, mount, user_id).with_streaks(streaks)
    was = seen.with_streaks(before)
    return _settle(session, mount, user_id, seen, at or clock.now(), was)


def _settle(
    session: Session,
    mount: Mount,
    user_id: int,
    seen: Standing,
    at: datetime,
    was: Standing | None = None,
) -> Outcome:
    """Let the host's columns and the gauge say what the streaks, which are locked, come to.

    was: before a recomputation, after which they may rise as well. A longer run that only came to
    light now was reached too.
    """
    for row in seen.broken(at):
        _zero(session, mount, row)
    value, values = seen.value(at), []
    if was and seen.longest() > max(was.longest(), value):
        values = [seen.longest(), value]
    elif seen.gauge > value or (was and (seen.gauge, was.overall(at)) != (value, seen.overall(at))):
        values = [value]
    now = {"streak": seen.overall(at)}
    told = [
        Event(name="streak.changed", user_id=user_id, value=number, context=now)
        for number in values
    ]
    outcomes = emit_batch(session, told) if told else []
    return Outcome(
        new_badges=[badge for outcome in outcomes for badge in outcome.new_badges],
        streak=seen.overall(at),
    )


def _zero(session: Session, mount: Mount, row: Row[Any]) -> None:
    """Only if the row still is what was seen: a practice that came in between has written it."""
    studied = mount.host.table("user_language")
    session.connection().execute(
        update(studied)
        .where(
            studied.c.id == row.id,
            studied.c.daily_streak == row.daily_streak,
            studied.c.last_practiced.is_not_distinct_from(row.last_practiced),
        )
        .values(daily_streak=0)
    )
