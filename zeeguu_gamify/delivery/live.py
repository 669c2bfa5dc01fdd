"""From the outbox to the live stream."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.hub import Told
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.delivery.topics import REFRESHED
from zeeguu_gamify.mount import Mount


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


#: What every client hears.
BROADCAST = frozenset({REFRESHED})


def _told(user_id: int, message: Message) -> Told:
    """An id may come again, after a restart on an empty table; not with the same content."""
    data = json.dumps(message.payload)
    content = zlib.crc32(f"{message.topic} {message.created_at} {data}".encode())
    return Told(user_id, f"{message.id}-{content:x}", message.topic, data)


def _is_told(mount: Mount, topic: str) -> bool:
    kind = mount.events.get(topic)
    return topic == BADGE_EARNED or (kind is not None and kind.told)
