"""What a user shows on the profile: held badges in their order, how rare they are, and pins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.errors import NotFound, UnknownBadge
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.mount import Mount

_JOINED = "{joined}"


@dataclass(frozen=True, slots=True)
class ProfileBadge:
    """A badge that a user holds, as the profile shows it."""

    badge: LiveBadge
    context: str  #: what it was granted for, when it can be earned more than once
    achieved_at: datetime | None  #: naive UTC
    pinned: bool
    holders: int  #: how many users hold it, as counted by the job
    share_active: float | None  #: of the active users; None before the job has counted
    threshold: int  #: what it took when it was granted, by its certificate


def profile(
    session: Session, mount: Mount, user_id: int, top: int | None = None
) -> list[ProfileBadge]:
    """The user's badges, or the `top` of them: pins and sort scores descending, then the newest.

    One statement. A badge that another process has added in this moment is left out.
    """
    mine, badge = UserBadge.__table__.c, Badge.__table__.c
    statement = (
        select(
            mine.badge_id, mine.context, mine.achieved_at, mine.sort_override, mine.evidence,
            badge.users_with_badge, badge.share_active,
        )
        .join_from(UserBadge.__table__, Badge.__table__, mine.badge_id == badge.id)
        .where(mine.user_id == user_id, mine.revoked_at.is_(None))
        .order_by(
            func.coalesce(mine.sort_override, badge.sort_score).desc(),
            mine.achieved_at.desc(),
            mine.id.desc(),
        )
        .limit(top)
    )  # fmt: skip
    known = mount.live.by_id
    rows = session.connection().execute(statement)
    return [_shown(known[row.badge_id], row) for row in rows if row.badge_id in known]


def _shown(badge: LiveBadge, row: Any) -> ProfileBadge:
    return ProfileBadge(
        badge,
        row.context,
        row.achieved_at,
        row.sort_override is not None,
        row.users_with_badge,
        None if row.share_active is None else float(row.share_active),
        int((row.evidence or {}).get("threshold") or badge.threshold),
    )


def tooltips(
    session: Session,
    mount: Mount,
    user_id: int,
    shown: Iterable[ProfileBadge],
    language: str,
) -> list[str]:
    """What each says in short, e.g. "25 approved reviews" or "Member since 2022-03-04".

    One more statement where a date of joining is asked for.
    """
    badges = list(shown)
    templates = [_template(mount, it, language) for it in badges]
    asks = any(_JOINED in template for template in templates)
    joined = joined_on(session, mount, user_id) if asks else None
    return [
        mount.texts.one(it.badge.achieved_description, language)
        if not template or (_JOINED in template and joined is None)
        else template.replace("{n}", str(it.threshold)).replace(_JOINED, str(joined))
        for it, template in zip(badges, templates, strict=True)
    ]


def _template(mount: Mount, shown: ProfileBadge, language: str) -> str:
    family = mount.catalog.by_metric.get(shown.badge.metric)
    tooltip = family.tooltip if family else None
    if isinstance(tooltip, tuple):
        return mount.texts.counted(*tooltip, shown.threshold, language)
    return mount.texts.one(tooltip or "", language)


def joined_on(session: Session, mount: Mount, user_id: int) -> date | None:
    """The user's local date of joining; None where the host does not keep it."""
    if not mount.host.has(Group.CREATED):
        return None
    user = mount.host.table("user").c
    wanted = select(user.created_at).where(user.id == user_id)
    created = session.connection().execute(wanted).scalar()
    if created is None:
        return None
    return clock.local_date(created, mount.host.zone_name(session, user_id))


def pin(session: Session, mount: Mount, user_id: int, code: str, position: int | None) -> None:
    """Let the user's badge `code` stand at `position` of the profile, greater ones first.

    None takes the pin away. Does not commit. Raises NotFound when the user does not hold it.
    """
    badges = {badge.code: badge.id for badge in mount.live.by_id.values()}
    if code not in badges:
        raise NotFound(UnknownBadge(code, badges).message)
    mine = UserBadge.__table__.c
    held = (
        mine.user_id == user_id,
        mine.badge_id == badges[code],
        mine.revoked_at.is_(None),
    )
    connection = session.connection()
    if connection.execute(select(mine.id).where(*held).limit(1)).first() is None:
        raise NotFound(f"You do not hold the badge {code}.")
    connection.execute(update(UserBadge).where(*held).values(sort_override=position))
