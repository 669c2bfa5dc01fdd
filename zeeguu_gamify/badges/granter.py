"""The granter: the only writer of user_badge."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.rules import Condition
from zeeguu_gamify.delivery.announce import announce_badges
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog, UserBadge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate, on_commit, savepoint

log = logging.getLogger("zeeguu_gamify.awards")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a badge is granted: the event and the value of the metric that it brought about."""

    event: str
    value: int
    at: datetime  #: UTC, the instant of the event
    event_id: str | None = None
    context: str = ""  #: for what, where a badge is repeatable: at most 64 bytes
    source: str = "auto"  #: auto, manual or backfill
    conditions: Sequence[Condition] = ()  #: what a composite asked for, as it was then
    silent: bool = False  #: not announced, and as good as seen
    actor_id: int | None = None  #: the moderator; None: the rules
    reason: str | None = None  #: the moderator's
    details: Mapping[str, object] = field(default_factory=dict)  #: more for the certificate


def grant(
    session: Session, mount: Mount, user_id: int, badges: Iterable[tuple[LiveBadge, Cause]]
) -> list[LiveBadge]:
    """Grant `badges` to the user, all in one savepoint; return those that were new.

    A badge held already, or revoked from the user, is left as it is: the unique key decides, not
    a look beforehand. A limited one is not granted when all are gone. Each new grant gets a
    certificate, a line in the award log, a message to the user, unless it is silent, and, once the
    host has committed, a line in the application's log.
    """
    zone = mount.host.zone_name(session, user_id)
    with savepoint(session) as connection:
        in_order = sorted(badges, key=lambda item: item[0].id)  # so that no two writers cross
        new = [item for item in in_order if grant_one(connection, user_id, *item, zone)]
        if new:
            connection.execute(insert(BadgeAwardLog), [log_row(user_id, *item) for item in new])
        if told := [item for item in new if not item[1].silent]:
            announce_badges(session, mount, user_id, told)
    for badge, cause in new:
        on_commit(session, partial(log_grant, user_id, badge, cause))
    return [badge for badge, _ in new]


def has_row(session: Session, user_id: int, badge: LiveBadge, context: str = "") -> bool:
    """Whether the user holds the badge in this context, or it was revoked; reads without a lock."""
    mine = UserBadge.__table__.c
    wanted = select(mine.id).where(
        mine.user_id == user_id, mine.badge_id == badge.id, mine.context == context
    )
    return session.connection().execute(wanted).first() is not None


def grant_one(
    connection: Connection, user_id: int, badge: LiveBadge, cause: Cause, zone: str
) -> bool:
    """Whether this call granted it.

    Of a limited badge, one is taken first and given back when the user turns out to have it: the
    insert takes a shared lock of the badge, which two writers could not both turn into their own.
    """
    if badge.max_holders is None:
        return _insert(connection, user_id, badge, cause, zone)
    if not take(connection, badge, 1):
        return False
    granted = _insert(connection, user_id, badge, cause, zone)
    if not granted:
        take(connection, badge, -1)
    return granted


def take(connection: Connection, badge: LiveBadge, count: int) -> bool:
    """Whether there was one left of a limited badge; the limit is the database's."""
    row = Badge.__table__.c
    left = or_(row.max_holders.is_(None), row.grants_made + count <= row.max_holders)
    taken = (
        update(Badge).where(row.id == badge.id, left).values(grants_made=row.grants_made + count)
    )
    return connection.execute(taken).rowcount == 1


def _insert(
    connection: Connection, user_id: int, badge: LiveBadge, cause: Cause, zone: str
) -> bool:
    """Whether this call inserted the row."""
    try:
        connection.execute(insert(UserBadge), row_of(user_id, badge, cause, zone))
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def row_of(user_id: int, badge: LiveBadge, cause: Cause, zone: str) -> dict[str, object]:
    """The row of user_badge."""
    return {
        "user_id": user_id,
        "badge_id": badge.id,
        "context": cause.context,
        "achieved_at": cause.at,
        "is_shown": cause.silent,
        "source": cause.source,
        "evidence": _certificate(badge, cause, zone),
    }


def _certificate(badge: LiveBadge, cause: Cause, zone: str) -> dict[str, object]:
    """What proves the award later, whatever becomes of the rule."""
    return {
        "metric": badge.metric,
        "threshold": badge.threshold,
        "value": cause.value,
        "rule_version": badge.rule_version,
        "event": cause.event,
        "event_id": cause.event_id,
        "zone": zone,
        "local_date": clock.local_date(cause.at, zone).isoformat(),
        **_conditions(cause),
        **cause.details,
    }


def _conditions(cause: Cause) -> dict[str, object]:
    """What a composite asked for and the user had."""
    if not cause.conditions:
        return {}
    return {"conditions": [asdict(condition) for condition in cause.conditions]}


def log_row(user_id: int, badge: LiveBadge, cause: Cause) -> dict[str, object]:
    """The line of the award log."""
    return {
        "user_id": user_id,
        "badge_id": badge.id,
        "context": cause.context,
        "action": AwardAction.GRANTED,
        "at": clock.now(),
        "event": cause.event,
        "event_id": cause.event_id,
        "actor_id": cause.actor_id,
        "reason": cause.reason,
    }


def log_grant(user_id: int, badge: LiveBadge, cause: Cause) -> None:
    """Tell the application's log; once it is committed."""
    log.info(
        "granted %s to user %s: %s reached %s of %s by %s",
        badge.code, user_id, badge.metric, cause.value, badge.threshold, cause.event,
    )  # fmt: skip
