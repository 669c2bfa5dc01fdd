"""From the outbox to the boards: every movement of EXP is added once, and copied to Redis.

A score is the sum of its ledger entries, in whatever order they come. So it may be below zero for
a while, when something is taken back on another date than it counted; on a board stands only who
has more than zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import Message, put
from zeeguu_gamify.delivery.redis_link import RedisAway
from zeeguu_gamify.delivery.subscription import Moves
from zeeguu_gamify.delivery.topics import EXP_MOVED
from zeeguu_gamify.leaderboards import behind, periods, scores
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.leaderboards.copies import KEPT, Copies
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.scores import Move, Place
from zeeguu_gamify.models import Asset, BoardScore, Period
from zeeguu_gamify.mount import Mount

#: Somebody is on boards no more, or again; payload: user_id, and keys as `_packed`.
CHANGED = "board.changed"


class BoardConsumer:
    """Keeps board_score equal to the ledger, and the copies in Redis equal to board_score."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Add what was moved, look again at who changed, and copy it: before the commit.

        A crash between the two is made good by the next delivery, because the copies are told
        scores, not movements.
        """
        moved = scores.add(session, mount, scores.sums(Asset.EXP, moves(messages)))
        changed = [place for message in messages for place in _relisted(session, mount, message)]
        copy(session, mount, {*moved, *changed})

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Tell those who watch a board that it has moved."""
        moved = moves(messages)
        whose = {move.user_id for move in moved}
        whose |= {message.payload["user_id"] for message in messages if message.topic == CHANGED}
        if not whose:
            return
        languages: frozenset[int] | None = frozenset(move.language_id for move in moved)
        latest = max((move.local_date for move in moved), default=date.max)
        if any(message.topic == CHANGED for message in messages):  # in whatever list
            languages, latest = None, date.max
        for board in BOARDS.values():
            mount.hub.tell_moves(Moves(board.code, frozenset(whose), languages, latest))


def moves(messages: Iterable[Message]) -> list[Move]:
    """The movements of EXP among these messages."""
    return [
        Move(
            message.user_id,
            message.payload["amount"],
            date.fromisoformat(message.payload["local_date"]),
            message.payload["language_id"],
        )
        for message in messages
        if message.topic == EXP_MOVED and message.user_id is not None
    ]


def changed(session: Session, mount: Mount, user_id: int, *, gone: bool = False) -> None:
    """Owe another look at whether the user stands on boards; does not commit.

    gone: the user is about to be erased. Then it must be called before the rows go.
    """
    keys = [_packed(key) for key in _living_keys(session, user_id)] if gone else []
    if gone and not keys:
        return
    payload = {"user_id": user_id, "keys": keys}
    put(session, mount, CHANGED, payload, user_id=None if gone else user_id)


def copy(session: Session, mount: Mount, places: Collection[Place]) -> None:
    """Make Redis say what SQL says of these places, whose rows are locked from here on.

    When Redis is away, that is remembered in the same transaction.
    """
    living = [place for place in places if is_kept(place.key)]
    if mount.redis is None or not living:
        return
    found = scores.locked(session, living)
    try:
        Copies(mount.redis).write(found)
    except RedisAway:
        behind.mark(session)


def is_kept(key: Key) -> bool:
    """Whether Redis may have a copy of this list."""
    return key.period is Period.ALL or (
        periods.ends(key.period, key.starts) + KEPT >= clock.now().date()
    )


def _relisted(session: Session, mount: Mount, message: Message) -> list[Place]:
    if message.topic != CHANGED:
        return []
    user_id = message.payload["user_id"]
    scores.relist(session, mount, [user_id])
    keys = {*map(_unpacked, message.payload["keys"]), *_living_keys(session, user_id)}
    return [Place(key, user_id) for key in keys]


def _living_keys(session: Session, user_id: int) -> list[Key]:
    """The lists on which the user has a score, and of which Redis may have a copy."""
    columns = BoardScore.board, BoardScore.period, BoardScore.starts, BoardScore.language_id
    rows = session.connection().execute(select(*columns).where(BoardScore.user_id == user_id))
    return [key for key in (Key(*row) for row in rows) if is_kept(key)]


def _packed(key: Key) -> list[Any]:
    return [key.board, key.period.value, key.starts.isoformat(), key.language_id]


def _unpacked(packed: Sequence[Any]) -> Key:
    board, period, starts, language_id = packed
    return Key(board, Period(period), date.fromisoformat(starts), language_id)
