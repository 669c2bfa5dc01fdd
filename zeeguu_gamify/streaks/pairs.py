"""Friend streaks. Practising is one UPDATE per side that reads nothing but the friendship's row.

For that each row carries the newest run of both friends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.models import OVERALL, Base, Friendship, PracticeDay, Streak, StreakBridge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.calendar import DAY
from zeeguu_gamify.streaks.shared import Life, longest, shared_runs


def _move(own: str, other: str) -> str:
    """The UPDATE of all friendships in which the practising user is side `own`."""
    own_from = f"(CASE WHEN :started < {own}_since THEN {own}_since ELSE :started END)"
    shared = (
        f"(:day BETWEEN {other}_from AND {other}_last"
        f" AND ({other}_bridged IS NULL OR {other}_bridged <> :day)"
        f" AND ({own}_since IS NULL OR :day >= {own}_since)"
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
    {own}_from = {own_from},
    {own}_last = :day,
    {own}_bridged = :bridged
WHERE user_{own}_id = :user_id AND active = 1
"""  # noqa: S608 - only our own column names


#: First the rows where the user is b, then those where they are a: so all writers take rows in
#: the order of (a, b). The other way round mutual friends deadlock.
MOVES = (text(_move("b", "a")), text(_move("a", "b")))


def move(session: Session, user_id: int, overall: Row[Any], day: date, at: datetime) -> None:
    """Tell all friendships of the user that the user practised on `day`, the newest date.

    `overall` is the user's streak row after the move. Two statements, whatever the number of
    friends. Exact unless the friend may be two dates ahead: see `may_be_two_dates_ahead`.
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


def may_be_two_dates_ahead(offset: timedelta) -> bool:
    """Whether someone may live two dates ahead of this UTC offset: the east ends at +14 hours."""
    return offset < timedelta(hours=-10)


def start(session: Session, mount: Mount, friendship_id: int) -> None:
    """Let a new friendship begin with today: a date that both already practised counts.

    The caller holds the rows of both users, so no practice of theirs is under way unseen: each
    takes a share of its user's row, and what comes later finds the friendship.
    """
    table = Base.metadata.tables[Friendship.__tablename__]
    connection = session.connection()
    row = connection.execute(select(table).where(table.c.id == friendship_id)).one()
    since = {
        side: clock.local_date(row.created_at, mount.host.zone_name(session, user_id))
        for side, user_id in (("a", row.user_a_id), ("b", row.user_b_id))
    }
    overall = {
        streak.user_id: streak
        for streak in connection.execute(
            select(Streak.__table__).where(
                Streak.user_id.in_((row.user_a_id, row.user_b_id)), Streak.language_id == OVERALL
            )
        )
    }
    own = {
        "a": _own_run(since["a"], overall.get(row.user_a_id)),
        "b": _own_run(since["b"], overall.get(row.user_b_id)),
    }
    runs = shared_runs(_life_of(own["a"]), _life_of(own["b"]))
    values: dict[str, Any] = {"a_since": since["a"], "b_since": since["b"]}
    for side, run in own.items():
        values |= dict(zip(_columns(side), run, strict=True))
    if runs:
        values |= {
            "friend_streak": runs[-1].count,
            "friend_streak_date": runs[-1].last,
            "friend_streak_last_updated": row.created_at,
            "max_friend_streak": runs[-1].count,
            "max_friend_streak_date": runs[-1].last,
        }
    connection.execute(update(table).where(table.c.id == friendship_id).values(values))


def rebuild(session: Session, user_id: int, own: Life, overall: Row[Any] | None) -> None:
    """Recompute all friendships of the user from the ledger, in one set, under their locks.

    own: the user's life as it is now; overall: the user's streak row, None without practice.
    """
    rows = _locked(session, user_id)
    if not rows:
        return
    friends = _friends_lives(session, [_other(row, user_id) for row in rows])
    changed = [_rebuilt(row, user_id, own, friends, overall) for row in rows]
    table = Base.metadata.tables[Friendship.__tablename__]
    columns: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "row_id"}
    statement = update(table).where(table.c.id == bindparam("row_id")).values(columns)
    session.connection().execute(statement, changed)


def _locked(session: Session, user_id: int) -> list[Row[Any]]:
    """The user's active friendships, in the order in which all writers take them."""
    rows: list[Row[Any]] = []
    for side in (Friendship.user_b_id, Friendship.user_a_id):
        wanted = select(Friendship.__table__).where(side == user_id, Friendship.active == 1)
        rows += session.connection().execute(wanted.with_for_update()).all()
    return rows


def _other(row: Row[Any], user_id: int) -> int:
    return int(row.user_b_id if row.user_a_id == user_id else row.user_a_id)


def _friends_lives(session: Session, user_ids: Sequence[int]) -> dict[int, Life]:
    """The lives of friends as far as this transaction may see; the locked rows know the rest."""
    connection = session.connection()
    practised: dict[int, set[date]] = defaultdict(set)
    bridged: dict[int, set[date]] = defaultdict(set)
    zones: dict[int, str] = {}
    days = select(PracticeDay.user_id, PracticeDay.local_date, PracticeDay.zone)
    for row in connection.execute(
        days.where(PracticeDay.user_id.in_(user_ids)).order_by(PracticeDay.local_date)
    ):
        practised[row.user_id].add(row.local_date)
        zones[row.user_id] = row.zone
    bridges = select(StreakBridge.user_id, StreakBridge.local_date)
    for bridge in connection.execute(bridges.where(StreakBridge.user_id.in_(user_ids))):
        bridged[bridge.user_id].add(bridge.local_date)
    return {
        user_id: Life(practised[user_id], bridged[user_id], zones.get(user_id, clock.UTC_NAME))
        for user_id in user_ids
    }


def _rebuilt(
    row: Row[Any],
    user_id: int,
    own: Life,
    friends: Mapping[int, Life],
    overall: Row[Any] | None,
) -> dict[str, Any]:
    """The columns of a friendship as the ledger has them."""
    side, other = ("a", "b") if row.user_a_id == user_id else ("b", "a")
    friend = friends[_other(row, user_id)]
    friend.practised = friend.practised | _practised_as_the_row_knows(row, other)
    since = getattr(row, f"{side}_since")
    mine = _since(own, since)
    theirs = _since(friend, getattr(row, f"{other}_since"))
    runs = shared_runs(mine, theirs, dates_between(row.opened_from, row.opened_to))
    newest, best = (runs[-1] if runs else None), longest(runs)
    beaten = best is not None and best.count > row.max_friend_streak
    return {
        "row_id": row.id,
        "friend_streak": newest.count if newest else 0,
        "friend_streak_date": newest.last if newest else None,
        "max_friend_streak": best.count if best and beaten else row.max_friend_streak,
        "max_friend_streak_date": best.last if best and beaten else row.max_friend_streak_date,
        **dict(zip(_columns(other), _run_of(row, other), strict=True)),
        **dict(zip(_columns(side), _own_run(since, overall), strict=True)),
    }


def _own_run(since: date | None, overall: Row[Any] | None) -> tuple[date | None, ...]:
    """First, last and last bridged date of the user's run, as far as it is the friendship's."""
    if overall is None or (since and overall.last_date < since):
        return None, None, None
    started = max(overall.started, since) if since else overall.started
    return started, overall.last_date, overall.bridged


def _run_of(row: Row[Any], side: str) -> tuple[date | None, ...]:
    return tuple(getattr(row, name) for name in _columns(side))


def _columns(side: str) -> tuple[str, str, str]:
    return f"{side}_from", f"{side}_last", f"{side}_bridged"


def _practised_as_the_row_knows(row: Row[Any], side: str) -> set[date]:
    return set(_life_of(_run_of(row, side)).practised)


def _life_of(run: tuple[date | None, ...]) -> Life:
    """The dates of a run behind its last bridge: all of them were practised."""
    first, last, bridged = run
    if first and bridged and bridged >= first:
        first = bridged + DAY
    return Life(set(dates_between(first, last)))


def _since(life: Life, since: date | None) -> Life:
    """The life as far as it belongs to the friendship."""
    if since is None:
        return life
    return Life({day for day in life.practised if day >= since}, life.bridged, life.zone)


def dates_between(first: date | None, last: date | None) -> list[date]:
    """All dates from `first` to `last`, both included; none when one is missing."""
    if first is None or last is None:
        return []
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
