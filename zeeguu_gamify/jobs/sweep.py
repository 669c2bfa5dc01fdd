"""The sweep: each second, deliver what the publishers of the processes have left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.jobs")

#: The process that wrote a message is nearer to it, and may have clients of its own who wait.
NEARER = timedelta(seconds=2)


class Sweep:
    """Sweeps again and again; the log tells of an outage once, not each second."""

    def __init__(self) -> None:
        """It has not failed yet."""
        self._failing = False

    def run(self, mount: Mount, stopping: Callable[[], bool] = lambda: False) -> int:
        """Deliver what was left; how many messages that was. Raises nothing."""
        try:
            with Session(mount.db.engine) as session:
                if not mount.is_ready(session):
                    return 0
            waited = NEARER if mount.config.publisher else timedelta()
            delivered = deliver(mount, waited=waited, stopping=stopping)
        except Exception as error:
            if not self._failing:
                log.error("the outbox cannot be swept: %s", error)
            self._failing = True
            return 0
        if self._failing:
            log.info("the outbox is swept again")
        self._failing = False
        return delivered
