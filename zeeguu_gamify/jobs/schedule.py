"""The jobs there are, and doing those that are due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges import anniversaries, holders
from zeeguu_gamify.batch import QUARTER, Job
from zeeguu_gamify.economy import reconcile
from zeeguu_gamify.errors import Unknown
from zeeguu_gamify.jobs import consistency, fence, housekeeping, runner
from zeeguu_gamify.jobs.seasons import close_seasons
from zeeguu_gamify.leaderboards import drift, rollup
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import at_risk, gauge_sets, reset_sets, sweeps

log = logging.getLogger("zeeguu_gamify.jobs")

NIGHTLY = timedelta(days=1)
#: How long periods are. A nightly job may take long, so those of a quarter do not wait for it.
PERIODS = (QUARTER, NIGHTLY)

#: In this order. Each looks at everything as it is in its period, so a period that nobody ran is
#: made good by the next one.
JOBS = (
    Job("freezes", "use the freezes of streaks that would end", sweeps.use_freezes),
    Job("streak_reset", "set broken streaks to 0 in the host's table", reset_sets.reset_streaks),
    Job("streak_gauges", "lower STREAK_DAYS of broken streaks", gauge_sets.lower_gauges),
    Job("friend_streaks", "set ended friend streaks to 0", sweeps.end_friend_streaks),
    Job("at_risk", "tell of streaks that end tonight", at_risk.warn),
    Job("boards_drift", "mend boards that differ from what was earned", drift.mend_drift),
    Job("boards_refresh", "tell who listens that the boards are fresh", drift.tell_refreshed),
    Job("anniversaries", "tell of years since joining", anniversaries.tell),
    Job("seasons", "open and close seasons, and give their prizes", close_seasons),
    Job("activity_rollup", "sum up closed days for boards", rollup.roll_up, NIGHTLY),
    Job("badges_sweep", "mend counters and grant what was missed", consistency.sweep, NIGHTLY),
    Job("balances", "make profiles what the ledger says", reconcile.mend_balances, NIGHTLY),
    Job("holders", "count who holds each badge", holders.count, NIGHTLY),
    Job("housekeeping", "drop what nobody needs any more", housekeeping.tidy_up, NIGHTLY),
)


class UnknownJob(Unknown):
    """There is no job of this name."""

    kind = "job"


def job_called(name: str) -> Job:
    """The job of that name; raises UnknownJob."""
    for job in JOBS:
        if job.name == name:
            return job
    raise UnknownJob(name, [job.name for job in JOBS])


def period_of(at: datetime, every: timedelta = QUARTER) -> datetime:
    """When the period of `at` (UTC) began."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at - (at - midnight) % every


def is_idle(session: Session, mount: Mount) -> bool:
    """Whether jobs have to wait: while no practice is counted, no streak may end."""
    mount.refresh(session)
    return mount.live.paused is not None


def run_due(
    mount: Mount,
    stopping: Callable[[], bool] = lambda: False,
    periods: Collection[timedelta] = PERIODS,
) -> list[runner.Run]:
    """Run what is due now and not done; an error of one job is logged and does not stop others.

    `periods`: only jobs of which a period is as long as one of these.
    """
    with Session(mount.db.engine) as session:
        if is_idle(session, mount):
            return []
    present, done = clock.now(), []
    for job in (job for job in JOBS if job.every in periods):
        began = period_of(present, job.every)
        try:
            found = runner.run(mount, job, began, period=began.isoformat(), stopping=stopping)
        except Exception:
            log.exception("%s of %s failed; it is tried again in a minute", job.name, began)
            continue
        if found is not None:
            done.append(found)
            _tidy(mount, job, began)
    return done


def _tidy(mount: Mount, job: Job, began: datetime) -> None:
    with Session(mount.db.engine) as session:
        fence.tidy(session, job.name, began.isoformat(), clock.now())
        session.commit()
