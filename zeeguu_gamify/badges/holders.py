"""The job that counts holders: how rare each badge is, and an alarm when a count runs wild."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, case, func, select, update

from zeeguu_gamify.badges.sync import raise_version
from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.models import Badge, UserBadge, UserBadgeProgress
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.jobs")

#: Below so many holders no change is wild.
FEW = 10

_GRANT: Any = UserBadge.__table__
_BADGE: Any = Badge.__table__
_PROGRESS: Any = UserBadgeProgress.__table__


class Count(NamedTuple):
    """Of a badge."""

    holders: int
    share: float | None  #: of the active users; None when nobody is active


def count(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Count the holders of each badge, and what share of the active users hold it.

    Active is who moved any metric within GAMIFY_ACTIVE_DAYS.
    """
    if mount.config.shadow:
        return nothing
    since = at - timedelta(days=mount.config.active_days)

    def step(work: Work, _after: int) -> Batch:
        connection = work.session.connection()
        counted = _counted(connection, since)
        before = connection.execute(
            select(_BADGE.c.id, _BADGE.c.code, _BADGE.c.users_with_badge, _BADGE.c.share_active)
        ).all()
        wild = [row for row in before if _alarms(mount, row, counted)]
        changed = [row for row in before if counted.get(row.id, _none(counted)) != row[2:]]
        if changed and not work.dry_run:
            _write(connection, changed, counted)
            mount.forget()
        return Batch(None, {"badges": len(before), "changed": len(changed), "wild": len(wild)})

    return step


def _counted(connection: Connection, since: datetime) -> Mapping[int, Count]:
    """Badge id → its count, by one GROUP BY; 0 → the count of no holders."""
    active = select(_PROGRESS.c.user_id).where(_PROGRESS.c.updated_at >= since).distinct()
    users = active.subquery("active")
    everybody = connection.execute(select(func.count()).select_from(users)).scalar_one()
    is_active = case((users.c.user_id.is_not(None), _GRANT.c.user_id))
    rows = connection.execute(
        select(
            _GRANT.c.badge_id,
            func.count(_GRANT.c.user_id.distinct()).label("holders"),
            func.count(is_active.distinct()).label("active"),
        )
        .select_from(_GRANT.outerjoin(users, users.c.user_id == _GRANT.c.user_id))
        .where(_GRANT.c.revoked_at.is_(None))
        .group_by(_GRANT.c.badge_id)
    )
    found = {0: Count(0, 0.0 if everybody else None)}
    for row in rows:
        share = round(row.active / everybody, 4) if everybody else None
        found[row.badge_id] = Count(row.holders, share)
    return found


def _none(counted: Mapping[int, Count]) -> Count:
    return counted[0]


def _alarms(mount: Mount, row: Row[Any], counted: Mapping[int, Count]) -> bool:
    """Whether the count has changed wildly since the last time, if any; then the log says so."""
    old, new = row.users_with_badge, counted.get(row.id, _none(counted)).holders
    is_first = not old and row.share_active is None
    if is_first or abs(new - old) <= max(FEW, old * mount.config.holders_alert):
        return False
    log.warning("%s had %s holders and has %s now: look why", row.code, old, new)
    return True


def _write(connection: Connection, rows: list[Row[Any]], counted: Mapping[int, Count]) -> None:
    """In the order of ids, as the granter locks badges; every process reads them again."""
    write = (
        update(_BADGE)
        .where(_BADGE.c.id == bindparam("of_badge"))
        .values(users_with_badge=bindparam("holders"), share_active=bindparam("share"))
    )
    counts = ((row.id, counted.get(row.id, _none(counted))) for row in sorted(rows))
    connection.execute(
        write,
        [{"of_badge": id_, "holders": one.holders, "share": one.share} for id_, one in counts],
    )
    raise_version(connection)
