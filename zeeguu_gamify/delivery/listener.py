"""The ear on Redis: one thread per process hears what all processes publish."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.per_process import PerProcess
from zeeguu_gamify.delivery.redis_link import RedisLink

log = logging.getLogger("zeeguu_gamify.redis")

#: When nothing was heard for so many seconds, Redis is asked whether it is still there.
ASK_AFTER = 5.0
#: When it has not answered by then, the connection is taken for lost.
LOST_AFTER = 3 * ASK_AFTER
#: So many seconds pass before another try: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


@dataclass
class _Ear:
    """What a listener has in one process."""

    lock: threading.Lock = field(default_factory=lambda: threading.Lock())
    is_there: threading.Event = field(default_factory=lambda: threading.Event())
    thread: threading.Thread | None = None
    pause: float = FIRST_PAUSE
    is_late: bool = False  #: somebody has not waited until it heard


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
        self._ear = PerProcess(_Ear)

    def start(self, patience: float) -> bool:
        """Listen from now on; whether it does, after waiting `patience` seconds at most.

        If not, `missed` is called once it does.
        """
        ear = self._ear.get()
        with ear.lock:
            if ear.thread is None or not ear.thread.is_alive():
                ear.thread = threading.Thread(
                    target=self._run, args=(ear,), name="gamify-listener", daemon=True
                )
                ear.thread.start()
        if not ear.is_there.wait(patience):
            ear.is_late = True
        return ear.is_there.is_set()

    def _run(self, ear: _Ear) -> None:
        lost = False
        while True:
            try:
                self._listen(ear, lost)
            except Exception as error:  # whatever it is, live events are not worth a crash
                if ear.is_there.is_set() or not lost:
                    log.warning("live events of other processes are not heard: %s", error)
                lost = True
            ear.is_there.clear()
            threading.Event().wait(ear.pause)
            ear.pause = min(2 * ear.pause, LONGEST_PAUSE)

    def _listen(self, ear: _Ear, lost: bool) -> None:
        """Until the connection is lost, which raises."""
        with self._link.client(None) as redis, redis.pubsub() as channel:
            channel.subscribe(self._channel)
            heard = clock.monotonic()
            while True:
                message: Any = channel.get_message(timeout=ASK_AFTER)
                if message is None:
                    if clock.monotonic() - heard > LOST_AFTER:
                        raise ConnectionError("Redis says nothing")
                    channel.ping()
                    continue
                heard = clock.monotonic()
                if message["type"] == "subscribe":
                    self._is_there(ear, lost)
                elif message["type"] == "message":
                    self._hear(message["data"])

    def _is_there(self, ear: _Ear, lost: bool) -> None:
        ear.pause = FIRST_PAUSE
        ear.is_there.set()
        if lost:
            log.info("live events of other processes are heard again")
        if lost or ear.is_late:
            ear.is_late = False
            self._missed()
