"""Keeping boards right: scores against the ledger, and copies in Redis against the scores.

Every step is a short transaction of its own, beside requests and publishers that go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.delivery.redis_link import RedisLink
from zeeguu_gamify.delivery.topics import EXP_MOVED
from zeeguu_gamify.leaderboards import behind, periods, projection, scores
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.leaderboards.copies import KEPT, Copies, NewCopy
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.ranking_sql import SqlRanking
from zeeguu_gamify.leaderboards.scores import Move, Place
from zeeguu_gamify.leaderboards.sorted_sets import DIGITS
from zeeguu_gamify.models import Asset, BoardScore, LedgerEntry, OutboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import begin_at_once, is_deadlock

T = TypeVar("T")

#: So many users are looked at in one transaction.
USERS = 500
#: So many scores go into a copy in one transaction; Redis is busy with them for a few ms.
SCORES = 2000
#: So often a transaction that a deadlock undid is tried.
TRIES = 5


class Found(NamedTuple):
    """What a step saw, and mended if it was told to."""

    what: str  #: scores, copies or entries of copies
    looked_at: int
    wrong: int
    key: Key | None = None


class Users(NamedTuple):
    """A range of user ids, both ends included."""

    first: int
    last: int


def transact(engine: Engine, work: Callable[[Session], T], level: str = "READ COMMITTED") -> T:
    """What `work` returns, committed; done again after a deadlock."""
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(isolation_level=level)
    for left in reversed(range(TRIES)):
        with Session(engine) as session:
            try:
                begin_at_once(session)
                done = work(session)
                session.commit()
                return done
            except OperationalError as error:
                if not (left and is_deadlock(error)):
                    raise
    raise AssertionError  # the last try returned or raised


def everybody(session: Session, mount: Mount) -> Users:
    """All users there are."""
    user = mount.host.table("user")
    first, last = session.connection().execute(
        select(func.min(user.c.id), func.max(user.c.id))
    ).one()  # fmt: skip
    return Users(first or 1, last or 0)


def kept_keys(session: Session, kept: timedelta = KEPT) -> list[Key]:
    """The lists of which Redis is to have a copy: those that ended less than `kept` ago."""
    ended = clock.now().date() - kept
    keys = []
    for board in BOARDS.values():
        for period in board.periods:
            since = periods.starts(period, ended)
            wanted = select(BoardScore.starts, BoardScore.language_id).where(
                BoardScore.board == board.code,
                BoardScore.period == period,
                BoardScore.starts >= since,
            )
            rows = session.connection().execute(wanted.distinct())
            lists = sorted((starts, language_id) for starts, language_id in rows)
            keys += [Key(board.code, period, *found) for found in lists]
    return keys


def scores_by_ledger(mount: Mount, users: Users, *, mend: bool) -> Iterator[Found]:
    """Compare scores with the entries they sum, for all or some users; correct them."""
    first = users.first
    while first <= users.last:
        some = Users(first, min(first + USERS - 1, users.last))

        def work(session: Session, some: Users = some) -> int:
            return _settle(session, mount, some, mend=mend)

        wrong = transact(mount.db.engine, work, "REPEATABLE READ")
        yield Found("scores", some.last - first + 1, wrong)
        first = some.last + 1


def _settle(session: Session, mount: Mount, users: Users, *, mend: bool) -> int:
    """Add to the scores of these users what they lack; how many were wrong.

    What they lack is the ledger, without what the outbox still holds, without what they have: all
    three as of one instant. It is added, so whatever others add meanwhile is not lost. Only
    somebody who does the same would count it twice; the lock, which comes first, keeps them out.
    """
    if mend:
        behind.mark(session, settings.BOARDS_REPAIR)
    lacking = _owed(session, users)
    lacking.subtract(_pending(session, users))
    listed: dict[Place, bool] = {}
    for row in _rows(session, users):
        place = Place(Key(row.board, row.period, row.starts, row.language_id), row.user_id)
        lacking[place] -= row.score
        listed[place] = row.listed
    lacking = Counter({place: amount for place, amount in lacking.items() if amount})
    right = scores.are_listed(session, mount, {place.user_id for place in listed})
    misjudged = {place for place in listed if listed[place] != right.get(place.user_id, False)}
    if mend:
        moved = scores.add(session, mount, lacking)
        scores.relist(session, mount, {place.user_id for place in misjudged})
        projection.copy(session, mount, {*moved, *misjudged})
    return len({*lacking, *misjudged})


def _owed(session: Session, users: Users) -> Counter[Place]:
    """What the ledger says of the scores of these users."""
    entry = LedgerEntry
    found: Counter[Place] = Counter()
    for asset in {board.asset for board in BOARDS.values()}:
        rows: Any = session.connection().execute(
            select(
                entry.user_id,
                func.sum(entry.amount).label("amount"),
                entry.local_date,
                entry.language_id,
            )
            .where(entry.user_id.between(*users), entry.asset == asset)
            .where(entry.local_date.is_not(None))
            .group_by(entry.user_id, entry.local_date, entry.language_id)
        )
        moves = (Move(r.user_id, int(r.amount), r.local_date, r.language_id) for r in rows)
        found.update(scores.sums(asset, moves))
    return found


def _pending(session: Session, users: Users) -> Counter[Place]:
    """What of it the outbox has not delivered yet."""
    outbox = OutboxMessage
    wanted = select(outbox.id, outbox.user_id, outbox.topic, outbox.payload, outbox.created_at)
    mine = wanted.where(outbox.user_id.between(*users), outbox.topic == EXP_MOVED)
    messages = [Message(*row) for row in session.connection().execute(mine)]
    return scores.sums(Asset.EXP, projection.moves(messages))


def _rows(session: Session, users: Users) -> list[Any]:
    wanted = select(BoardScore.__table__).where(
        BoardScore.user_id.between(*users), BoardScore.board.in_(BOARDS)
    )
    return list(session.connection().execute(wanted))


def make_copy(mount: Mount, link: RedisLink, key: Key) -> Iterator[Found]:
    """Make the copy of a list anew; at the end it takes the place of the old one.

    Raises RedisAway, and Superseded when somebody else begins to do the same.
    """
    copy, last, done = NewCopy(link, key), 0, False
    copy.begin()
    while not done:

        def work(session: Session, after: int = last) -> dict[int, int]:
            found = scores.locked_after(session, key, after, SCORES)
            copy.fill(found)
            return found

        found = transact(mount.db.engine, work)
        done, last = len(found) < SCORES, max(found, default=last)
        yield Found("entries", len(found), 0, key)
    copy.finish()
    yield Found("copies", 0, 1, key)


def copy_by_scores(
    mount: Mount, link: RedisLink, key: Key, users: Users, *, mend: bool
) -> Iterator[Found]:
    """Compare the copy of a list with its scores, for all or some users; correct it.

    Whom the copy has too many is looked for when the two are not of one size. Raises RedisAway.
    """
    copies, last, done = Copies(link), users.first - 1, False
    if not all(copies.are_whole([key])):
        yield Found("copies", 0, 1, key)
        return
    while not done:

        def work(session: Session, after: int = last) -> tuple[dict[int, int], int]:
            found = scores.locked_after(session, key, after, SCORES)
            return found, _differing(copies, key, found, mend=mend)

        found, wrong = transact(mount.db.engine, work)
        last = max(found, default=last)
        done = len(found) < SCORES or last >= users.last
        yield Found("entries", len(found), wrong, key)
    yield from _too_many(mount, copies, key, mend=mend)


def _differing(copies: Copies, key: Key, right: dict[int, int], *, mend: bool) -> int:
    """How many users have another score in the copy than is right; their rows are locked."""
    if not right:
        return 0
    known = copies.scores(key, list(right)) or {}
    wrong = {user_id: score for user_id, score in right.items() if known.get(user_id) != score}
    if wrong and mend:
        copies.write({key: wrong})
    return len(wrong)


def _too_many(mount: Mount, copies: Copies, key: Key, *, mend: bool) -> Iterator[Found]:
    with Session(mount.db.engine) as session:
        if copies.size(key) == SqlRanking(session).count(key):
            return
    cursor = -1
    while cursor:
        cursor, members = copies.some_members(key, max(cursor, 0))
        strange = [name for name in members if not (len(name) == DIGITS and name.isdecimal())]
        known = [int(name) for name in members if name not in strange]
        if strange and mend:
            copies.take_out(key, strange)

        def work(session: Session, user_ids: list[int] = known) -> int:
            right = scores.locked_of(session, key, user_ids)
            nobody = dict.fromkeys((user_id for user_id, score in right.items() if score == 0), 0)
            return _differing(copies, key, nobody, mend=mend)

        wrong = transact(mount.db.engine, work) + len(strange)
        yield Found("entries", 0, wrong, key)
