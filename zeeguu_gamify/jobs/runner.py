"""Running a job: batch by batch, fenced, each batch committed together with its cursor."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from zeeguu_gamify.batch import Batch, Job, Step, Work
from zeeguu_gamify.jobs import fence
from zeeguu_gamify.jobs.fence import Lease, LostLease
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.temporary import drop_temporary
from zeeguu_gamify.transaction import is_deadlock

log = logging.getLogger("zeeguu_gamify.jobs")

#: So often a batch that a deadlock undid is tried.
TRIES = 5

#: Hears how far a job is: the last id of each batch.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run."""

    job: str
    period: str
    summary: str
    finished: bool


def run(
    mount: Mount,
    job: Job,
    at: datetime,
    period: str,
    progress: Progress = lambda _cursor: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Run | None:
    """Run the job as of `at` (UTC); None when another process has the period, or did it.

    Goes on at the cursor of a run that was cut short. Ends after a batch when `stopping` says so.
    """
    lease = fence.claim(mount.db.engine, job.name, period)
    if lease is None:
        return None
    try:
        with _workplace(mount, job, at) as (work, step):
            finished = _go_on(work, step, lease, progress, stopping)
    except Exception:
        with suppress(LostLease), Session(mount.db.engine) as session:
            lease.let_go(session)
            session.commit()
        raise
    log.info("%s of %s: %s", job.name, period, lease.summary or "nothing to do")
    return Run(job.name, period, lease.summary, finished)


def rehearse(
    mount: Mount, job: Job, at: datetime, progress: Progress = lambda _cursor: None
) -> Run:
    """Do all of the job and take each batch back; nobody else is told."""
    counts: Counter[str] = Counter()
    with _workplace(mount, job, at, dry_run=True) as (work, step):
        cursor: int | None = 0
        while cursor is not None:
            batch = step(work, cursor)
            work.save()
            counts.update(batch.counts)
            cursor = batch.cursor
            progress(cursor or 0)
    return Run(job.name, "", fence.line(counts), finished=True)


@contextmanager
def _workplace(
    mount: Mount, job: Job, at: datetime, *, dry_run: bool = False
) -> Iterator[tuple[Work, Step]]:
    """A connection of the job's own, with what it prepared.

    Temporary tables are made outside of transactions, for servers that count transactions want it
    so. The work reads what is committed: then statements that copy rows lock none of those read.
    """
    with Session(mount.db.engine) as session:
        mount.refresh(session)
    with mount.db.engine.connect() as connection:
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            step = job.start(connection, mount, at)
            connection.commit()
            on_sqlite = connection.dialect.name == "sqlite"
            level = "SERIALIZABLE" if on_sqlite else "READ COMMITTED"
            connection.execution_options(isolation_level=level)
            with Session(connection) as session:
                yield Work(session, mount, at, dry_run), step
            connection.execution_options(isolation_level="AUTOCOMMIT")
            drop_temporary(connection)
        except BaseException:
            connection.invalidate()  # and with it its temporary tables
            raise


def _go_on(
    work: Work, step: Step, lease: Lease, progress: Progress, stopping: Callable[[], bool]
) -> bool:
    """Batch after batch, until there are no more: True; or until it is stopped: False."""
    while not stopping():
        batch = _do(work, step, lease.cursor)
        lease.counts.update(batch.counts)
        if batch.cursor is None:
            lease.finish(work.session)
            work.session.commit()
            return True
        lease.renew(work.session, batch.cursor)
        work.session.commit()
        progress(batch.cursor)
    lease.let_go(work.session)
    work.session.commit()
    return False


def _do(work: Work, step: Step, cursor: int) -> Batch:
    """One batch; once more, if the server gave it up for somebody else's sake."""
    for left in reversed(range(TRIES)):
        try:
            return step(work, cursor)
        except OperationalError as error:
            if not (left and is_deadlock(error)):
                raise
            work.session.rollback()
    raise AssertionError  # the last try returned or raised
