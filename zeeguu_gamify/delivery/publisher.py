"""The publisher: a thread of the process that delivers what a commit owes at once."""

from __future__ import annotations

import atexit
import logging
import os
from threading import Event, Lock, Thread
from weakref import WeakSet

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.delivery")

#: While messages wait for their time, or for another publisher, look again after so many seconds.
LOOK_AGAIN = 1.0
#: After an error of the database, try again after so many seconds at most.
LONGEST_PAUSE = 30.0
#: At the end of the process, wait so many seconds for the batch under way.
LAST_BATCH = 2.0


class Publisher:
    """One thread per mount, started at the first wake-up; after a fork, by the child's own."""

    def __init__(self, app: Flask, mount: Mount) -> None:
        """Starts nothing: a process that owes nothing needs no thread."""
        self._app = app
        self._mount = mount
        self._is_off = False
        self._reset()
        _publishers.add(self)

    def _reset(self) -> None:
        """As in a new process: threads do not survive a fork, and locks may be held for ever."""
        self._lock = Lock()
        self._woken = Event()
        self._ending = Event()
        self._thread: Thread | None = None
        self._pause = LOOK_AGAIN

    def wake(self) -> None:
        """There is something to deliver; returns at once and raises nothing."""
        self._woken.set()
        if not self._is_off and (self._thread is None or not self._thread.is_alive()):
            self._start()

    def end(self) -> None:
        """End after the batch under way; the next wake-up starts anew."""
        with self._lock:
            thread, self._thread = self._thread, None
        self._ending.set()
        self._woken.set()
        if thread is not None:
            thread.join(LAST_BATCH)

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._ending = Event()
            thread = Thread(
                target=self._run, args=(self._ending,), name="gamify-publisher", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:  # the process is ending; the scheduler does it
                log.warning("no publisher: %s", error)
            else:
                self._thread = thread

    def _run(self, ending: Event) -> None:
        """Deliver after each wake-up, and until nothing waits any more."""
        look_again: float | None = 0.0
        while not (ending.is_set() or self._is_off):
            self._woken.wait(look_again)
            self._woken.clear()
            look_again = self._deliver(ending)

    def _deliver(self, ending: Event) -> float | None:
        """After how many seconds to look again; None: when woken."""
        try:
            with self._app.app_context():
                engine = self._mount.db.engine
                if _is_shared_with_requests(engine):
                    log.warning("no publisher: a database in memory has only one connection")
                    self._is_off = True
                    return None
                deliver(self._mount, stopping=ending.is_set)
                with Session(engine) as session:
                    left = claims.any_left(session)
        except Exception as error:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            log.error("the outbox waits for %.0f s: %s", self._pause, error)
            return self._pause
        self._pause = LOOK_AGAIN
        return LOOK_AGAIN if left else None


def _is_shared_with_requests(engine: Engine) -> bool:
    """Whether a commit of ours would commit what a request has not finished."""
    return isinstance(engine.pool, StaticPool | SingletonThreadPool)


_publishers: WeakSet[Publisher] = WeakSet()


def _after_fork() -> None:
    for publisher in list(_publishers):
        publisher._reset()


def _end_all() -> None:
    for publisher in list(_publishers):
        publisher.end()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_end_all)
