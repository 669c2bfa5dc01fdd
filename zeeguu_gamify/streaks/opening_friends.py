"""Opening balances of friendships: the friend streaks that run go on as runs of ours.

After those of the users, whose runs they need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.models import PracticeDay
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import opening, pairs
from zeeguu_gamify.streaks.calendar import DAY
from zeeguu_gamify.streaks.display import friend_streak_before_us
from zeeguu_gamify.streaks.opening import SOURCE
from zeeguu_gamify.streaks.pairs import TABLE

#: Friendships in a batch.
PAIRS = 200

#: Of which we know nothing yet.
NOT_OPENED = and_(
    TABLE.c.active == 1, TABLE.c.a_since.is_(None), TABLE.c.friend_streak_date.is_(None)
)


def open_friend_streaks(_connection: Connection, mount: Mount, _at: datetime) -> Step:
    """Open all friendships, by id; in shadow mode none, for the table is the host's."""
    return nothing if mount.config.shadow else _open_batch


def _open_batch(work: Work, after: int) -> Batch:
    """One friendship a transaction: somebody who practises holds several, in another order."""
    wanted = select(TABLE.c.id).where(TABLE.c.id > after, NOT_OPENED).order_by(TABLE.c.id)
    ids = work.session.connection().execute(wanted.limit(PAIRS)).scalars().all()
    opened = 0
    for friendship_id in ids:
        work.save()
        _open_users(work.session, work.mount, friendship_id, work.at)
        work.save()  # those rows are locked before friendships, not after
        opened += _open(work.session, work.mount, friendship_id, work.at)
    return Batch(
        ids[-1] if len(ids) == PAIRS else None,
        {"friendships opened": len(ids), "friend streaks that run": opened},
    )


def _open_users(session: Session, mount: Mount, friendship_id: int, at: datetime) -> None:
    """Of a friend streak that runs, let both have the run that it needs."""
    wanted = select(TABLE).where(TABLE.c.id == friendship_id, NOT_OPENED)
    row = session.connection().execute(wanted).first()
    if row is not None and _shown(row, at):
        zones = _zones(session, mount, row)
        dates = pairs.dates_between(*_run(row, zones))
        for user_id, zone in sorted(zones.items()):
            opening.open_run(session, user_id, dates, zone)


def _open(session: Session, mount: Mount, friendship_id: int, at: datetime) -> bool:
    """Whether a friend streak goes on."""
    connection = session.connection()
    wanted = select(TABLE).where(TABLE.c.id == friendship_id, NOT_OPENED).with_for_update()
    row = connection.execute(wanted).first()
    if row is None:
        return False
    zones = _zones(session, mount, row)
    updated = row.friend_streak_last_updated
    _keep_longest(session, row)
    row = connection.execute(select(TABLE).where(TABLE.c.id == row.id).with_for_update()).one()
    if _shown(row, at):
        run = _run(row, zones)
        pairs.begin(session, row, dict.fromkeys("ab", run[0]), updated, run)
        return True
    counted = _counted_before_us(session, zones)
    since = {
        side: max(clock.local_date(row.created_at or at, zone), counted)
        for side, zone in zip("ab", zones.values(), strict=True)
    }
    pairs.begin(session, row, since, updated or at)
    return False


def _zones(session: Session, mount: Mount, row: Row[Any]) -> dict[int, str]:
    """The zones of the two, by user: first a's, then b's."""
    users = (row.user_a_id, row.user_b_id)
    return {user_id: mount.host.zone_name(session, user_id) for user_id in users}


def _run(row: Row[Any], zones: Mapping[int, str]) -> tuple[date, date]:
    """The first and the last date of a friend streak, which ended where either of the two was."""
    updated = row.friend_streak_last_updated
    last = min(clock.local_date(updated, zone) for zone in zones.values())
    return last - (row.friend_streak - 1) * DAY, last


def _shown(row: Row[Any], at: datetime) -> int:
    return friend_streak_before_us(row.friend_streak or 0, row.friend_streak_last_updated, at)


def _counted_before_us(session: Session, user_ids: Iterable[int]) -> date:
    """From when on dates count that both practise: what was before us did not, so it will not."""
    day = PracticeDay.__table__.c
    wanted = (
        select(func.max(day.local_date))
        .where(day.user_id.in_(list(user_ids)), day.source == SOURCE)
        .group_by(day.user_id)
    )
    found = session.connection().execute(wanted).scalars().all()
    return min(found) + DAY if len(found) == 2 else date.min


def _keep_longest(session: Session, row: Row[Any]) -> None:
    """What was reached is the longest so far, also when it has ended."""
    streak, updated = row.friend_streak or 0, row.friend_streak_last_updated
    if streak > row.max_friend_streak:
        longest = {
            "max_friend_streak": streak,
            "max_friend_streak_date": updated and updated.date(),
        }
        session.connection().execute(update(TABLE).where(TABLE.c.id == row.id).values(longest))


def is_needed(session: Session, mount: Mount) -> bool:
    """Whether the host counts a friend streak of which we know nothing."""
    if mount.config.shadow:
        return False
    unknown = select(TABLE.c.id).where(TABLE.c.friend_streak > 0, NOT_OPENED).limit(1)
    return session.connection().execute(unknown).first() is not None
