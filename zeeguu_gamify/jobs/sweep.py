"""The sweeps: each second, deliver what the publishers have left, and send and tell what waits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.delivery.webhooks.send import send_due
from zeeguu_gamify.inbox.tell import tell_due
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.jobs")

#: The process that wrote a message is nearer to it, and may have clients of its own who wait.
NEARER = timedelta(seconds=2)


class Sweep:
    """Sweeps again and again; the log tells of an outage once, not each second."""

    going, back = "the outbox cannot be swept", "the outbox is swept again"

    def __init__(self) -> None:
        """It has not failed yet."""
        self._failing = False

    def run(self, mount: Mount, stopping: Callable[[], bool] = lambda: False) -> int:
        """Deliver what was left; how many messages that was. Raises nothing."""
        try:
            with Session(mount.db.engine) as session:
                if not mount.is_ready(session):
                    return 0
            done = self._sweep(mount, stopping)
        except Exception as error:
            if not self._failing:
                log.error("%s: %s", self.going, error)
            self._failing = True
            return 0
        if self._failing:
            log.info("%s", self.back)
        self._failing = False
        return done

    def _sweep(self, mount: Mount, stopping: Callable[[], bool]) -> int:
        waited = NEARER if mount.config.publisher else timedelta()
        return deliver(mount, waited=waited, stopping=stopping)


class Sending(Sweep):
    """Sends webhooks; several may run at once, for a receiver may be slow."""

    going, back = "webhooks cannot be sent", "webhooks are sent again"

    def _sweep(self, mount: Mount, stopping: Callable[[], bool]) -> int:
        return send_due(mount, stopping)


class Telling(Sweep):
    """Tells the host of what is in inboxes: what failed, what a crash left, what is much."""

    going, back = "the host cannot be told", "the host is told again"

    def _sweep(self, mount: Mount, stopping: Callable[[], bool]) -> int:
        return tell_due(mount, stopping=stopping)
