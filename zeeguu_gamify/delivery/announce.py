"""What users hear of as it happens: it goes to the outbox, in the transaction that caused it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import put_all
from zeeguu_gamify.mount import Mount

if TYPE_CHECKING:
    from zeeguu_gamify.badges.granter import Cause
    from zeeguu_gamify.badges.live import LiveBadge
    from zeeguu_gamify.events import Emitted, Event

#: A badge was granted; payload: user_id, at, code, context, name, description, icon_name, color,
#: level. The context says for what a repeatable badge was granted; else it is empty.
BADGE_EARNED = "badge.earned"


class AnnounceSubscriber:
    """Owes a message for each event that is `told`: to its user, and to the friend it names.

    Other events cost nothing. Comes after whoever may refuse an event, so that nothing is told of
    what is undone.
    """

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One INSERT for each kind of event that is told. Its topic is the event's name."""
        told: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
        for item in emitted:
            if mount.events[item.event.name].told:
                payload = _payload(item.event)
                told.setdefault(item.event.name, []).extend(
                    (user_id, payload) for user_id in _concerned(item.event)
                )
        for topic, payloads in told.items():
            put_all(session, mount, topic, payloads)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: there is no later subscriber that could fail."""


def announce_badges(
    session: Session, mount: Mount, user_id: int, earned: Sequence[tuple[LiveBadge, Cause]]
) -> None:
    """Owe the user a message for each badge just granted, and because of what: one INSERT."""
    announce_grants(session, mount, [(user_id, badge, cause) for badge, cause in earned])


def announce_grants(
    session: Session, mount: Mount, earned: Sequence[tuple[int, LiveBadge, Cause]]
) -> None:
    """`announce_badges` for many users, still one INSERT."""
    payloads = [(user_id, _of_badge(user_id, badge, cause)) for user_id, badge, cause in earned]
    put_all(session, mount, BADGE_EARNED, payloads)


def _of_badge(user_id: int, badge: LiveBadge, cause: Cause) -> dict[str, Any]:
    return {
        "user_id": user_id, "at": _instant(cause.at), "code": badge.code,
        "context": cause.context, "name": badge.name,
        "description": badge.achieved_description, "icon_name": badge.icon_name,
        "color": badge.color, "level": badge.level,
    }  # fmt: skip


def _payload(event: Event) -> Mapping[str, Any]:
    """The context, which is the host's and may hold dates and the like, and who and when."""
    context: dict[str, Any] = json.loads(json.dumps(dict(event.context), default=_written))
    value = {} if event.value is None else {"value": event.value}
    at = _instant(event.at or clock.now())
    return {**context, **value, "user_id": event.user_id, "at": at}


def _concerned(event: Event) -> Iterator[int]:
    yield event.user_id
    friend_id = event.context.get("friend_id")
    if isinstance(friend_id, int) and friend_id != event.user_id:
        yield friend_id


def _written(value: Any) -> str:
    """What JSON has no type for; instants of the host's are UTC unless they say otherwise."""
    return _instant(clock.to_utc(value)) if isinstance(value, datetime) else str(value)


def _instant(at: datetime) -> str:
    return f"{at.isoformat()}Z"
