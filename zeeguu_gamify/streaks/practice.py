"""`practice`: a user practised; the ledger, the streaks and the friend streaks move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, func, insert, null, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import MAX_AHEAD, Metric, Outcome, emit
from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.models import (
    OVERALL,
    BridgeKind,
    PracticeDay,
    Streak,
    UserBadgeProgress,
    UserProfile,
)
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import bridges, calendar, ledger, pairs, rows
from zeeguu_gamify.streaks.host_columns import write_through
from zeeguu_gamify.transaction import AnySession, is_duplicate, plain


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What one plain SELECT tells before anything is locked; enough to see that nothing is new."""

    zone: str
    language_id: int
    freezes: int
    last_of_language: date | None
    last_date: date | None
    covered_to: date | None
    last_zone: str | None


def practice(
    session: AnySession,
    user_id: int,
    language_id: int | None = None,
    at: datetime | None = None,
    zone: str | None = None,
) -> Outcome:
    """The user practised `language_id` (None: the one they learn) at `at` (UTC; None: now).

    The first practice of a local date of the user counts; `zone` is the IANA name of the zone the
    user was in, else it is the stored one, or for a late `at` that of the nearest earlier day.
    Writes in the session's transaction and does not commit. Raises UnknownUser, or BadInput for
    an `at` more than 5 minutes ahead.
    """
    mount = current_mount()
    session = plain(session)
    at = _instant(at)
    if not mount.takes_events(session):
        return Outcome()
    seen = _glimpse(session, mount, user_id, language_id)
    if not mount.is_enabled_for(user_id):
        return Outcome()
    zone = zone or _zone_at(session, user_id, seen, at)
    day = clock.local_date(at, zone)
    if day == seen.last_of_language:
        return Outcome()
    return _practise(session, mount, user_id, seen, day, zone, at)


def _practise(
    session: Session,
    mount: Mount,
    user_id: int,
    seen: Glimpse,
    day: date,
    zone: str,
    at: datetime,
) -> Outcome:
    before = calendar.before(day, zone)
    ours = not mount.config.host_owns_streaks
    if ours and seen.covered_to and seen.covered_to < before:
        bridges.fill_gap(session, user_id, seen, day, zone, at)
    rows.move(session, user_id, seen.language_id, day=day, before=before, zone=zone, at=at)
    if not _write_day(session, user_id, seen.language_id, day, zone, at):
        return Outcome()
    streaks = rows.locked(session, user_id)
    if _is_late(streaks, seen.language_id, day):
        streaks = _heal(session, mount, user_id, day, streaks)
        if ours:
            write_through(session, mount, streaks.values())
    elif seen.last_date is None or seen.last_date < day:
        _tell_friends(session, mount, user_id, streaks[OVERALL], day, zone, at)
    if not ours:  # the host tells the gauge, from its own columns
        return Outcome(streak=streaks[OVERALL].current)
    write_through(session, mount, [streaks[seen.language_id]], at)
    return _changed(session, user_id, streaks, zone)


def _instant(at: datetime | None) -> datetime:
    now = clock.now()
    if at is None:
        return now
    at = clock.to_utc(at)
    if (at - now).total_seconds() > MAX_AHEAD:
        raise BadInput(f"at: {at.isoformat()} is in the future")
    return at


def _glimpse(session: Session, mount: Mount, user_id: int, language_id: int | None) -> Glimpse:
    """One plain statement: the user's zone, language and freezes, and where the streaks stand.

    It also tells whether the STREAK_DAYS gauge has a row, which saves the gauge from asking.
    """
    gauge = mount.live.by_metric.get(Metric.STREAK_DAYS)
    values = {
        "of_user": user_id,
        "of_language": language_id,
        "of_gauge": gauge.id if gauge else 0,
    }
    found = session.connection().execute(_glimpse_statement(mount.host), values).first()
    if found is None:
        raise UnknownUser(user_id)
    if gauge:
        mount.known.hint(session, (user_id, gauge.id), found.gauge is not None)
    return Glimpse(
        zone=mount.host.zone_from(user_id, found.timezone),
        language_id=found.language_id,
        freezes=found.freezes or 0,
        last_of_language=found.last_of_language,
        last_date=found.last_date,
        covered_to=found.covered_to,
        last_zone=found.last_zone,
    )


@lru_cache(maxsize=16)
def _glimpse_statement(host: Host) -> Select[Any]:
    """Made once per host: composing it costs more than running it."""
    user = host.table("user")
    overall, own, gauge = aliased(Streak), aliased(Streak), aliased(UserBadgeProgress)
    learned = user.c.learned_language_id if host.has(Group.LANGUAGE) else null()
    language = func.coalesce(bindparam("of_language", type_=Integer), learned, OVERALL)
    return (
        select(
            (user.c.timezone if host.has(Group.ZONE) else null()).label("timezone"),
            language.label("language_id"),
            UserProfile.freezes,
            own.last_date.label("last_of_language"),
            overall.last_date,
            overall.covered_to,
            overall.zone.label("last_zone"),
            gauge.id.label("gauge"),
        )
        .select_from(user)
        .outerjoin(overall, (overall.user_id == user.c.id) & (overall.language_id == OVERALL))
        .outerjoin(own, (own.user_id == user.c.id) & (own.language_id == language))
        .outerjoin(UserProfile, UserProfile.user_id == user.c.id)
        .outerjoin(
            gauge,
            (gauge.user_id == user.c.id) & (gauge.badge_category_id == bindparam("of_gauge")),
        )
        .where(user.c.id == bindparam("of_user"))
    )


def _zone_at(session: Session, user_id: int, seen: Glimpse, at: datetime) -> str:
    """The user's zone; for an `at` before today that of the nearest earlier practice day."""
    today = clock.local_date(clock.now(), seen.zone)
    day = clock.local_date(at, seen.zone)
    if day >= today:
        return seen.zone
    practised = PracticeDay.__table__.c
    earlier = (
        select(practised.zone)
        .where(practised.user_id == user_id, practised.local_date <= day)
        .order_by(practised.local_date.desc())
        .limit(1)
    )
    return session.connection().execute(earlier).scalar() or seen.zone


def _write_day(
    session: Session, user_id: int, language_id: int, day: date, zone: str, at: datetime
) -> bool:
    """Whether the date is new; the key decides, so nobody counts it twice."""
    row = {
        "user_id": user_id, "language_id": language_id, "local_date": day, "source": "activity",
        "zone": zone, "first_at": at,
    }  # fmt: skip
    try:
        session.connection().execute(insert(PracticeDay), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def _is_late(streaks: Mapping[int, Row[Any]], language_id: int, day: date) -> bool:
    """Whether the day lies behind what was counted, or was bridged already."""
    overall = streaks[OVERALL]
    bridged = overall.bridged is not None and overall.bridged >= day
    return bool(bridged or overall.last_date > day or streaks[language_id].last_date > day)


def _heal(
    session: Session, mount: Mount, user_id: int, day: date, streaks: Mapping[int, Row[Any]]
) -> dict[int, Row[Any]]:
    """Recompute the chain, because a date came in behind its end."""
    known = ledger.read(session, user_id)
    if known.bridges.get(day) is BridgeKind.FREEZE:
        bridges.give_back(session, user_id, day)
        known = replace(
            known, bridges={date: kind for date, kind in known.bridges.items() if date != day}
        )
    healed = ledger.recount(session, user_id, known, streaks)
    if not mount.config.shadow:
        pairs.rebuild(session, user_id, known.life(), healed[OVERALL])
    return healed


def _tell_friends(
    session: Session,
    mount: Mount,
    user_id: int,
    overall: Row[Any],
    day: date,
    zone: str,
    at: datetime,
) -> None:
    """The day in all friendships; from the ledger where a friend may be two dates ahead."""
    if mount.config.shadow:
        return
    pairs.move(session, user_id, overall, day, at)
    offset = clock.offset(at, zone)
    if pairs.may_be_two_dates_ahead(offset):
        pairs.rebuild(session, user_id, ledger.read(session, user_id).life(), overall)


def _changed(session: Session, user_id: int, streaks: Mapping[int, Row[Any]], zone: str) -> Outcome:
    """The STREAK_DAYS gauge: the longest current streak of a language, or the overall one."""
    overall = streaks[OVERALL]
    alive_since = calendar.before(overall.last_date, zone)
    current = [
        row.current
        for language_id, row in streaks.items()
        if language_id != OVERALL and row.covered_to >= alive_since
    ]
    outcome = emit(
        session, "streak.changed", user_id=user_id, value=max(current, default=overall.current)
    )
    outcome.streak = overall.current
    return outcome
