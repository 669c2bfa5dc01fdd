"""How far a user is in each family of badges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from zeeguu_gamify.admin.lists import Column, Filter, ListPage, instant, number
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.badges.live import LiveFamily
from zeeguu_gamify.models import UserBadgeProgress

_PROGRESS: Any = UserBadgeProgress.__table__


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a user is in a family."""

    family: LiveFamily
    value: int
    at: datetime | None

    @property
    def reached(self) -> str:
        """E.g. "2 of 5"."""
        badges = self.family.badges
        return f"{sum(one.threshold <= self.value for one in badges)} of {len(badges)}"

    @property
    def left(self) -> str:
        """What the next badge asks for, and how much is lacking."""
        following = (one for one in self.family.badges if one.threshold > self.value)
        badge = next(following, None)
        if badge is None:
            return "all reached"
        return f"{badge.threshold - self.value} more for {badge.name or badge.code}"


def _progress(asked: Asked) -> Sequence[Progress]:
    """Every family: few, whatever the user has done."""
    wanted = select(_PROGRESS).where(_PROGRESS.c.user_id == asked.path["user_id"])
    known = {row.badge_category_id: row for row in asked.session.execute(wanted)}
    found = [
        Progress(family, row.value if row else 0, row.updated_at if row else None)
        for family in asked.mount.live.families
        for row in (known.get(family.id),)
    ]
    if asked.filters.get("show") != "all":
        found = [one for one in found if one.value]
    return found


users.add_tab(
    "progress",
    ListPage(
        name="user_progress_list",
        path="/users/<int:user_id>/progress",
        title="Progress",
        about="Families of badges that the user has begun.",
        empty="This user has begun nothing.",
        columns=(
            Column(
                "Family", lambda one: one.family.name, "strong",
                lambda one: url_for("gamify_admin.catalog", family=one.family.metric),
                below=Column("Metric", lambda one: one.family.metric, "code"),
            ),
            number("Value", lambda one: one.value),
            Column("Levels", lambda one: one.reached),
            Column("Next", lambda one: one.left),
            instant("Changed", lambda one: one.at),
        ),
        filters=(Filter("show", "Families", lambda _: [("all", "also those not begun")]),),
        source=InMemory(_progress),
        has_page=False,
    ),
)  # fmt: skip
