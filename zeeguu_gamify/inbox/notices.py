"""Which messages of the outbox users find in their inbox, as what, and under which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.events import LEVEL_UP

REQUESTED, ACCEPTED = "friend.requested", "friend.accepted"
AT_RISK = "streak.at_risk"


class Kind(StrEnum):
    """What users may wish to be told of, or not."""

    BADGE = "badge"
    LEVEL = "level"
    FRIEND = "friend"
    STREAK = "streak"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a user, once for each key."""

    user_id: int
    kind: Kind
    key: str
    data: Mapping[str, Any]
    at: datetime  #: UTC
    about_id: int | None = None  #: the other user


def notice_of(message: Message) -> Notice | None:
    """What its user is told by a message of the outbox, if anything."""
    make = _MAKERS.get(message.topic)
    return make(message, message.user_id) if make and message.user_id is not None else None


def is_over(kind: str, data: Mapping[str, Any], at: datetime) -> bool:
    """Whether it is too late to tell anybody: a streak was at risk on a date that has ended."""
    ends_at = data.get("ends_at") if kind == Kind.STREAK else None
    return ends_at is not None and _utc(ends_at) <= at


def _utc(told: str) -> datetime:
    return clock.to_utc(datetime.fromisoformat(told))


def _badge(message: Message, user_id: int) -> Notice:
    """The instant is of the key, for a badge that was revoked may be granted again."""
    told = message.payload
    grant = f"{told.get('code')}:{told.get('context', '')}:{told.get('at')}"
    names = ("code", "context", "level", "name", "description", "icon_name", "color")
    data = {name: told.get(name) for name in names}
    return Notice(user_id, Kind.BADGE, f"badge:{grant}", data, message.created_at)


def _level(message: Message, user_id: int) -> Notice:
    data = {name: message.payload[name] for name in ("level", "reward")}
    return Notice(user_id, Kind.LEVEL, f"level:{data['level']}", data, message.created_at)


def _friend(message: Message, user_id: int) -> Notice | None:
    """Only for the one who has not done it. The same of the same user is told once a day, so that
    nobody floods an inbox by asking and taking it back.
    """
    other_id = message.payload["user_id"]
    if other_id == user_id:
        return None
    key = f"{message.topic}:{other_id}:{message.created_at.date()}"
    data = {"event": message.topic}
    return Notice(user_id, Kind.FRIEND, key, data, message.created_at, about_id=other_id)


def _streak(message: Message, user_id: int) -> Notice:
    data = {name: message.payload[name] for name in ("streak", "freezes", "local_date")}
    ends_at = _utc(message.payload["ends_at"]).isoformat()
    key = f"{message.topic}:{data['local_date']}"
    return Notice(user_id, Kind.STREAK, key, {**data, "ends_at": ends_at}, message.created_at)


_MAKERS: Mapping[str, Callable[[Message, int], Notice | None]] = {
    BADGE_EARNED: _badge,
    LEVEL_UP: _level,
    REQUESTED: _friend,
    ACCEPTED: _friend,
    AT_RISK: _streak,
}
