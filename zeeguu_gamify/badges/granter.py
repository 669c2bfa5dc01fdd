"""The granter: the only writer of user_badge."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.delivery.announce import announce_badges
from zeeguu_gamify.models import AwardAction, BadgeAwardLog, UserBadge
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
    details: Mapping[str, object] = field(default_factory=dict)  #: more for the certificate


def grant(
    session: Session,
    mount: Mount,
    user_id: int,
    badges: Iterable[tuple[LiveBadge, Cause]],
    context: str = "",
) -> list[LiveBadge]:
    """Grant `badges` to the user, all in one savepoint; return those that were new.

    context: what a repeatable badge is granted for, at most 64 bytes; it is held once per context.

    A badge held already, or revoked from the user, is left as it is: the unique key decides, not
    a look beforehand. Each new grant gets a certificate, a line in the award log, a message to the
    user, and, once the host has committed, a line in the application's log.
    """
    zone = mount.host.zone_name(session, user_id)
    with savepoint(session) as connection:
        new = [item for item in badges if _insert(connection, user_id, *item, zone, context)]
        if new:
            rows = [_log_row(user_id, *item, context) for item in new]
            connection.execute(insert(BadgeAwardLog), rows)
            announce_badges(session, mount, user_id, [(badge, cause.at) for badge, cause in new])
    for badge, cause in new:
        on_commit(session, partial(_announce, user_id, badge, cause))
    return [badge for badge, _ in new]


def _insert(
    connection: Connection, user_id: int, badge: LiveBadge, cause: Cause, zone: str, context: str
) -> bool:
    """Whether this call inserted the row."""
    row = {
        "user_id": user_id,
        "badge_id": badge.id,
        "context": context,
        "achieved_at": cause.at,
        "is_shown": False,
        "source": "auto",
        "evidence": _certificate(badge, cause, zone),
    }
    try:
        connection.execute(insert(UserBadge), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


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
        **cause.details,
    }


def _log_row(user_id: int, badge: LiveBadge, cause: Cause, context: str) -> dict[str, object]:
    return {
        "user_id": user_id,
        "badge_id": badge.id,
        "context": context,
        "action": AwardAction.GRANTED,
        "at": clock.now(),
        "event": cause.event,
        "event_id": cause.event_id,
    }


def _announce(user_id: int, badge: LiveBadge, cause: Cause) -> None:
    log.info(
        "granted %s to user %s: %s reached %s of %s by %s",
        badge.code, user_id, badge.metric, cause.value, badge.threshold, cause.event,
    )  # fmt: skip
