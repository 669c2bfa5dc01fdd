"""The publisher: a thread of the process that delivers what a commit owes at once."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from dataclasses import dataclass, field
from weakref import WeakSet

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from zeeguu_gamify.delivery import claims
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.delivery.per_process import PerProcess
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.delivery")

#: While messages wait for their time, or for another publisher, look again after so many seconds.
LOOK_AGAIN = 1.0
#: After an error of the database, try again after so many seconds at most.
LONGEST_PAUSE = 30.0
#: At the end of the process, wait so many seconds for the batch under way.
LAST_BATCH = 2.0


@dataclass
class _Running:
    """What a publisher has in one process."""

    lock: threading.Lock = field(default_factory=lambda: threading.Lock())
    busy: threading.Lock = field(default_factory=lambda: threading.Lock())
    woken: threading.Event = field(default_factory=lambda: threading.Event())
    ending: threading.Event = field(default_factory=lambda: threading.Event())
    thread: threading.Thread | None = None
    pause: float = LOOK_AGAIN
    rests: bool = False

    @property
    def is_alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Publisher:
    """One thread per mount, started at the first wake-up; after a fork, by the child's own."""

    def __init__(self, app: Flask, mount: Mount) -> None:
        """Starts nothing: a process that owes nothing needs no thread."""
        self._app = app
        self._mount = mount
        self._is_off = False
        self._engine: Engine | None = None  #: in whose pool the thread has left connections
        self._running = PerProcess(_Running)
        _publishers.add(self)

    def wake(self) -> None:
        """There is something to deliver; returns at once and raises nothing."""
        running = self._running.get()
        running.woken.set()
        if not (self._is_off or running.is_alive):
            self._start(running)

    def end(self) -> None:
        """End after the batch under way; the next wake-up starts anew."""
        running = self._running.get()
        with running.lock:
            thread, running.thread = running.thread, None
            running.ending.set()
        running.woken.set()
        if thread is not None:
            thread.join(LAST_BATCH)

    def rest(self) -> None:
        """Let the batch under way end, and begin none until `go_on`.

        For a fork: what the thread holds then, such as a lock of the connection pool, the child
        would find held for ever.
        """
        running = self._running.get()
        running.rests = running.busy.acquire(timeout=LAST_BATCH)

    def go_on(self) -> None:
        """Deliver again."""
        running = self._running.get()
        if running.rests:
            running.rests = False
            running.busy.release()

    def forget(self) -> None:
        """In a forked child: leave the connections of the thread to the parent, which uses them."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose(close=False)

    def _start(self, running: _Running) -> None:
        with running.lock:
            if running.is_alive:
                return
            running.ending = threading.Event()
            thread = threading.Thread(
                target=self._run, args=(running, running.ending), name="gamify-publisher",
                daemon=True,
            )  # fmt: skip
            try:
                thread.start()
            except RuntimeError as error:  # the process is ending; the scheduler does it
                log.warning("no publisher: %s", error)
            else:
                running.thread = thread

    def _run(self, running: _Running, ending: threading.Event) -> None:
        """Deliver after each wake-up, and until nothing waits any more."""
        look_again: float | None = 0.0
        while not (ending.is_set() or self._is_off):
            running.woken.wait(look_again)
            running.woken.clear()
            if running is not self._running.get():  # a greenlet lives on in a forked child
                return
            with running.busy:
                look_again = self._deliver(running, ending)

    def _deliver(self, running: _Running, ending: threading.Event) -> float | None:
        """After how many seconds to look again; None: when woken."""
        try:
            with self._app.app_context():
                look_again = self._work(ending)
        except Exception as error:
            running.pause = min(2 * running.pause, LONGEST_PAUSE)
            log.error("the outbox waits for %.0f s: %s", running.pause, error)
            return running.pause
        running.pause = LOOK_AGAIN
        return look_again

    def _work(self, ending: threading.Event) -> float | None:
        """Deliver all that is due; after how many seconds to look again."""
        engine = self._mount.db.engine
        if _is_shared_with_requests(engine):
            log.warning("no publisher: a database in memory has only one connection")
            self._is_off = True
            return None
        self._engine = engine
        deliver(self._mount, stopping=ending.is_set)
        with Session(engine) as session:
            return LOOK_AGAIN if claims.any_left(session) else None


def _is_shared_with_requests(engine: Engine) -> bool:
    """Whether a commit of ours would commit what a request has not finished."""
    return isinstance(engine.pool, StaticPool | SingletonThreadPool)


_publishers: WeakSet[Publisher] = WeakSet()


def _rest_all() -> None:
    for publisher in list(_publishers):
        publisher.rest()


def _go_on_all() -> None:
    for publisher in list(_publishers):
        publisher.go_on()


def _forget_all() -> None:
    for publisher in list(_publishers):
        publisher.forget()


def _end_all() -> None:
    for publisher in list(_publishers):
        publisher.end()


os.register_at_fork(before=_rest_all, after_in_parent=_go_on_all, after_in_child=_forget_all)
atexit.register(_end_all)
