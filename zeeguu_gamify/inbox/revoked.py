"""What was told of a badge goes with the badge, when a moderator takes that away; what was not told
by then is not told any more.

The subscriber comes before the receipts, to which revoking what paid nothing is no news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from zeeguu_gamify.events import BADGE_REVOKED, Emitted, badge_object
from zeeguu_gamify.inbox.messages import MESSAGE
from zeeguu_gamify.inbox.notices import Kind, Notice
from zeeguu_gamify.models import Badge, InboxMessage, UserBadge
from zeeguu_gamify.mount import Mount


class InboxSubscriber:
    """Hides messages of badges that are revoked, in that transaction; other events cost nothing."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """The object of the event says which badge, and for what it was granted."""
        for item in emitted:
            if item.event.name == BADGE_REVOKED and item.event.object_id:
                _hide(session, mount, item.event.user_id, item.event.object_id)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: whoever revokes does all of it or nothing."""


def still_true(session: Session, notices: Sequence[Notice]) -> Sequence[Notice]:
    """Those that tell of no badge that was revoked meanwhile; one SELECT, if there are badges."""
    users = {one.user_id for one in notices if one.kind is Kind.BADGE}
    if not users:
        return notices
    grant, badge = UserBadge.__table__.c, Badge.__table__.c
    wanted = (
        select(grant.user_id, badge.code, grant.context)
        .join_from(UserBadge, Badge, grant.badge_id == badge.id)
        .where(grant.user_id.in_(sorted(users)), grant.revoked_at.is_not(None))
    )
    revoked = set(map(tuple, session.connection().execute(wanted)))
    return [one for one in notices if _grant_of(one) not in revoked]


def _grant_of(notice: Notice) -> tuple[Any, ...]:
    return (notice.user_id, notice.data.get("code"), notice.data.get("context"))


def _hide(session: Session, mount: Mount, user_id: int, object_id: str) -> None:
    mine = (MESSAGE.user_id == user_id, MESSAGE.kind == Kind.BADGE, MESSAGE.shown == true())
    rows = session.connection().execute(select(MESSAGE.id, MESSAGE.payload).where(*mine)).all()
    ids = [row.id for row in rows if _object_of(mount, row.payload) == object_id]
    if ids:
        hidden = update(InboxMessage).where(MESSAGE.id.in_(ids))
        session.connection().execute(hidden.values(shown=False))


def _object_of(mount: Mount, told: Mapping[str, Any]) -> str | None:
    badge = mount.live.by_code.get(told["code"])
    return badge_object(badge.id, told["context"]) if badge else None
