"""The hub: brings what happened to the clients that listen, in this process and the others.

With Redis, everything is published there and every process hears all of it, this one too. Without
it, or while it is away, it reaches the clients of this process.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zeeguu_gamify.delivery.history import History, LocalHistory, RedisHistory
from zeeguu_gamify.delivery.listener import Listener
from zeeguu_gamify.delivery.per_process import PerProcess
from zeeguu_gamify.delivery.redis_link import RedisAway, RedisLink
from zeeguu_gamify.delivery.subscription import LiveEvent, Moves, Subscription, Watch
from zeeguu_gamify.errors import GamifyError

log = logging.getLogger("zeeguu_gamify.delivery")

#: Tells a client that it may have missed something and should fetch everything again.
RESET = "reset"
#: A first client waits so many seconds at most until its process hears the channel.
PATIENCE = 1.0
#: So many messages are remembered not to be told twice.
TOLD = 1000


class TooManyStreams(GamifyError):
    """This process serves as many live streams as it may; please try again soon."""

    status = 503
    retry_after = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the outbox, for one user."""

    user_id: int
    key: str  #: the same whenever the message is delivered, and no other message's
    name: str
    data: str  #: JSON


@dataclass
class _Here:
    """What a hub has in one process."""

    lock: threading.Lock = field(default_factory=lambda: threading.Lock())
    subscriptions: set[Subscription] = field(default_factory=set)
    told: OrderedDict[str, None] = field(default_factory=OrderedDict)


class Hub:
    """The live streams of one mount in this process."""

    def __init__(self, limit: int, link: RedisLink | None) -> None:
        """limit: how many streams at most. Connects to nothing yet."""
        self._limit = limit
        self._local = LocalHistory()
        self._link = link
        self._redis = RedisHistory(link) if link else None
        self._channel = channel_of(link.database) if link else ""
        self._listener = Listener(link, self._channel, self._hear, self._missed) if link else None
        self._here = PerProcess(_Here)

    def open(self, user_id: int, watches: Collection[Watch] = ()) -> Subscription:
        """A place for one more client, to be given back by `leave`; raises TooManyStreams."""
        subscription = Subscription(user_id, watches)
        here = self._here.get()
        with here.lock:
            if len(here.subscriptions) >= self._limit:
                raise TooManyStreams
            here.subscriptions.add(subscription)
        if self._listener and self._link:
            self._listener.start(0.0 if self._link.is_away else PATIENCE)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """The client is gone."""
        subscription.close()
        here = self._here.get()
        with here.lock:
            here.subscriptions.discard(subscription)

    @property
    def streams(self) -> int:
        """How many clients there are now."""
        return len(self._here.get().subscriptions)

    def resume(self, user_id: int, last_id: str | None) -> tuple[str, list[LiveEvent]]:
        """Where the client stands now, and what it missed since it saw `last_id`.

        That may be one RESET. Call it once the client's subscription is open, so that nothing is
        lost in between; what comes twice has the same id.
        """
        try:
            return _resumed(self._redis or self._local, user_id, last_id)
        except RedisAway:
            return _resumed(self._local, user_id, last_id)

    def tell(self, told: Sequence[Told]) -> None:
        """Bring these messages to their users' clients, each once, however often it is told."""
        if self._redis and told:
            try:
                self._redis.append(
                    self._channel, [(one.user_id, one.key, one.name, one.data) for one in told]
                )
            except RedisAway:
                pass
            else:
                return
        for one in told:
            event = self._local.append(one.user_id, one.name, one.data)
            self._bring(one.user_id, one.key, event)

    def tell_all(self, name: str, payload: Any) -> None:
        """Bring an event to every client; it is not kept."""
        self._publish(f"a {name} {json.dumps(payload)}")

    def tell_moves(self, moves: Moves) -> None:
        """Let those who watch a board know that it has moved; call it after the commit."""
        users = sorted(moves.user_ids)
        languages = None if moves.language_ids is None else sorted(moves.language_ids)
        self._publish(f"m {moves.board} {json.dumps([users, languages, str(moves.latest)])}")

    def forget(self, user_id: int) -> None:
        """Keep no event of the user, who is erased; what cannot be reached expires."""
        self._local.forget(user_id)
        if self._redis:
            try:
                self._redis.forget(user_id)
            except RedisAway:
                log.warning("live events of an erased user stay in Redis until they expire")

    def _publish(self, line: str) -> None:
        if self._link:
            try:
                self._link.do(lambda redis: redis.publish(self._channel, line))
            except RedisAway:
                pass
            else:
                return
        self._hear(line)

    def _hear(self, line: str) -> None:
        """Understand a line of the channel; another version's may be none."""
        try:
            kind, rest = line.split(" ", 1)
            if kind == "u":
                user_id, key, id_, name, data = rest.split(" ", 4)
                self._bring(int(user_id), key, LiveEvent(name, data, id_))
            elif kind == "a":
                name, data = rest.split(" ", 1)
                for subscription in self._all():
                    subscription.offer(LiveEvent(name, data))
            elif kind == "m":
                board, data = rest.split(" ", 1)
                moves = _moves(board, *json.loads(data))
                for subscription in self._all():
                    subscription.offer_moves(moves)
        except (TypeError, ValueError) as error:
            log.error("what was heard is not understood: %s", error)

    def _bring(self, user_id: int, key: str, event: LiveEvent) -> None:
        here = self._here.get()
        with here.lock:
            if key in here.told:
                return
            here.told[key] = None
            if len(here.told) > TOLD:
                here.told.popitem(last=False)
        for subscription in self._all():
            if subscription.user_id == user_id:
                subscription.offer(event)

    def _missed(self) -> None:
        """Tell each client, because what this process did not hear nobody says again."""
        for subscription in self._all():
            id_, _ = self.resume(subscription.user_id, None)
            subscription.offer(LiveEvent(RESET, "{}", id_))

    def _all(self) -> Iterator[Subscription]:
        here = self._here.get()
        with here.lock:
            present = list(here.subscriptions)
        yield from present


def _resumed(history: History, user_id: int, last_id: str | None) -> tuple[str, list[LiveEvent]]:
    id_ = history.mark(user_id)
    missed = history.since(user_id, last_id) if last_id else []
    if missed is None:
        return id_, [LiveEvent(RESET, "{}", id_)]
    return (missed[-1].id if missed else id_), missed


def _moves(board: str, users: list[int], languages: list[int] | None, latest: str) -> Moves:
    anywhere = languages is None
    among = None if anywhere else frozenset(languages or ())
    return Moves(board, frozenset(users), among, date.fromisoformat(latest))


def channel_of(database: int) -> str:
    """The one channel that every process on that database of Redis hears.

    One, because live events are few, and boards are told of once a batch. Channels, unlike keys,
    are the same in all databases of a server.
    """
    return f"gamify:live:{database}"
