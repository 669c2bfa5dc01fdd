"""`flask gamify scheduler`: a process that does what is due, each minute, until it is told to end.

What an admin has ordered, and nobody is at, it goes on with.

Each second it delivers what the publishers have left in the outbox, sends what webhooks wait, and
tells the host of what is new in inboxes, if nobody has yet.

Ten of them do no harm, and make the product survive the loss of nine.
"""

from __future__ import annotations

import logging
import signal
from datetime import UTC, datetime, timedelta
from threading import Event
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from zeeguu_gamify.jobs.orders import run_waiting
from zeeguu_gamify.jobs.schedule import PERIODS, run_due
from zeeguu_gamify.jobs.sweep import Sending, Sweep, Telling
from zeeguu_gamify.mount import current_mount

log = logging.getLogger("zeeguu_gamify.jobs")


def serve(app: Flask) -> None:
    """Run until SIGTERM or SIGINT; then end after the batch under way."""
    scheduler, ending = BlockingScheduler(timezone=UTC), Event()

    def tick(period: timedelta) -> None:
        with app.app_context():
            run_due(current_mount(), ending.is_set, (period,))

    def sweep(sweeper: Sweep) -> None:
        with app.app_context():
            sweeper.run(current_mount(), ending.is_set)

    def order() -> None:
        with app.app_context():
            run_waiting(current_mount(), ending.is_set)

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()
        scheduler.shutdown(wait=False)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    for period in PERIODS:  # each in a thread of its own, the first round at once
        scheduler.add_job(
            tick, CronTrigger(second=0, timezone=UTC), args=[period], max_instances=1,
            coalesce=True, misfire_grace_time=None, next_run_time=datetime.now(UTC),
        )  # fmt: skip
    scheduler.add_job(
        order, CronTrigger(second=30, timezone=UTC), max_instances=1, coalesce=True,
        misfire_grace_time=None,
    )  # fmt: skip
    for sweeper, at_once in ((Sweep(), 1), (Sending(), 4), (Telling(), 1)):
        scheduler.add_job(
            sweep, IntervalTrigger(seconds=1, timezone=UTC), args=[sweeper], max_instances=at_once,
            coalesce=True, misfire_grace_time=None,
        )  # fmt: skip
    log.info("the scheduler runs")
    scheduler.start()
    log.info("the scheduler has ended")
