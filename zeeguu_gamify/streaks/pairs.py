"""Friend streaks. Practising is one UPDATE per side that reads nothing but the friendship's row.

For that each row carries the newest run of both friends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, select, text, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.events import MAX_AHEAD
from zeeguu_gamify.models import OVERALL, Base, Friendship, PracticeDay, Streak, StreakBridge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import ledger
from zeeguu_gamify.streaks.calendar import DAY
from zeeguu_gamify.streaks.shared import Life, SharedRun, longest, shared_runs
from zeeguu_gamify.upsert import typed, upsert

TABLE: Table = Base.metadata.tables[Friendship.__tablename__]

#: Where a date begins first.
EAST = "Etc/GMT-14"

#: First, last and last bridged date of a run.
Run = tuple[date | None, date | None, date | None]
NO_RUN: Run = (None, None, None)


#: Not those whose friend streak the host counted and which still have to be opened.
IS_OURS = """(a_since IS NOT NULL OR friend_streak_date IS NOT NULL
    OR friend_streak_last_updated IS NULL)"""


def _move(own: str, other: str) -> str:
    """The UPDATE of all friendships in which the practising user is side `own`."""
    counts = f"({own}_since IS NULL OR {own}_since <= :day)"
    own_from = f"(CASE WHEN :started < {own}_since THEN {own}_since ELSE :started END)"
    shared = (
        f"(:day BETWEEN {other}_from AND {other}_last"
        f" AND ({other}_bridged IS NULL OR {other}_bridged <> :day)"
        f" AND {counts}"
        f" AND (friend_streak_date IS NULL OR friend_streak_date < :day))"
    )
    goes_on = f"(friend_streak_date >= {other}_from AND friend_streak_date >= {own_from})"
    grown = f"(CASE WHEN {goes_on} THEN friend_streak + 1 ELSE 1 END)"
    # MySQL assigns from left to right, so what others are made of comes last.
    return f"""
UPDATE friendship SET
    max_friend_streak_date = CASE WHEN {shared} AND {grown} > max_friend_streak
        THEN :day ELSE max_friend_streak_date END,
    max_friend_streak = CASE WHEN {shared} AND {grown} > max_friend_streak
        THEN {grown} ELSE max_friend_streak END,
    friend_streak_last_updated = CASE WHEN {shared}
        THEN :at ELSE friend_streak_last_updated END,
    friend_streak = CASE WHEN {shared} THEN {grown} ELSE friend_streak END,
    friend_streak_date = CASE WHEN {shared} THEN :day ELSE friend_streak_date END,
    {own}_from = CASE WHEN {counts} THEN {own_from} END,
    {own}_last = CASE WHEN {counts} THEN :day END,
    {own}_bridged = CASE WHEN {counts} THEN :bridged END
WHERE user_{own}_id = :user_id AND active = 1 AND {IS_OURS}
"""  # noqa: S608 - only our own column names


#: First the rows where the user is b, then those where they are a: so all writers take rows in
#: the order of (a, b). The other way round mutual friends deadlock.
MOVES = tuple(
    typed(
        _move(own, other),
        TABLE,
        day="friend_streak_date",
        started="friend_streak_date",
        bridged="friend_streak_date",
        at="friend_streak_last_updated",
    )
    for own, other in (("b", "a"), ("a", "b"))
)


def move(session: Session, user_id: int, overall: Row[Any], day: date, at: datetime) -> None:
    """Tell all friendships of the user that the user practised on `day`, the newest date.

    `overall` is the user's streak row after the move. Two statements, whatever the number of
    friends. Exact unless a friend may be two dates ahead: then `look_back` as well.
    """
    values = {
        "user_id": user_id,
        "day": day,
        "at": at,
        "started": overall.started,
        "bridged": overall.bridged,
    }
    for statement in MOVES:
        session.connection().execute(statement, values)


def may_be_two_dates_ahead(day: date) -> bool:
    """Whether somebody may have practised two dates after `day`.

    `day` is late then, or lived where the date changes last.
    """
    newest = clock.local_date(clock.now() + timedelta(seconds=MAX_AHEAD), EAST)
    return newest - day > DAY


#: Whether the newest run of a friend begins, or has a bridge, after the day.
_AFTER = """
SELECT 1 FROM friendship
WHERE user_{own}_id = :user_id AND active = 1 AND ({other}_from > :day OR {other}_bridged > :day)
"""
_IS_AFTER = typed(
    " UNION ALL ".join(_AFTER.format(own=own, other=other) for own, other in ("ba", "ab")),
    TABLE,
    day="friend_streak_date",
)


def look_back(session: Session, user_id: int, overall: Row[Any], day: date, at: datetime) -> None:
    """After `move`: settle from the ledger what the rows of friendships could not tell of `day`.

    Those of friends whose newest run does not reach back to it. The rows are read as they are now
    because `move` has changed them all.
    """
    values = {"user_id": user_id, "day": day}
    if session.connection().execute(_IS_AFTER, values).first():
        rebuild(session, user_id, ledger.read(session, user_id).life(), overall, at)


def rebuild(
    session: Session,
    user_id: int,
    own: Life,
    overall: Row[Any] | None,
    at: datetime | None = None,
) -> None:
    """Recompute all friendships of the user from the ledger, in one set, under their locks.

    own: the user's life as it is now; overall: the user's streak row, None without practice;
    at: when what brought this about happened (UTC; None: now).
    """
    rows = _locked(session, user_id)
    if rows:
        _recompute(session, user_id, rows, own, overall, at or clock.now())


def start(session: Session, mount: Mount, friendship_id: int) -> None:
    """Let a new friendship begin with its day: a date that both already practised counts.

    The caller holds the rows of both users, so no practice of theirs is under way unseen: each
    takes a share of its user's row, and what comes later finds the friendship.
    """
    connection = session.connection()
    row = connection.execute(select(TABLE).where(TABLE.c.id == friendship_id)).one()
    users = {"a": row.user_a_id, "b": row.user_b_id}
    since = {
        side: clock.local_date(row.created_at, mount.host.zone_name(session, user_id))
        for side, user_id in users.items()
    }
    begin(session, row, since, row.created_at)


def begin(
    session: Session,
    row: Row[Any],
    since: Mapping[str, date],
    at: datetime,
    opened: tuple[date | None, date | None] = (None, None),
) -> None:
    """Count a friendship, of which nothing is known yet, from the ledger; its row is locked.

    since: side → date from which its practice counts; at: when that became so (UTC);
    opened: first and last date of a shared run that is taken over.
    """
    users = {"a": row.user_a_id, "b": row.user_b_id}
    lives = _lives(session, users.values(), min(since.values()))
    overall = _overall(session, users.values())
    one, other = (lives[user_id].since(since[side]) for side, user_id in users.items())
    values: dict[str, Any] = {f"{side}_since": day for side, day in since.items()}
    values |= {"opened_from": opened[0], "opened_to": opened[1]}
    values |= _counted(row, shared_runs(one, other, dates_between(*opened)), at)
    for side, user_id in users.items():
        values |= _columns(side, _own_run(since[side], overall.get(user_id)))
    session.connection().execute(update(TABLE).where(TABLE.c.id == row.id).values(values))


def _overall(session: Session, user_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """The overall streak rows of users, by user."""
    streak = Streak.__table__.c
    wanted = select(Streak.__table__).where(
        streak.user_id.in_(user_ids), streak.language_id == OVERALL
    )
    return {row.user_id: row for row in session.connection().execute(wanted)}


def _locked(session: Session, user_id: int) -> list[Row[Any]]:
    """The user's active friendships, in the order in which all writers take them."""
    rows: list[Row[Any]] = []
    for side in (TABLE.c.user_b_id, TABLE.c.user_a_id):
        wanted = select(TABLE).where(side == user_id, TABLE.c.active == 1, text(IS_OURS))
        rows += session.connection().execute(wanted.with_for_update()).all()
    return rows


def _recompute(
    session: Session,
    user_id: int,
    rows: Sequence[Row[Any]],
    own: Life,
    overall: Row[Any] | None,
    at: datetime,
) -> None:
    """Make the columns of friendships what the ledger says, all in one statement."""
    friends = _lives(session, {row.user_a_id + row.user_b_id - user_id for row in rows})
    changed = [_recomputed(row, user_id, own, friends, overall, at) for row in rows]
    upsert(session.connection(), TABLE, changed)


def _recomputed(
    row: Row[Any],
    user_id: int,
    own: Life,
    friends: Mapping[int, Life],
    overall: Row[Any] | None,
    at: datetime,
) -> dict[str, Any]:
    side, other = _sides(row, user_id)
    friend = _with_run(friends[getattr(row, f"user_{other}_id")], _run_of(row, other))
    since = getattr(row, f"{side}_since")
    runs = shared_runs(
        own.since(since),
        friend.since(getattr(row, f"{other}_since")),
        dates_between(row.opened_from, row.opened_to),
    )
    return {
        "id": row.id,
        "user_a_id": row.user_a_id,
        "user_b_id": row.user_b_id,
        **_counted(row, runs, at),
        **_columns(side, _own_run(since, overall)),
        **_columns(other, _run_of(row, other)),
    }


def _counted(row: Row[Any], runs: Sequence[SharedRun], at: datetime) -> dict[str, Any]:
    """The columns of a friendship that count its shared runs; the longest never falls."""
    newest, best = (runs[-1] if runs else None), longest(runs)
    streak, last = (newest.count, newest.last) if newest else (0, None)
    most, reached = row.max_friend_streak, row.max_friend_streak_date
    if best and (best.count > most or (best.count == most and reached and best.last < reached)):
        most, reached = best.count, best.last
    moved = (streak, last) != (row.friend_streak or 0, row.friend_streak_date)
    return {
        "friend_streak": streak,
        "friend_streak_date": last,
        "friend_streak_last_updated": at if moved else row.friend_streak_last_updated,
        "max_friend_streak": most,
        "max_friend_streak_date": reached,
    }


def _lives(session: Session, user_ids: Iterable[int], first: date | None = None) -> dict[int, Life]:
    """The lives of users as far as this transaction may see, from a date on if one is given."""
    wanted, connection = list(user_ids), session.connection()
    zones: dict[int, dict[date, str]] = defaultdict(dict)
    bridged: dict[int, set[date]] = defaultdict(set)
    day, bridge = PracticeDay.__table__.c, StreakBridge.__table__.c
    days = select(day.user_id, day.local_date, day.zone).where(day.user_id.in_(wanted))
    bridges = select(bridge.user_id, bridge.local_date).where(bridge.user_id.in_(wanted))
    if first is not None:
        days, bridges = (
            days.where(day.local_date >= first),
            bridges.where(bridge.local_date >= first),
        )
    for user_id, local_date, zone in connection.execute(days):
        zones[user_id][local_date] = zone
    for user_id, local_date in connection.execute(bridges):
        bridged[user_id].add(local_date)
    return {user_id: Life.of(zones[user_id], bridged[user_id]) for user_id in wanted}


#: The number of the run that a friendship's row knows of.
_OF_THE_ROW = 0


def _with_run(life: Life, run: Run) -> Life:
    """The life with what the locked row knows better: the newest run, as it is now."""
    first, last, bridged = run
    if first is None or last is None:
        return life
    practised = bridged + DAY if bridged and bridged >= first else first
    return Life(
        {day: _OF_THE_ROW if first <= day <= last else number for day, number in life.runs.items()}
        | dict.fromkeys(dates_between(practised, last), _OF_THE_ROW)
    )


def _own_run(since: date | None, overall: Row[Any] | None) -> Run:
    """The user's newest run, as far as it is the friendship's."""
    if overall is None or (since and overall.last_date < since):
        return NO_RUN
    started = max(overall.started, since) if since else overall.started
    return started, overall.last_date, overall.bridged


def _sides(row: Row[Any], user_id: int) -> tuple[str, str]:
    """Which side the user is, and which the friend."""
    return ("a", "b") if row.user_a_id == user_id else ("b", "a")


def _run_of(row: Row[Any], side: str) -> Run:
    first, last, bridged = (getattr(row, name) for name in _columns(side, NO_RUN))
    return first, last, bridged


def _columns(side: str, run: Run) -> dict[str, date | None]:
    return dict(zip((f"{side}_from", f"{side}_last", f"{side}_bridged"), run, strict=True))


def dates_between(first: date | None, last: date | None) -> list[date]:
    """All dates from `first` to `last`, both included; none when one is missing."""
    if first is None or last is None:
        return []
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
