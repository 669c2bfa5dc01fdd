"""Backfilling many users and badges: statements per batch, and memory, whatever the users."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks.host import User, host
from zeeguu_gamify import Catalog, clock, describe_count, ladder
from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.batch import Batch, Job, Work
from zeeguu_gamify.jobs import runner
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.testing import statements

USERS, BADGES = 100_000, 200
#: The levels that each user has reached.
REACHED = 2
CHUNK = 10_000


@dataclass
class Measured:
    """The batches of a round."""

    what: Round
    batches: list[int] = field(default_factory=list)  #: statements of each
    memory: dict[int, float] = field(default_factory=dict)  #: users done → peak so far, in MB
    seconds: float = 0.0

    def __call__(self, work: Work, after: int) -> Batch:
        """The step, counted."""
        with statements(current_mount().db.engine) as ran:
            batch = self.what(work, after)
        self.batches.append(len(ran))
        done = len(self.batches) * self.what.users
        if done in (USERS // 10, USERS):
            self.memory[done] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return batch


def run() -> list[str]:
    """The table of this benchmark; fails when a batch costs more for some users than for others."""
    with host(catalog=_catalog()) as (_, db):
        _fill(db)
        first, again = _backfill("first"), _backfill("again")
    full = set(first.batches[:-1])
    assert len(full) == 1, full
    tenth, all_ = first.memory[USERS // 10], first.memory[USERS]
    return [
        f"Backfill, {USERS:,} users × {BADGES} badges, in batches of {first.what.users} users"
        " (MariaDB, durable disk)",
        f"  {first.what.granted.total():,} badges granted in {first.seconds:.0f} s",
        f"  once more, when nothing is lacking: {again.seconds:.0f} s",
        f"  {full.pop()} statements in each batch; {again.batches[0]} when nothing is lacking",
        f"  memory at its peak: {tenth:.0f} MB after a tenth of the users, {all_:.0f} MB after all",
    ]


def _catalog() -> Catalog:
    words, *others = FAMILIES
    levels = range(10, 10 * (BADGES - 30) + 1, 10)
    big = ladder(
        words.metric, list(levels), name="Words", trigger="word.translated",
        describe=describe_count("Translate", "You translated", "word", "words"),
    )  # fmt: skip
    return Catalog((big, *others))


def _fill(db: SQLAlchemy) -> None:
    """Learners who have translated words before there was a badge for it."""
    with db.engine.begin() as connection:
        for start in range(2, USERS + 1, CHUNK):
            ids = range(start, min(start + CHUNK, USERS + 1))
            connection.execute(insert(User), [{"id": n, "timezone": "UTC"} for n in ids])
        connection.execute(
            text(
                "INSERT INTO user_badge_progress (user_id, badge_category_id, value)"
                " SELECT user.id, c.id, :value FROM user"
                " JOIN badge_category c ON c.metric = 'TRANSLATED_WORDS'"
            ),
            {"value": 10 * REACHED},
        )
        connection.execute(text("ANALYZE TABLE user, user_badge_progress"))


def _backfill(name: str) -> Measured:
    mount = current_mount()
    with Session(mount.db.engine) as session:
        mount.refresh(session)
    found = Measured(Round(badges_of(mount), Manner("backfill")))
    began = time.perf_counter()
    runner.run(mount, Job("backfill", "backfill", lambda *_: found), clock.now(), name)
    found.seconds = time.perf_counter() - began
    return found
