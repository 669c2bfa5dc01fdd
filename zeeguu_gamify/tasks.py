"""Celery: its workers deliver what a commit owes, by the rules that the publisher has.

A task is no message: it says only that something waits, and whoever runs it claims what is due. So
a broker that loses, doubles or delays tasks does no harm, and what it is not given the scheduler
delivers. The host hands over its own Celery app, so nothing is imported here.
"""

from __future__ import annotations

import logging
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import Flask

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.delivery.publisher import Publisher
from zeeguu_gamify.mount import Mount

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger("zeeguu_gamify.delivery")

#: By this name hosts give the task a queue of its own.
DELIVER = "gamify.deliver"
#: A task goes on for so many seconds, then another does: a worker that is to end waits for it.
LONGEST = 5.0
#: A task that has waited for so many seconds is dropped: the scheduler has done its work.
EXPIRES = 60
#: When the broker is away, it is left alone for so many seconds.
BROKER_PAUSE = 5.0

_delivers: ContextVar[bool] = ContextVar("gamify.delivers", default=False)


class TaskSender(Publisher):
    """Sends a task where the publisher would deliver: in its thread, for a broker may be away.

    What is committed while it sends is told by one task, not by one each.
    """

    def __init__(self, app: Flask, mount: Mount, celery: Celery) -> None:
        """Adds the task to `celery`; connects to no broker yet."""
        super().__init__(app, mount)
        self._task = self._added_to(celery)
        self._next_try = 0.0  #: unless the broker was away when it was tried last

    def wake(self) -> None:
        """There is something to deliver, unless it is by the task itself, which looks again."""
        if not _delivers.get():
            super().wake()

    def _work(self, ending: threading.Event) -> float | None:
        """Send a task; again after a pause, as long as the broker is away."""
        wait = self._next_try - clock.monotonic()
        if wait > 0:
            return wait
        try:
            self._task.apply_async(retry=False)
        except Exception as error:
            if not self._next_try:
                log.error("no task can be sent, so the scheduler delivers: %s", error)
            self._next_try = clock.monotonic() + BROKER_PAUSE
            return BROKER_PAUSE
        if self._next_try:
            log.info("tasks are sent again")
        self._next_try = 0.0
        return None

    def _added_to(self, celery: Celery) -> Any:
        """The task; a worker that dies before it is done leaves it to another."""

        def run() -> None:
            end = clock.monotonic() + LONGEST
            token = _delivers.set(True)
            try:
                with self._app.app_context():
                    deliver(self._mount, stopping=lambda: clock.monotonic() >= end)
            finally:
                _delivers.reset(token)
            if clock.monotonic() >= end:
                self.wake()

        celery.tasks.pop(DELIVER, None)  # of an app that the process has made before
        return celery.task(
            name=DELIVER, shared=False, lazy=False, acks_late=True, reject_on_worker_lost=True,
            ignore_result=True, expires=EXPIRES,
        )(run)  # fmt: skip
