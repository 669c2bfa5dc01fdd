"""The last events of each user, so that a client which lost its connection resumes after one.

Whether a client missed something is decided by one thing: the event it saw last must still be
there. If it is not (dropped because of newer ones, expired, flushed, another process'), the client
is told to fetch everything again. So that there is a last event from the beginning, an empty
history is given a mark.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from zeeguu_gamify.delivery.per_process import PerProcess
from zeeguu_gamify.delivery.redis_link import RedisLink
from zeeguu_gamify.delivery.subscription import LiveEvent

if TYPE_CHECKING:
    from redis import Redis

#: So many events of a user are kept, and in Redis for so many seconds after the last of them.
KEPT, KEPT_SECONDS = 100, 3600
#: A process keeps the events of so many users, if there is no Redis.
USERS = 10_000
#: What a mark is called; it is no event.
MARK = ""


class History(Protocol):
    """Where the last events of users are kept."""

    def mark(self, user_id: int) -> str:
        """The id of the user's last event, or of a mark."""

    def since(self, user_id: int, last_id: str) -> list[LiveEvent] | None:
        """What came after that event; None when nobody knows."""


@dataclass
class _Here:
    """The events of one process; their ids are like no other history's."""

    lock: threading.Lock = field(default_factory=lambda: threading.Lock())
    users: OrderedDict[int, deque[LiveEvent]] = field(default_factory=OrderedDict)
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    count: int = 0

    def next_id(self) -> str:
        self.count += 1
        return f"{self.token}.{self.count}"


class LocalHistory:
    """The history of one process: of the users who had a stream here."""

    def __init__(self) -> None:
        """Empty."""
        self._here = PerProcess(_Here)

    def mark(self, user_id: int) -> str:
        """The id of the user's last event, or of a mark."""
        here = self._here.get()
        with here.lock:
            events = here.users.setdefault(user_id, deque(maxlen=KEPT))
            here.users.move_to_end(user_id)
            if len(here.users) > USERS:
                here.users.popitem(last=False)
            if not events:
                events.append(LiveEvent(MARK, "", here.next_id()))
            return events[-1].id

    def append(self, user_id: int, name: str, data: str) -> LiveEvent:
        """A new event with its id; kept if the user ever had a stream here."""
        here = self._here.get()
        with here.lock:
            event = LiveEvent(name, data, here.next_id())
            if user_id in here.users:
                here.users[user_id].append(event)
            return event

    def since(self, user_id: int, last_id: str) -> list[LiveEvent] | None:
        """What came after that event; None when nobody knows."""
        here = self._here.get()
        with here.lock:
            events = list(here.users.get(user_id, ()))
        ids = [event.id for event in events]
        return _real(events[ids.index(last_id) + 1 :]) if last_id in ids else None

    def forget(self, user_id: int) -> None:
        """Keep nothing of the user."""
        here = self._here.get()
        with here.lock:
            here.users.pop(user_id, None)


#: KEYS: the stream, the receipt. ARGV: name, data, kept, seconds, channel, head of what is told.
#: Gives each message one id, however often it is delivered.
_APPEND = """
if not redis.call('SET', KEYS[2], '', 'NX', 'EX', ARGV[4]) then return false end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], '*', 'name', ARGV[1], 'data', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6] .. ' ' .. id .. ' ' .. ARGV[1] .. ' ' .. ARGV[2])
return id
"""
_MARK = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local id = last[1] and last[1][1] or redis.call('XADD', KEYS[1], '*', 'name', '')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return id
"""
_ID = re.compile(r"\d{1,18}-\d{1,18}")


class RedisHistory:
    """The history that all processes share: a short stream per user."""

    def __init__(self, link: RedisLink) -> None:
        """`link` is the mount's; every method raises RedisAway."""
        self._link = link

    def mark(self, user_id: int) -> str:
        """The id of the user's last event, or of a mark."""
        key = stream_of(user_id)
        return str(self._link.do(lambda redis: redis.eval(_MARK, 1, key, str(KEPT_SECONDS))))

    def since(self, user_id: int, last_id: str) -> list[LiveEvent] | None:
        """What came after that event; None when nobody knows."""
        if not _ID.fullmatch(last_id):
            return None
        found: Any = self._link.do(lambda redis: redis.xrange(stream_of(user_id), last_id))
        if not found or found[0][0] != last_id:
            return None
        rest = found[1:]
        return _real([LiveEvent(row["name"], row.get("data", ""), id_) for id_, row in rest])

    def append(self, channel: str, told: list[tuple[int, str, str, str]]) -> None:
        """Keep and publish (user id, key of the message, name, data), each message once."""

        def work(redis: Redis) -> None:
            pipeline = redis.pipeline(transaction=False)
            for user_id, key, name, data in told:
                keys = (stream_of(user_id), f"gamify:{{u{user_id}}}:told:{key}")
                head = f"u {user_id} {key}"
                pipeline.eval(
                    _APPEND, 2, *keys, name, data, str(KEPT), str(KEPT_SECONDS), channel, head
                )
            pipeline.execute()

        self._link.do(work)

    def forget(self, user_id: int) -> None:
        """Keep nothing of the user; the receipts that are left hold nothing and expire."""
        self._link.do(lambda redis: redis.delete(stream_of(user_id)))


def stream_of(user_id: int) -> str:
    """The key of the user's stream; what is in braces chooses the node of a cluster."""
    return f"gamify:{{u{user_id}}}:stream"


def _real(events: list[LiveEvent]) -> list[LiveEvent]:
    return [event for event in events if event.name != MARK]
