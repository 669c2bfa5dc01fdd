"""Opening balances: the streaks that the host counted before us become practice days of ours.

`flask gamify streaks open` goes through all users; who practises before their turn is opened then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, exists, insert, null, or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, PracticeDay, Streak
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import calendar, ledger, rows
from zeeguu_gamify.streaks.display import is_alive
from zeeguu_gamify.streaks.ledger import Ledger, Practised

SOURCE = "opening"

#: Users in a batch.
USERS = 200


class Floor(NamedTuple):
    """The longest run of before us: no recomputation goes below."""

    floor: int
    floor_at: datetime | None  #: UTC


@dataclass(frozen=True, slots=True)
class Balance:
    """What the host says of a language."""

    language_id: int
    days: int  #: of the newest run
    last: date | None  #: on which it ended; None where that is not known
    floor: Floor

    def dates(self, zone: str) -> Iterator[date]:
        """The dates of the run, the last one first."""
        day = self.last
        for _ in range(self.days):
            if day is None:
                return
            yield day
            day = calendar.before(day, zone)


def balances(studied: Iterable[Row[Any]], zone: str, at: datetime) -> list[Balance]:
    """One balance per language from a user's rows of user_language, as of `at` (UTC)."""
    by_language = sorted(studied, key=lambda row: row.language_id)
    return [
        _balance(language_id, list(doubles), zone, at)
        for language_id, doubles in groupby(by_language, key=lambda row: row.language_id)
    ]


def _balance(language_id: int, doubles: Sequence[Row[Any]], zone: str, at: datetime) -> Balance:
    """Of a doubled row what shows best; when none shows anything, the newest."""
    runs = [
        (clock.local_date(row.last_practiced, zone), row.daily_streak)
        for row in doubles
        if row.last_practiced is not None and row.daily_streak > 0
    ]
    alive = [days for last, days in runs if is_alive(last, zone, at)]
    newest = max(runs, default=None)
    last, days = newest or (None, 0)
    best = max(doubles, key=lambda row: row.max_streak)
    return Balance(
        language_id, max(alive, default=days), last, Floor(best.max_streak, best.max_streak_date)
    )


def open_user(session: Session, mount: Mount, user_id: int, day: date) -> None:
    """Open one user, who practises on `day` (local) just now; that date is left to the practice."""
    found = session.connection().execute(_studied(mount, [user_id])).all()
    if found:
        _open(session, mount, user_id, found, clock.now(), but=day)


def open_streaks(_connection: Connection, mount: Mount, _at: datetime) -> Step:
    """Open all users, by id."""
    return _open_batch if mount.host.has(Group.LANGUAGE) else nothing


def _open_batch(work: Work, after: int) -> Batch:
    studied = work.mount.host.table("user_language").c
    counts = or_(studied.daily_streak > 0, studied.max_streak > 0)
    wanted = select(studied.user_id).distinct().where(studied.user_id > after, counts)
    connection = work.session.connection()
    ids = connection.execute(wanted.order_by(studied.user_id).limit(USERS)).scalars().all()
    found = connection.execute(_studied(work.mount, ids)).all()
    days = 0
    for user_id, theirs in groupby(found, key=lambda row: row.user_id):
        days += _open(work.session, work.mount, user_id, list(theirs), work.at)
    done = ids[-1] if len(ids) == USERS else None
    return Batch(done, {"users opened": len(ids), "practice days written": days})


def _studied(mount: Mount, user_ids: Sequence[int]) -> Select[Any]:
    """The rows of user_language of these users, by user."""
    user, studied = mount.host.table("user"), mount.host.table("user_language")
    return (
        select(
            studied.c.user_id,
            studied.c.language_id,
            studied.c.daily_streak,
            studied.c.last_practiced,
            studied.c.max_streak,
            studied.c.max_streak_date,
            (user.c.timezone if mount.host.has(Group.ZONE) else null()).label("timezone"),
        )
        .join_from(studied, user, user.c.id == studied.c.user_id)
        .where(studied.c.user_id.in_(user_ids))
        .order_by(studied.c.user_id, studied.c.id)
    )


def _open(
    session: Session,
    mount: Mount,
    user_id: int,
    studied: Sequence[Row[Any]],
    at: datetime,
    but: date | None = None,
) -> int:
    """How many practice days were written. Doing it again changes nothing."""
    zone = clock.zone(mount.host.zone_from(user_id, studied[0].timezone)).key
    found = balances(studied, zone, at)
    opened = Ledger(
        [
            Practised(balance.language_id, day, zone, None)
            for balance in found
            for day in balance.dates(zone)
            if day != but
        ],
        {},
    )
    return _write(session, user_id, opened, _floors(found)) if opened.practised else 0


def open_run(session: Session, user_id: int, dates: Sequence[date], zone: str) -> None:
    """A friend streak says that the user practised on `dates`, in order, in whatever language.

    So it was, unless the last of them is known: then the languages tell how it was.
    """
    day = PracticeDay.__table__.c
    last = select(day.user_id).where(day.user_id == user_id, day.local_date == dates[-1]).limit(1)
    if session.connection().execute(last).first() is None:
        practised = [Practised(OVERALL, date, zone, None) for date in dates]
        _write(session, user_id, Ledger(practised, {}), {})


def _write(session: Session, user_id: int, opened: Ledger, floors: Mapping[int, Floor]) -> int:
    """Write what is missing of `opened`; how many practice days that were."""
    if not _has_streaks(session, user_id):  # then writing them locks them
        ledger.recount(session, user_id, opened, floors)
    known = ledger.read(session, user_id)
    have = {(item.language_id, item.day) for item in known.practised}
    missing = [item for item in opened.practised if (item.language_id, item.day) not in have]
    if missing:
        days = [_row(user_id, item) for item in missing]
        session.connection().execute(insert(PracticeDay), days)
    if known.practised:
        _recount(session, user_id, Ledger([*known.practised, *missing], known.bridges), floors)
    return len(missing)


def _has_streaks(session: Session, user_id: int) -> bool:
    wanted = select(Streak.user_id).where(Streak.user_id == user_id).limit(1)
    return session.connection().execute(wanted).first() is not None


def _recount(session: Session, user_id: int, known: Ledger, floors: Mapping[int, Floor]) -> None:
    """Also what was practised since; a floor that is there already stays."""
    stored = rows.locked(session, user_id)
    there = {key: row for key, row in stored.items() if row.floor}
    ledger.recount(session, user_id, known, {**floors, **there})


def _floors(found: Sequence[Balance]) -> dict[int, Floor]:
    """By language; the longest of them is the overall one's."""
    floors = {balance.language_id: balance.floor for balance in found}
    return {**floors, OVERALL: max(floors.values(), key=lambda floor: floor.floor)}


def _row(user_id: int, item: Practised) -> dict[str, Any]:
    return {
        "user_id": user_id, "language_id": item.language_id, "local_date": item.day,
        "source": SOURCE, "zone": item.zone, "first_at": None,
    }  # fmt: skip


def is_needed(session: Session, mount: Mount) -> bool:
    """Whether the host counts a streak of which we know nothing."""
    if not mount.host.has(Group.LANGUAGE):
        return False
    studied = mount.host.table("user_language").c
    ours = exists().where(
        Streak.user_id == studied.user_id, Streak.language_id == studied.language_id
    )
    unknown = select(studied.id).where(
        studied.daily_streak > 0, studied.last_practiced.is_not(None), ~ours
    )
    return session.connection().execute(unknown.limit(1)).first() is not None
