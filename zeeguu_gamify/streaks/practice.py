"""`practice`: a user practised; the ledger, the streaks and the friend streaks move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import MAX_AHEAD, Event, Metric, Outcome, emit_batch, whole_number
from zeeguu_gamify.holding import hold
from zeeguu_gamify.models import OVERALL, PracticeDay
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import bridges, calendar, ledger, opening, pairs, rows
from zeeguu_gamify.streaks.display import shown
from zeeguu_gamify.streaks.glimpse import Glimpse, look
from zeeguu_gamify.streaks.host_columns import write_through
from zeeguu_gamify.transaction import AnySession, is_duplicate, plain

Streaks = Mapping[int, Row[Any]]  #: rows by language


@dataclass(frozen=True, slots=True)
class Practice:
    """Who practised what, where and when."""

    user_id: int
    language_id: int
    day: date  #: local
    zone: str
    at: datetime  #: UTC


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
    an `at` more than 5 minutes ahead, an unknown zone, or a language that the host has not.
    """
    mount = current_mount()
    session = plain(session)
    at = _instant(at)
    _check(user_id, language_id, zone)
    if not mount.takes_events(session):
        return Outcome()
    seen = look(session, mount, user_id, language_id)
    if not mount.is_enabled_for(user_id):
        return Outcome()
    zone = clock.zone(zone or _zone_at(session, user_id, seen, at)).key
    this = Practice(user_id, seen.language_id, clock.local_date(at, zone), zone, at)
    if seen.is_to_open:
        opening.open_user(session, mount, user_id, this.day)
        seen = look(session, mount, user_id, language_id)
    return Outcome() if seen.knows(this.day, at) else _practise(session, mount, this, seen)


def _instant(at: datetime | None) -> datetime:
    now = clock.now()
    if at is None:
        return now
    at = clock.to_utc(at)
    if (at - now).total_seconds() > MAX_AHEAD:
        raise BadInput(f"at: {at.isoformat()} is in the future")
    return at


def _check(user_id: int, language_id: int | None, zone: str | None) -> None:
    """Raise BadInput, naming the field, for what no host can mean."""
    whole_number("user_id", user_id, at_least=1)
    if language_id is not None:
        whole_number("language_id", language_id, at_least=1)
    if zone is not None and not clock.is_zone(zone):
        raise BadInput(f"zone: {zone!r} is not an IANA zone")


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


def _practise(session: Session, mount: Mount, this: Practice, seen: Glimpse) -> Outcome:
    """Write the date, if it is new or was earlier than known, and move what follows from it."""
    if seen.has_profile:
        hold(session.connection(), this.user_id)
    before = calendar.before(this.day, this.zone)
    ours = not mount.config.host_owns_streaks
    bridged = False
    if ours and seen.last_date and seen.last_date < before:
        bridged = bridges.fill_gap(session, this.user_id, seen, this.day, this.zone, this.at)
    rows.move(
        session, this.user_id, this.language_id,
        day=this.day, before=before, zone=this.zone, at=this.at,
    )  # fmt: skip
    is_new = _write_day(session, this)
    if not is_new and not _antedate(session, this):
        return Outcome()
    found: Streaks = rows.locked(session, this.user_id)
    streaks = found
    if bridged or not is_new or _is_late(streaks, this):  # friends may have been told it ended
        streaks = _heal(session, mount, this, found, is_new=is_new)
    elif seen.last_date is None or seen.last_date < this.day:
        _tell_friends(session, mount, this, streaks[OVERALL])
    if not ours:  # the host tells the gauge, from its own columns
        return Outcome(streak=streaks[OVERALL].current)
    moved = [
        row
        for key, row in streaks.items()
        if bridged or key == this.language_id or row != found.get(key)
    ]
    write_through(session, mount, moved, {this.language_id: this.at})
    if gauge := mount.live.by_metric.get(Metric.STREAK_DAYS):
        mount.known.hint(session, (this.user_id, gauge.id), seen.gauge)
    return _changed(session, this.user_id, seen.zone, streaks, _longest(found))


def _write_day(session: Session, this: Practice) -> bool:
    """Whether the date is new; the key decides, so nobody counts it twice."""
    row = {
        "user_id": this.user_id, "language_id": this.language_id, "local_date": this.day,
        "source": "activity", "zone": this.zone, "first_at": this.at,
    }  # fmt: skip
    try:
        session.connection().execute(insert(PracticeDay), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def _antedate(session: Session, this: Practice) -> bool:
    """Whether a known date was practised earlier than was known."""
    earlier = (
        update(PracticeDay)
        .where(
            PracticeDay.user_id == this.user_id,
            PracticeDay.language_id == this.language_id,
            PracticeDay.local_date == this.day,
            PracticeDay.first_at > this.at,
        )
        .values(first_at=this.at, zone=this.zone)
    )
    return bool(session.connection().execute(earlier).rowcount)


def _is_late(streaks: Streaks, this: Practice) -> bool:
    """Whether the day lies behind what was counted, was bridged, or began with another language.

    The latter matters where that was elsewhere, or later.
    """
    overall = streaks[OVERALL]
    if overall.bridged is not None and overall.bridged >= this.day:
        return True
    if overall.last_date == this.day and overall.zone != this.zone:
        return True
    at = overall.longest_at  # NULL for a date of before us
    if overall.longest_end == this.day and at is not None and at > this.at:
        return True
    return any(streaks[key].last_date > this.day for key in (OVERALL, this.language_id))


def _heal(
    session: Session, mount: Mount, this: Practice, streaks: Streaks, *, is_new: bool
) -> Streaks:
    """Recompute the chain, because something came in behind its end."""
    read = ledger.read(session, this.user_id)
    known = bridges.lift_unneeded(session, this.user_id, this.day, read)
    if not mount.config.host_owns_streaks:
        known = bridges.explain(session, this.user_id, known)
    healed = ledger.recount(session, this.user_id, known, streaks)
    dates_are_others = is_new or known != read
    if dates_are_others and not mount.config.shadow:
        pairs.rebuild(session, this.user_id, known.life(), healed[OVERALL], this.at)
    return healed


def _tell_friends(session: Session, mount: Mount, this: Practice, overall: Row[Any]) -> None:
    """The day in all friendships; from the ledger where a friend may be two dates ahead."""
    if mount.config.shadow:
        return
    pairs.move(session, this.user_id, overall, this.day, this.at)
    if pairs.may_be_two_dates_ahead(this.day):
        pairs.look_back(session, this.user_id, overall, this.day, this.at)


def _changed(session: Session, user_id: int, zone: str, streaks: Streaks, longest: int) -> Outcome:
    """The STREAK_DAYS gauge: the longest current streak of a language, or the overall one.

    longest: what it was before. A longer one that only came to light now was reached as well.
    """
    overall = streaks[OVERALL]
    now = {"streak": shown(overall.current, overall.covered_to, zone, clock.now())}
    alive_since = calendar.before(overall.last_date, overall.zone)
    current = [
        row.current
        for language_id, row in streaks.items()
        if language_id != OVERALL and row.covered_to >= alive_since
    ]
    value, peak = max(current, default=overall.current), _longest(streaks)
    values = [peak, value] if peak > max(longest, value) else [value]
    told = [
        Event(name="streak.changed", user_id=user_id, value=value, context=now) for value in values
    ]
    outcomes = emit_batch(session, told)
    return Outcome(
        new_badges=[badge for outcome in outcomes for badge in outcome.new_badges],
        streak=overall.current,
    )


def _longest(streaks: Streaks) -> int:
    """The longest streak of a language there was; without languages, the overall one."""
    of_languages = [row.longest for key, row in streaks.items() if key != OVERALL]
    return int(max(of_languages, default=streaks[OVERALL].longest))
