"""Work that is done in batches, each committed: what one batch of it is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from zeeguu_gamify.mount import Mount

#: Midnight comes somewhere at each quarter of an hour.
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Work:
    """What a step works with."""

    session: Session
    mount: Mount
    at: datetime  #: UTC; the instant as of which the work is done
    dry_run: bool = False

    def save(self) -> None:
        """Commit what was done so far; take it back in a dry run."""
        if self.dry_run:
            self.session.rollback()
        else:
            self.session.commit()


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step did."""

    cursor: int | None  #: the last id that it looked at; None when there are no more
    counts: Mapping[str, int] = field(default_factory=dict)  #: what → how many


#: Does the next batch, after the id that is its second argument. Doing one again does no harm.
Step = Callable[[Work, int], Batch]


def nothing(_work: Work, _after: int) -> Batch:
    """The step of a job that has nothing to do on this mount."""
    return Batch(None)


@dataclass(frozen=True, slots=True)
class Job:
    """Work with a name, of which one process at a time does one period."""

    name: str
    meaning: str
    #: Prepares the connection, e.g. with temporary tables, and gives the step.
    start: Callable[[Connection, Mount, datetime], Step]
    every: timedelta = QUARTER  #: how long a period is; it begins at UTC midnight
