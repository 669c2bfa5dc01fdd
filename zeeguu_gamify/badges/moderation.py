"""Moderation: a person gives a badge, takes it away, or lets it come back.

What a person decided stands: no rule grants what was revoked, and none takes what was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges import granter
from zeeguu_gamify.badges.evaluator import evaluate
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.granter_sets import grant_many
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.errors import BadInput, GamifyError, UnknownBadge, UnknownUser
from zeeguu_gamify.events import BADGE_GRANTED, BADGE_REVOKED, Event, badge_object, emit_batch
from zeeguu_gamify.models import AwardAction, BadgeAwardLog, UserBadge
from zeeguu_gamify.mount import Mount

MANUAL = "manual"
_GRANT: Any = UserBadge.__table__
#: So much of a reason is kept.
REASON_LENGTH = 255


class NotSo(GamifyError):
    """The user's badge is not in the state that this asks for."""

    status = 409


@dataclass(frozen=True, slots=True)
class Order:
    """What a moderator orders: for whom, which badge, by whom and why."""

    user_id: int
    badge: LiveBadge
    by: int
    reason: str
    context: str = ""  #: for what, where the badge is repeatable


def order(
    session: Session,
    mount: Mount,
    user_id: int,
    code: str,
    *,
    by: int,
    reason: str,
    context: str = "",
) -> Order:
    """The order, checked. Raises UnknownUser, UnknownBadge or BadInput, naming the field."""
    for one in (user_id, by):
        if not mount.host.has_user(session, one):
            raise UnknownUser(one)
    badge = mount.live.by_code.get(code)
    if badge is None:
        raise UnknownBadge(code, mount.live.by_code)
    if not 1 <= len(reason.strip()) <= REASON_LENGTH:
        raise BadInput(f"reason: a text of 1 to {REASON_LENGTH} characters")
    if badge.is_repeatable and not context:
        raise BadInput(f"context: {code} is granted once for each; name it")
    if context and not badge.is_repeatable:
        raise BadInput(f"context: {code} is granted only once, for nothing special")
    if len(context.encode()) > 64:
        raise BadInput("context: a text of at most 64 bytes")
    return Order(user_id, badge, by, reason.strip(), context)


def grant(session: Session, mount: Mount, wanted: Order, *, silent: bool = False) -> None:
    """Give the badge, whatever its rule says, and tell the user unless `silent`. No commit.

    The certificate holds what the rule asks for and the user had at that moment. Raises NotSo when
    the user has it, it was revoked, it is deprecated, or all of a limited one are gone.
    """
    badge = wanted.badge
    if badge.deprecated_at is not None:
        raise NotSo(f"{badge.code} is deprecated; nobody gets it any more.")
    row = _row(session, wanted)
    if row is not None and row.revoked_at is not None:
        raise NotSo(f"{badge.code} was revoked from user {wanted.user_id}; lift that instead.")
    if row is not None:
        raise NotSo(f"User {wanted.user_id} has {badge.code} since {row.achieved_at}.")
    (verdict,) = evaluate(session, mount, wanted.user_id, [badge])
    cause = Cause(
        event="moderator.granted",
        value=verdict.snapshot.number(badge.metric),
        at=verdict.snapshot.at,
        context=wanted.context,
        source=MANUAL,
        conditions=verdict.conditions,
        silent=silent,
        actor_id=wanted.by,
        reason=wanted.reason,
    )
    zones = {wanted.user_id: verdict.snapshot.zone}
    if not grant_many(session, mount, [(wanted.user_id, badge, cause)], zones):
        raise NotSo(f"{badge.code}: all {badge.max_holders} are gone.")


def revoke(session: Session, wanted: Order) -> None:
    """Take the badge away: the row stays and bars every rule from granting it. No commit.

    What it has paid is taken back with it. Raises NotSo when the user does not hold it. The place
    of a limited one stays taken.
    """
    now = clock.now()
    held = (*_of(wanted), _GRANT.c.revoked_at.is_(None))
    revoked = {"revoked_at": now, "revoked_by": wanted.by}
    if not session.connection().execute(update(_GRANT).where(*held).values(revoked)).rowcount:
        raise NotSo(f"User {wanted.user_id} does not hold {wanted.badge.code}.")
    _note(session, wanted, AwardAction.REVOKED, now)
    _tell(session, wanted, BADGE_REVOKED, now)


def lift(session: Session, wanted: Order, *, reopen: bool = False) -> None:
    """Take a revocation back: the old grant stands again, with its date and what was taken with
    it. No commit.

    reopen: instead forget the old grant, so that the rules decide anew; the next event, backfill
    or sweep grants it to who has earned it. Raises NotSo when it was not revoked.
    """
    connection, now = session.connection(), clock.now()
    revoked = _of(wanted)
    since = connection.execute(
        select(_GRANT.c.revoked_at).where(*revoked).with_for_update()
    ).scalar()
    if since is None:
        raise NotSo(f"{wanted.badge.code} was not revoked from user {wanted.user_id}.")
    restored = update(_GRANT).where(*revoked).values(revoked_at=None, revoked_by=None)
    connection.execute(delete(_GRANT).where(*revoked) if reopen else restored)
    if reopen and wanted.badge.max_holders is not None:
        granter.take(connection, wanted.badge, -1)
    _note(session, wanted, AwardAction.LIFTED, now)
    if not reopen:
        _tell(session, wanted, BADGE_GRANTED, now, revoked_at=since)


def _tell(session: Session, wanted: Order, event: str, at: datetime, **context: datetime) -> None:
    """So that what follows is done, paused or not: an order is done whole."""
    object_id = badge_object(wanted.badge.id, wanted.context)
    told = Event(name=event, user_id=wanted.user_id, object_id=object_id, at=at, context=context)
    emit_batch(session, [told])


def _of(wanted: Order) -> tuple[Any, ...]:
    row = _GRANT.c
    return (
        row.user_id == wanted.user_id,
        row.badge_id == wanted.badge.id,
        row.context == wanted.context,
    )


def _row(session: Session, wanted: Order) -> Row[Any] | None:
    return session.connection().execute(select(_GRANT).where(*_of(wanted))).first()


def _note(session: Session, wanted: Order, action: AwardAction, at: datetime) -> None:
    row = {
        "user_id": wanted.user_id, "badge_id": wanted.badge.id, "context": wanted.context,
        "action": action, "at": at, "actor_id": wanted.by, "reason": wanted.reason,
    }  # fmt: skip
    session.connection().execute(insert(BadgeAwardLog), row)
