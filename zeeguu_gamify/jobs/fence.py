"""The fence: of all processes that would run a job in a period, one does, once.

A row of `job_run` is claimed by inserting it. Who holds it renews the lease with each batch, in
the batch's own transaction; so a batch is done and remembered, or neither. When a lease has run
out, anybody may take the row over, and goes on at the cursor. Done is final.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.models import JobRun, JobState
from zeeguu_gamify.transaction import is_duplicate

#: So long a holder may be silent before another takes over; a batch takes less than a second.
LEASE = timedelta(minutes=2)
#: Runs that are done are forgotten after that time, so that the table stays small.
KEEP = timedelta(days=30)


class LostLease(GamifyError):
    """Another process has taken this run over, because this one was silent for too long."""


@dataclass(slots=True)
class Lease:
    """The right to run a job in a period, from `cursor` on."""

    job: str
    period: str
    holder: str
    cursor: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def summary(self) -> str:
        """What was done so far, in a line."""
        return line(self.counts)

    def renew(self, session: Session, cursor: int) -> None:
        """Remember how far the job is, for another while; raises LostLease. Does not commit."""
        self._write(session, cursor=cursor, lease_until=clock.now() + LEASE)
        self.cursor = cursor

    def finish(self, session: Session) -> None:
        """The job is done, for ever; raises LostLease. Does not commit."""
        self._write(session, state=JobState.DONE, finished_at=clock.now())

    def let_go(self, session: Session) -> None:
        """Let somebody else go on at once; does not commit."""
        self._write(session, lease_until=clock.now() - timedelta(seconds=1))

    def _write(self, session: Session, **values: Any) -> None:
        mine = (JobRun.holder == self.holder, JobRun.state == JobState.RUNNING)
        done = session.connection().execute(
            update(JobRun)
            .where(JobRun.job == self.job, JobRun.period == self.period, *mine)
            .values(summary=self.summary[:255], **values)
        )
        if not done.rowcount:
            raise LostLease


def line(counts: Mapping[str, int]) -> str:
    """Counts as a person reads them."""
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def claim(engine: Engine, job: str, period: str) -> Lease | None:
    """The lease, if nobody has it and the run is not done; commits."""
    lease = Lease(job, period, f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}")
    with Session(engine) as session:
        claimed = _insert(session, lease) or _take_over(session, lease)
        session.commit()
    return lease if claimed else None


def _insert(session: Session, lease: Lease) -> bool:
    """The key decides who is first."""
    now = clock.now()
    row = {
        "job": lease.job, "period": lease.period, "state": JobState.RUNNING,
        "holder": lease.holder, "lease_until": now + LEASE, "cursor": 0, "started_at": now,
    }  # fmt: skip
    if find(session, lease.job, lease.period) is not None:
        return False
    try:
        session.connection().execute(insert(JobRun), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        session.rollback()
        return False
    return True


def _take_over(session: Session, lease: Lease) -> bool:
    """Go on where a holder who fell silent has stopped."""
    now = clock.now()
    free = update(JobRun).where(
        JobRun.job == lease.job,
        JobRun.period == lease.period,
        JobRun.state == JobState.RUNNING,
        JobRun.lease_until < now,
    )
    values = {"holder": lease.holder, "lease_until": now + LEASE}
    if not session.connection().execute(free.values(values)).rowcount:
        return False
    row = find(session, lease.job, lease.period)
    lease.cursor, lease.counts = row.cursor, _counts(row.summary or "")
    return True


def _counts(summary: str) -> Counter[str]:
    """What a summary says, to go on counting."""
    parts = (part.partition(" ") for part in summary.split(", ") if part)
    return Counter({what: int(count) for count, _, what in parts if count.isdigit()})


def find(session: Session, job: str, period: str) -> Any:
    """The run of a job in a period, or None."""
    wanted = select(JobRun.__table__).where(JobRun.job == job, JobRun.period == period)
    return session.connection().execute(wanted).first()


def is_done(session: Session, job: str, period: str) -> bool:
    """Whether the run is done, for ever."""
    row = find(session, job, period)
    return row is not None and row.state is JobState.DONE


def forget(session: Session, job: str, period: str) -> None:
    """Let the run be done again, unless it is under way; does not commit."""
    done = (JobRun.job == job, JobRun.period == period, JobRun.state == JobState.DONE)
    session.connection().execute(delete(JobRun).where(*done))


def last_runs(session: Session) -> Mapping[str, Any]:
    """The newest run of each job."""
    newest = select(JobRun.job, func.max(JobRun.started_at).label("at")).group_by(JobRun.job)
    last = newest.subquery("last")
    wanted = select(JobRun.__table__).join(
        last, (JobRun.job == last.c.job) & (JobRun.started_at == last.c.at)
    )
    return {row.job: row for row in session.connection().execute(wanted)}


def last_done(session: Session, jobs: Iterable[str]) -> datetime | None:
    """When a run of one of `jobs` was finished last (UTC)."""
    last = select(func.max(JobRun.finished_at)).where(JobRun.job.in_(jobs))
    return session.connection().execute(last).scalar()


def tidy(session: Session, job: str, period: str, before: datetime) -> None:
    """Close what later periods have done as well, and forget what is long done; no commit.

    `period` is the one that was claimed just now, `before` the present.
    """
    connection = session.connection()
    older = (JobRun.job == job, JobRun.period < period)
    left = (*older, JobRun.state == JobState.RUNNING, JobRun.lease_until < before)
    superseded = {"state": JobState.DONE, "finished_at": before, "summary": f"left to {period}"}
    connection.execute(update(JobRun).where(*left).values(superseded))
    old = (*older, JobRun.state == JobState.DONE, JobRun.finished_at < before - KEEP)
    connection.execute(delete(JobRun).where(*old))


#: Ordered by a person, so no later period of theirs comes that would tidy up.
BY_HAND = ("backfill",)


def forget_old(session: Session, before: datetime) -> int:
    """Forget runs ordered by a person that nobody goes on with since long; how many. No commit."""
    old = (JobRun.job.in_(BY_HAND), JobRun.lease_until < before - KEEP)
    return session.connection().execute(delete(JobRun).where(*old)).rowcount
