"""The ear on Redis: one thread per process hears what all processes publish."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any
from weakref import WeakSet

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.redis_link import RedisLink

log = logging.getLogger("zeeguu_gamify.redis")

#: When nothing was heard for so many seconds, Redis is asked whether it is still there.
ASK_AFTER = 5.0
#: When it has not answered by then, the connection is taken for lost.
LOST_AFTER = 3 * ASK_AFTER
#: So many seconds pass before another try: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class Listener:
    """Hears a channel from the first `start` on, and comes back by itself when it lost it."""

    def __init__(
        self,
        link: RedisLink,
        channel: str,
        hear: Callable[[str], None],
        missed: Callable[[], None],
    ) -> None:
        """`hear` gets each message; `missed` is called when some may not have been heard."""
        self._link = link
        self._channel = channel
        self._hear = hear
        self._missed = missed
        self._reset()
        _listeners.add(self)

    def _reset(self) -> None:
        self._lock = Lock()
        self._is_there = Event()
        self._thread: Thread | None = None
        self._pause = FIRST_PAUSE

    def start(self, patience: float) -> bool:
        """Listen from now on; whether it does, after waiting `patience` seconds at most."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="gamify-listener", daemon=True)
                self._thread.start()
        return self._is_there.wait(patience)

    def _run(self) -> None:
        lost = False
        while True:
            try:
                self._listen(lost)
            except Exception as error:  # whatever it is, live events are not worth a crash
                if self._is_there.is_set() or not lost:
                    log.warning("live events of other processes are not heard: %s", error)
                lost = True
            self._is_there.clear()
            Event().wait(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _listen(self, lost: bool) -> None:
        """Until the connection is lost, which raises."""
        with self._link.client(None) as redis, redis.pubsub() as ear:
            ear.subscribe(self._channel)
            heard = clock.monotonic()
            while True:
                message: Any = ear.get_message(timeout=ASK_AFTER)
                if message is None:
                    if clock.monotonic() - heard > LOST_AFTER:
                        raise ConnectionError("Redis says nothing")
                    ear.ping()
                    continue
                heard = clock.monotonic()
                if message["type"] == "subscribe":
                    self._is_back(lost)
                elif message["type"] == "message":
                    self._hear(message["data"])

    def _is_back(self, lost: bool) -> None:
        self._pause = FIRST_PAUSE
        self._is_there.set()
        if lost:
            log.info("live events of other processes are heard again")
            self._missed()


_listeners: WeakSet[Listener] = WeakSet()


def _after_fork() -> None:
    for listener in list(_listeners):
        listener._reset()


os.register_at_fork(after_in_child=_after_fork)
