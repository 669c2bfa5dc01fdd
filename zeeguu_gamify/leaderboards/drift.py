"""The jobs of boards: finding and mending what differs, and telling that the boards are fresh."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from zeeguu_gamify.batch import Batch, Step, Work
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.redis_link import RedisAway, RedisLink
from zeeguu_gamify.delivery.topics import REFRESHED
from zeeguu_gamify.leaderboards import behind, upkeep
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.leaderboards.copies import KEPT, Copies, Superseded
from zeeguu_gamify.leaderboards.upkeep import Found, Users
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.boards")

#: A round looks at so many users; the next round at those that follow.
SLICE = 20_000
#: How far apart rounds are, for the choice of the slice.
ROUND = timedelta(minutes=15)
#: Above this part of its memory, Redis keeps no boards that are over.
TIGHT = 0.8


def mend_drift(_connection: Connection, mount: Mount, at: datetime) -> Step:
    """Mend a slice of the boards, and every copy in Redis that is missing or behind."""
    found = _round(mount, at)

    def step(_work: Work, cursor: int) -> Batch:
        try:
            step_done = next(found, None)
        except RedisAway:
            return Batch(None, {"left because Redis is away": 1})
        if step_done is None:
            return Batch(None)
        counts = {f"{step_done.what} mended": step_done.wrong} if step_done.wrong else {}
        return Batch(cursor + 1, counts)

    return step


def _round(mount: Mount, at: datetime) -> Iterator[Found]:
    with Session(mount.db.engine) as session:
        users = _slice(upkeep.everybody(session, mount), at)
    return look_at(mount, users, BOARDS, mend=True)


def look_at(
    mount: Mount, users: Users, boards: Collection[str], *, mend: bool, anew: bool = False
) -> Iterator[Found]:
    """Compare the scores of these users with the ledger, and copies with scores; mend them.

    boards: the codes of those whose copies are looked at. anew: make these copies anew, whatever
    is in them. Raises RedisAway.
    """
    yield from upkeep.scores_by_ledger(mount, users, mend=mend)
    if mount.redis is None:
        return
    if mend:
        yield from _make_whole(mount, mount.redis, boards if anew else ())
    with Session(mount.db.engine) as session:
        keys = upkeep.kept_keys(session, _kept(Copies(mount.redis)))
    for key in keys:
        if key.board in boards:
            yield from upkeep.copy_by_scores(mount, mount.redis, key, users, mend=mend)


def _slice(everybody: Users, at: datetime) -> Users:
    """Whose turn it is: everybody's, in turn, when there are more than one round can look at."""
    count = max(everybody.last - everybody.first + 1, 0)
    slices = -(-count // SLICE) or 1
    number = int((at - datetime(1970, 1, 1)) / ROUND) % slices
    first = everybody.first + number * SLICE
    return Users(first, min(first + SLICE - 1, everybody.last))


def _make_whole(mount: Mount, link: RedisLink, anew: Collection[str]) -> Iterator[Found]:
    """Make the copies that are missing, all of them when something was missed, and those `anew`.

    The copies of boards that are over go first when memory is short.
    """
    copies = Copies(link)
    kept = _kept(copies)
    with Session(mount.db.engine) as session:
        missed = behind.token(session)
        keys, over = upkeep.kept_keys(session, kept), upkeep.kept_keys(session)
    if dropped := copies.drop([key for key in over if key not in keys]):
        log.warning("Redis is short of memory: dropped %s boards that are over", dropped)
    for key, whole in zip(keys, copies.are_whole(keys), strict=True):
        if missed or not whole or key.board in anew:
            with suppress(Superseded):
                yield from upkeep.make_copy(mount, link, key)
    if missed is not None:
        with Session(mount.db.engine) as session:
            behind.clear(session, missed)
            session.commit()
        mount.forget()


def _kept(copies: Copies) -> timedelta:
    """For how long boards that are over are kept: not at all when memory is short."""
    return timedelta(days=1) if copies.memory_used() > TIGHT else KEPT


def tell_refreshed(_connection: Connection, mount: Mount, _at: datetime) -> Step:
    """Tell all who listen, once a round, that they may ask for the boards again."""

    def step(work: Work, _after: int) -> Batch:
        put(work.session, mount, REFRESHED, {"boards": list(BOARDS)}, user_id=None)
        return Batch(None, {"told": 1})

    return step
