"""To the live stream: from the outbox, and from the transaction that moved a streak."""

from __future__ import annotations

import json
import logging
import secrets
import zlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.hub import Told
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.delivery.topics import REFRESHED, STREAK_UPDATED, streaks_updated
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import on_commit

if TYPE_CHECKING:
    from zeeguu_gamify.events import Emitted

log = logging.getLogger("zeeguu_gamify.delivery")


class LiveConsumer:
    """Tells users what concerns them: badges, and every event that is `told`. Comes last.

    Whatever has no user and a topic of `BROADCAST` is for everybody.
    """

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Tell before the commit: then a crash loses none, and a user's keep their order.

        The message was committed long ago, so it is true whatever becomes of this transaction; if
        it is delivered again, it is not told again.
        """
        mount.hub.tell(
            [
                _told(message.user_id, message)
                for message in messages
                if message.user_id is not None and _is_told(mount, message.topic)
            ]
        )

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Tell everybody what concerns everybody, once it is so."""
        for message in messages:
            if message.user_id is None and message.topic in BROADCAST:
                mount.hub.tell_all(message.topic, message.payload)


class LiveSubscriber:
    """Tells users that their streak has moved, as soon as that is committed. The last.

    Nothing is owed for it, so practice costs no statement more; what is lost with the process, a
    page learns when it is looked at again.
    """

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """No statement."""
        if moved := streaks_updated(emitted):
            on_commit(session, partial(_tell_streaks, mount, moved))

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: there is no later subscriber that could fail."""


#: What every client hears.
BROADCAST = frozenset({REFRESHED})


def _tell_streaks(mount: Mount, moved: Mapping[int, Mapping[str, Any]]) -> None:
    """The transaction is over, so whatever goes wrong, the host must not hear of it."""
    at = f"{clock.now().isoformat()}Z"
    told = [
        Told(
            user_id, secrets.token_hex(8), STREAK_UPDATED,
            json.dumps({**payload, "user_id": user_id, "at": at}),
        )
        for user_id, payload in moved.items()
    ]  # fmt: skip
    try:
        mount.hub.tell(told)
    except Exception:
        log.exception("streaks have moved, but those who listen were not told")


def _told(user_id: int, message: Message) -> Told:
    """An id may come again, after a restart on an empty table; not with the same content."""
    data = json.dumps(message.payload)
    content = zlib.crc32(f"{message.topic} {message.created_at} {data}".encode())
    return Told(user_id, f"{message.id}-{content:x}", message.topic, data)


def _is_told(mount: Mount, topic: str) -> bool:
    kind = mount.events.get(topic)
    return topic == BADGE_EARNED or (kind is not None and kind.told)
