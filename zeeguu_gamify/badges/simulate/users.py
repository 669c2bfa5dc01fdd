"""All users of the host, batch by batch, with the grants that a simulation starts from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.host import Group
from zeeguu_gamify.models import UserBadge
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Row:
    """A row of user_badge."""

    badge_id: int
    context: str
    achieved_at: datetime | None
    is_revoked: bool
    evidence: Mapping[str, Any]


def count_users(session: Session, mount: Mount) -> int:
    """How many users the host has."""
    user = mount.host.table("user")
    return int(session.connection().execute(select(func.count()).select_from(user)).scalar_one())


def batches(session: Session, mount: Mount, size: int) -> Iterator[dict[int, str]]:
    """User id → username ("" on a host without names), `size` at a time, in the order of ids.

    Each batch ends the transaction, so that no server has to keep old rows for our sake.
    """
    user = mount.host.table("user").c
    columns = [user.id, *([user.username] if mount.host.has(Group.NAMES) else [])]
    last = 0
    while True:
        session.rollback()
        wanted = select(*columns).where(user.id > last).order_by(user.id).limit(size)
        found = {row[0]: row[1] if len(row) > 1 else "" for row in session.execute(wanted)}
        if not found:
            return
        yield found
        last = max(found)


def rows_of(
    session: Session, user_ids: Iterable[int], badge_ids: Iterable[int] | None = None
) -> dict[int, list[Row]]:
    """The users' grants, of the badges named if any are; revoked ones too, as they bar others."""
    mine = UserBadge.__table__.c
    wanted = select(
        mine.user_id, mine.badge_id, mine.context, mine.achieved_at, mine.revoked_at, mine.evidence
    ).where(mine.user_id.in_(list(user_ids)))
    if badge_ids is not None:
        wanted = wanted.where(mine.badge_id.in_(list(badge_ids)))
    found: dict[int, list[Row]] = {}
    for it in session.connection().execute(wanted):
        row = Row(
            it.badge_id, it.context, it.achieved_at, it.revoked_at is not None, it.evidence or {}
        )
        found.setdefault(it.user_id, []).append(row)
    return found
