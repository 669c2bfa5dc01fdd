"""The awards feed: what was granted, revoked and lifted in the last 24 hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from zeeguu_gamify import clock
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, instant, one_of
from zeeguu_gamify.admin.pages.catalog import awarded_column, triggers
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog

SPAN = timedelta(hours=24)
#: Causes that are not events of the dictionary.
OTHERS = ("backfill", "moderator.granted", "season.settled", "sweep")

_LOG: Any = BadgeAwardLog.__table__
_BADGE: Any = Badge.__table__


def _awards(asked: Asked) -> Select[Any]:
    """By the index of the instants: no more than a day is read, whatever is filtered."""
    mount, log = asked.mount, _LOG.c
    user = mount.host.table("user")
    found = (
        select(
            log.id, log.at, log.user_id, name_column(mount, user), _BADGE.c.code, _BADGE.c.name,
            _BADGE.c.icon_name,
            log.action, log.event, log.context, log.reason,
        )
        .select_from(_LOG)
        .join(_BADGE, _BADGE.c.id == log.badge_id)
        .join(user, user.c.id == log.user_id)
        .where(log.at >= clock.now() - SPAN)
    )  # fmt: skip
    wanted = asked.filters
    if "trigger" in wanted:
        found = found.where(log.event == wanted["trigger"])
    if "badge" in wanted:
        found = found.where(_BADGE.c.code == wanted["badge"])
    return asked.narrowed(found, "action", log.action, AwardAction)


def _triggers(asked: Asked) -> Iterable[tuple[str, str]]:
    return [*triggers(asked), *((name, name) for name in OTHERS)]


def _badges(asked: Asked) -> Iterable[tuple[str, str]]:
    badges = asked.mount.live.by_id.values()
    return sorted((badge.code, badge.code) for badge in badges)


add_list(
    ListPage(
        name="awards",
        path="/awards",
        title="Awards of the last 24 hours",
        about="The newest first.",
        empty="Nothing was granted or revoked in the last 24 hours.",
        columns=(
            instant("When", lambda row: row.at),
            person(),
            awarded_column(),
            Column("What", lambda row: row.action.value.lower(), "tags"),
            Column(
                "Trigger", lambda row: row.event or "", "code",
                below=Column("For", lambda row: row.context),
            ),
            Column("Why", lambda row: row.reason or ""),
        ),
        filters=(
            Filter("trigger", "Trigger", _triggers),
            Filter("badge", "Badge", _badges),
            one_of("action", "What", AwardAction),
        ),
        source=BySelect(_awards, keys=(_LOG.c.at, _LOG.c.id)),
    )
)  # fmt: skip
