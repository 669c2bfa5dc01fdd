"""How far a user is in each family of badges."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.admin.lists import Column, Filter, ListPage, instant, number
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.badges import shelf
from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.models import UserBadgeProgress

_PROGRESS: Any = UserBadgeProgress.__table__


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a user is in a family, of which they see these badges."""

    family: LiveFamily
    badges: Sequence[LiveBadge]
    held: Set[int]  #: the ids of the badges that the user holds
    value: int
    at: datetime | None

    @property
    def is_begun(self) -> bool:
        """Whether there is anything to say."""
        return self.value > 0 or any(one.id in self.held for one in self.badges)

    @property
    def counted(self) -> int | None:
        """The value; none of a prize, for which nothing is counted."""
        return None if all(one.is_prize for one in self.badges) else self.value

    @property
    def reached(self) -> str:
        """E.g. "2 of 5"."""
        return f"{sum(one.id in self.held for one in self.badges)} of {len(self.badges)}"

    @property
    def left(self) -> str:
        """What the next badge asks for, and how much is lacking."""
        badge = next((one for one in self.badges if one.id not in self.held), None)
        if badge is None:
            return "all held"
        name = badge.name or badge.code
        if badge.is_prize:
            return f"{name}: by a place in a season"
        if badge.threshold <= self.value:
            return f"{name}: reached, but not held"
        return f"{badge.threshold - self.value} more for {name}"


def _progress(asked: Asked) -> Sequence[Progress]:
    """Every family as the user sees it: few, whatever the user has done."""
    session, user_id = asked.session, asked.path["user_id"]
    values, held = shelf.values(session, asked.mount, user_id), shelf.held(session, user_id)
    changed = _changed(session, user_id)
    found = [
        Progress(family, badges, held.keys(), values.get(family.id, 0), changed.get(family.id))
        for family in asked.mount.live.families
        if (badges := shelf.visible(family, held))
    ]
    return found if asked.filters.get("show") == "all" else [one for one in found if one.is_begun]


def _changed(session: Session, user_id: int) -> dict[int, datetime]:
    """When what the user has done was counted last, by category id."""
    mine = _PROGRESS.c
    wanted = select(mine.badge_category_id, mine.updated_at).where(mine.user_id == user_id)
    return {row.badge_category_id: row.updated_at for row in session.execute(wanted)}


users.add_tab(
    "progress",
    ListPage(
        name="user_progress_list",
        path="/users/<int:user_id>/progress",
        title="Progress",
        about="Families of badges that the user has begun, as the user sees them.",
        empty="This user has begun nothing.",
        columns=(
            Column(
                "Family", lambda one: one.family.name, "strong",
                lambda one: url_for("gamify_admin.catalog", family=one.family.metric),
                below=Column("Metric", lambda one: one.family.metric, "code"),
            ),
            number("Value", lambda one: one.counted),
            Column("Levels", lambda one: one.reached),
            Column("Next", lambda one: one.left),
            instant("Changed", lambda one: one.at),
        ),
        filters=(Filter("show", "Families", lambda _: [("all", "also those not begun")]),),
        source=InMemory(_progress),
        has_page=False,
    ),
)  # fmt: skip
