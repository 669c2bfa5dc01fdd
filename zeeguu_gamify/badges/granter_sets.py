"""Many grants at once, to many users: what `granter.grant` does, by sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify.badges.granter import Cause, grant_one, log_grant, log_row, row_of
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.clock import UTC_NAME
from zeeguu_gamify.delivery.announce import announce_grants
from zeeguu_gamify.models import BadgeAwardLog, UserBadge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate, on_commit, savepoint

#: To a user, a badge, because of what.
Grant = tuple[int, LiveBadge, Cause]


def grant_many(
    session: Session, mount: Mount, grants: Iterable[Grant], zones: Mapping[int, str]
) -> list[Grant]:
    """Grant all in one savepoint; return those that were new. `zones`: user id → zone name.

    As `granter.grant` does it, but a user is told of it unless the cause is silent, and the number
    of statements does not grow with the grants; only limited badges are granted one by one, and
    all of them when somebody else grants one of them at the same moment.
    """
    limited, plenty = _in_order(grants)
    with savepoint(session) as connection:
        new = [item for item in limited if grant_one(connection, *item, _zone(zones, item))]
        new += _insert(session, plenty, zones) if plenty else []
        if new:
            connection.execute(insert(BadgeAwardLog), [log_row(*item) for item in new])
        if told := [item for item in new if not item[2].silent]:
            announce_grants(session, mount, told)
    for item in new:
        on_commit(session, partial(log_grant, *item))
    return new


def _in_order(grants: Iterable[Grant]) -> tuple[list[Grant], list[Grant]]:
    """The limited ones and the others, each so that no two writers cross."""
    by_badge = sorted(grants, key=lambda item: (item[1].id, item[0]))
    limited = [item for item in by_badge if item[1].max_holders is not None]
    plenty = [item for item in by_badge if item[1].max_holders is None]
    return limited, sorted(plenty, key=lambda item: (item[0], item[1].id))


def _insert(session: Session, grants: Sequence[Grant], zones: Mapping[int, str]) -> Sequence[Grant]:
    """Those that were inserted: all, unless a unique key says that somebody was faster."""
    try:
        with savepoint(session) as connection:
            rows = [row_of(*item, _zone(zones, item)) for item in grants]
            connection.execute(insert(UserBadge), rows)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        connection = session.connection()
        return [item for item in grants if grant_one(connection, *item, _zone(zones, item))]
    return grants


def _zone(zones: Mapping[int, str], item: Grant) -> str:
    return zones.get(item[0], UTC_NAME)
