"""What ends, and what is kept from ending, at midnight: freezes and friend streaks."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.models import OVERALL, Base, Friendship, Streak, UserProfile
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.reset import keep_alive
from zeeguu_gamify.streaks.zones import Zones

#: Friendships that one statement looks at, and users who are gone through in a batch.
IDS = 10_000
USERS = 100

_FRIENDSHIP = Base.metadata.tables[Friendship.__tablename__]
_STREAK = Base.metadata.tables[Streak.__tablename__]


def use_freezes(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Use the freezes that are due. One user a transaction, for it locks friendships as well."""
    if mount.config.host_owns_streaks:
        return nothing
    local = Zones(connection, mount, at).of(_STREAK.c.user_id)
    lapsed = (
        local.join(select(_STREAK.c.user_id).select_from(_STREAK))
        .join(UserProfile, UserProfile.user_id == _STREAK.c.user_id)
        .where(
            _STREAK.c.language_id == OVERALL,
            UserProfile.freezes > 0,
            _STREAK.c.covered_to < local.cutoff,
        )
    )
    return partial(_use_freezes, lapsed)


def _use_freezes(lapsed: Select[Any], work: Work, after: int) -> Batch:
    user_id = _STREAK.c.user_id
    wanted = lapsed.where(user_id > after).order_by(user_id).limit(USERS)
    ids = work.session.connection().execute(wanted).scalars().all()
    kept = 0
    for one in ids:
        work.save()
        kept += keep_alive(work.session, work.mount, one, work.at)
    return Batch(ids[-1] if len(ids) == USERS else None, {"users kept by a freeze": kept})


def end_friend_streaks(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Set friend streaks that either of the two let end to 0."""
    if mount.config.shadow:
        return nothing
    return partial(_end_batch, _ended(Zones(connection, mount, at)))


def _end_batch(ended: Select[Any], work: Work, after: int) -> Batch:
    """One friendship a transaction: somebody who practises holds several, in another order."""
    connection, friendship = work.session.connection(), _FRIENDSHIP.c
    first = connection.execute(
        select(func.min(friendship.id)).where(friendship.id > after)
    ).scalar()
    if first is None:
        return Batch(None)
    upto = first + IDS - 1
    count = 0
    for row in connection.execute(ended, {"first": first, "upto": upto}).all():
        work.save()
        done = work.session.connection().execute(
            update(_FRIENDSHIP)
            .where(
                friendship.id == row.id,
                friendship.friend_streak == row.friend_streak,
                friendship.friend_streak_date.is_not_distinct_from(row.friend_streak_date),
            )
            .values(friend_streak=0)
        )
        count += done.rowcount
    return Batch(upto, {"friend streaks ended": count})


def _ended(zones: Zones) -> Select[Any]:
    """What `display.friend_streak_shown` shows as 0, in SQL; rows that were opened, or are ours.

    Each side's run reaches beyond the last shared date, or ends with it. The streak ended if the
    side that reaches less far has missed the date after it.
    """
    friendship = _FRIENDSHIP.c
    found: Select[Any] = select(
        friendship.id, friendship.friend_streak, friendship.friend_streak_date
    )
    found = found.select_from(_FRIENDSHIP)
    sides = []
    for number, user_id in enumerate((friendship.user_a_id, friendship.user_b_id)):
        local, run = zones.of(user_id, number), _STREAK.alias(f"run_{number}")
        found = local.join(found).outerjoin(
            run, and_(run.c.user_id == user_id, run.c.language_id == OVERALL)
        )
        sides.append((_reach(run, friendship.friend_streak_date), local.cutoff))
    (one, one_cutoff), (other, other_cutoff) = sides
    return found.where(
        friendship.id.between(bindparam("first"), bindparam("upto")),
        friendship.active == 1,
        friendship.friend_streak > 0,
        or_(friendship.friend_streak_date.is_not(None), friendship.a_since.is_not(None)),
        or_(
            friendship.friend_streak_date.is_(None),
            and_(one <= other, one < one_cutoff),
            and_(other <= one, other < other_cutoff),
        ),
    )


def _reach(run: Any, last_shared: Any) -> ColumnElement[Any]:
    goes_on = and_(run.c.started <= last_shared, run.c.covered_to > last_shared)
    return case((goes_on, run.c.covered_to), else_=last_shared)
