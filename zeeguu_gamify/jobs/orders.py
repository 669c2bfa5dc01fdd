"""Orders: long work that a person has asked for, done by whichever process gets to it.

An order is a setting until it is done or cancelled, written together with whatever asked for it.
The fence of jobs sees to it that one process at a time does it, batch by batch; when that one
ends, the next to look goes on at the cursor.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.batch import Job
from zeeguu_gamify.errors import GamifyError, NotFound
from zeeguu_gamify.jobs import fence, runner, schedule
from zeeguu_gamify.jobs.fence import LostLease
from zeeguu_gamify.jobs.ledgers import LEDGERS
from zeeguu_gamify.models import Amnesty, JobRun, JobState, Setting
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import amnesty

log = logging.getLogger("zeeguu_gamify.jobs")

BACKFILL, AMNESTY, UNDO = "backfill", "amnesty", "amnesty.undo"
_PREFIX = "order "
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: a job, in a period that tells it from others of that job."""

    job: str
    period: str  #: at most 32 letters
    options: Mapping[str, Any] = field(default_factory=dict)  #: as JSON at most 200 letters

    @property
    def name(self) -> str:
        """That of its setting."""
        return f"{_PREFIX}{self.job} {self.period}"


def place(session: Session, order: Order) -> None:
    """Order it; does not commit."""
    fence.forget(session, order.job, order.period)
    settings.write(session, order.name, json.dumps([order.job, order.period, order.options]))


def waiting(session: Session) -> list[Order]:
    """What is neither done nor cancelled, the oldest first."""
    wanted = select(Setting.value).where(Setting.name.startswith(_PREFIX, autoescape=True))
    rows = session.connection().execute(wanted.order_by(Setting.updated_at, Setting.name))
    return [Order(*json.loads(value)) for value in rows.scalars()]


def is_waiting(session: Session, order: Order) -> bool:
    """Whether it is neither done nor cancelled."""
    wanted = select(Setting.name).where(Setting.name == order.name)
    return session.connection().execute(wanted).first() is not None


def is_abandoned(session: Session, order: Order) -> bool:
    """Whether it waits, and nobody is at it."""
    if not is_waiting(session, order):
        return False
    run = fence.find(session, order.job, order.period)
    return run is None or run.lease_until < clock.now()


def cancel(session: Session, order: Order) -> None:
    """Do no more of it; what was done stays. Does not commit; raises NotFound.

    Who is at it loses the lease, and with it the batch under way.
    """
    if not settings.drop(session, order.name):
        raise NotFound("That is done, or was cancelled.")
    run = fence.find(session, order.job, order.period)
    told = ", ".join(filter(None, [CANCELLED, run.summary if run else None]))[:255]
    ended = {"state": JobState.DONE, "finished_at": clock.now(), "summary": told}
    mine = (JobRun.job == order.job, JobRun.period == order.period)
    session.connection().execute(update(JobRun).where(*mine).values(ended))


def run_waiting(mount: Mount, stopping: Callable[[], bool] = lambda: False) -> None:
    """Do what waits; an error of one order is logged, and others are done."""
    with Session(mount.db.engine) as session:
        found = [] if schedule.is_idle(session, mount) else waiting(session)
    for order in found:
        if stopping():
            return
        try:
            _run(mount, order, stopping)
        except LostLease:
            log.info("%s was cancelled, or another process has taken it over", order.name)
        except Exception:
            log.exception("%s failed; it is tried again in a minute", order.name)


def _run(mount: Mount, order: Order, stopping: Callable[[], bool]) -> None:
    try:
        job, at = job_of(mount, order)
    except GamifyError as error:  # e.g. a badge that is there no more: it never can be done
        log.error("%s cannot be done: %s", order.name, error.message)
        _end(mount, order)
        return
    runner.run(mount, job, at, order.period, stopping=stopping)
    with Session(mount.db.engine) as session:
        is_done = fence.is_done(session, order.job, order.period)
    if is_done:
        _end(mount, order)


def _end(mount: Mount, order: Order) -> None:
    with Session(mount.db.engine) as session:
        settings.drop(session, order.name)
        session.commit()


def job_of(mount: Mount, order: Order) -> tuple[Job, datetime]:
    """The job, and the instant as of which it is done; raises what says that it cannot be."""
    options = order.options
    if order.job == BACKFILL:
        with Session(mount.db.engine) as session:
            mount.refresh(session)
        step = backfill(mount, options)
        return Job(BACKFILL, "backfill", lambda *_: step), clock.now()
    if order.job in (AMNESTY, UNDO):
        window = _window(mount, int(options["amnesty"]))
        return (amnesty.covering if order.job == AMNESTY else amnesty.undoing)(window), clock.now()
    return schedule.job_called(order.job), datetime.fromisoformat(options["at"])


def backfill(mount: Mount, options: Mapping[str, Any]) -> Round:
    """The step of a backfill: of a badge, of what listens to a trigger, or of all badges.

    Raises UnknownBadge, UnknownEvent, or BadInput for a badge that is not granted afterwards.
    """
    return Round(
        badges_of(mount, badge=options.get("badge"), trigger=options.get("trigger")),
        Manner(BACKFILL, bool(options.get("notify"))),
        LEDGERS if options.get("recompute") else (),
    )


def _window(mount: Mount, amnesty_id: int) -> amnesty.Window:
    with Session(mount.db.engine) as session:
        wanted = select(Amnesty.__table__).where(Amnesty.id == amnesty_id)
        row = session.connection().execute(wanted).first()
    if row is None:
        raise NotFound(f"There is no amnesty {amnesty_id}.")
    return amnesty.Window.of(row)
