"""What a user holds and how far they are, for pages: read only, in two statements, or three."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.events import Metric
from zeeguu_gamify.models import UserBadge, UserBadgeProgress, UserProfile
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Held:
    """A grant that stands."""

    achieved_at: datetime | None
    is_shown: bool


#: Sorts before every real grant.
_NEVER = datetime(1, 1, 1)


def held(session: Session, user_id: int) -> dict[int, Held]:
    """The user's badges by badge id; revoked ones are not held. The latest, where repeatable."""
    mine = UserBadge.__table__.c
    rows = session.execute(
        select(mine.badge_id, mine.achieved_at, mine.is_shown)
        .where(mine.user_id == user_id, mine.revoked_at.is_(None))
        .order_by(mine.achieved_at, mine.id)
    )
    return {row.badge_id: Held(row.achieved_at, bool(row.is_shown)) for row in rows}


def values(session: Session, mount: Mount, user_id: int) -> dict[int, int]:
    """The user's metrics by category id."""
    progress = UserBadgeProgress.__table__.c
    rows = session.execute(
        select(progress.badge_category_id, progress.value).where(progress.user_id == user_id)
    )
    found = {row.badge_category_id: row.value for row in rows}
    if family := mount.live.by_metric.get(Metric.EXP):
        exp = select(UserProfile.exp).where(UserProfile.user_id == user_id)
        found[family.id] = max(session.execute(exp).scalar() or 0, 0)
    return found


def own_shelf(session: Session, mount: Mount, user_id: int) -> list[dict[str, Any]]:
    """All families with all their levels (docs/contract.md §1.9), the newest achievement first.

    With each shown badge goes the `LiveBadge`, for answers that say more than the contract does.
    """
    mine, progress = held(session, user_id), values(session, mount, user_id)
    shelf = [
        {
            "family": family.metric,
            "name": family.name,
            "current_value": progress.get(family.id, 0),
            "badges": [_shown(badge, mine.get(badge.id)) for badge in visible(family, mine)],
        }
        for family in _newest_first(mount, mine)
    ]
    return [category for category in shelf if category["badges"]]


def friends_shelf(session: Session, mount: Mount, user_id: int) -> list[dict[str, Any]]:
    """The families in which the user holds a badge, with those badges only and no progress."""
    mine = held(session, user_id)
    shelf = [
        {
            "name": family.name,
            "badges": [_shown(b, mine[b.id]) for b in family.badges if b.id in mine],
        }
        for family in _newest_first(mount, mine)
    ]
    return [category for category in shelf if category["badges"]]


def unlocked(session: Session, mount: Mount, user_id: int) -> list[tuple[LiveBadge, Held]]:
    """The badges the user holds, the newest first; of one instant, the first granted first.

    A badge that another process has added in this moment is left out: its texts come with the
    next refresh of the catalog.
    """
    known = mount.live.by_id
    badges = [
        (known[badge_id], grant)
        for badge_id, grant in held(session, user_id).items()
        if badge_id in known
    ]
    return sorted(badges, key=lambda item: item[1].achieved_at or _NEVER, reverse=True)


def count_unseen(session: Session, user_id: int) -> int:
    """How many of the user's badges the user has not seen."""
    return int(session.execute(select(func.count()).where(*_unseen(user_id))).scalar_one())


def mark_all_seen(session: Session, user_id: int) -> None:
    """The user has seen all badges; does not commit."""
    seen = update(UserBadge).where(*_unseen(user_id)).values(is_shown=True)
    session.connection().execute(seen)


def _unseen(user_id: int) -> tuple[Any, ...]:
    mine = UserBadge.__table__.c
    return mine.user_id == user_id, mine.is_shown.is_(False), mine.revoked_at.is_(None)


def _newest_first(mount: Mount, mine: dict[int, Held]) -> list[LiveFamily]:
    """Families by their newest achievement, descending; then, and if none, by category id."""

    def newest(family: LiveFamily) -> datetime:
        return max(
            (mine[badge.id].achieved_at or _NEVER for badge in family.badges if badge.id in mine),
            default=_NEVER,
        )

    return sorted(mount.live.families, key=newest, reverse=True)


def visible(family: LiveFamily, mine: Mapping[int, Held]) -> list[LiveBadge]:
    """Hidden and deprecated badges show only to those who hold them."""
    return [badge for badge in family.badges if badge.is_grantable or badge.id in mine]


def _shown(badge: LiveBadge, grant: Held | None) -> dict[str, Any]:
    return {
        "badge": badge,
        "level": badge.level,
        "name": badge.name,
        "unachieved_description": badge.unachieved_description,
        "achieved_description": badge.achieved_description,
        "threshold": badge.threshold,
        "icon_name": badge.icon_name,
        "achieved": grant is not None,
        "achieved_at": grant.achieved_at if grant else None,
        "is_shown": grant.is_shown if grant else False,
    }
