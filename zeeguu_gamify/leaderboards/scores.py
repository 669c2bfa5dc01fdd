"""Scores in SQL: what ledger entries add up to, adding to it, and reading it under lock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, case, select, text, true, update
from sqlalchemy.orm import Session

from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards import periods
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.ranking_sql import of_key
from zeeguu_gamify.models import Asset, BoardScore, UserProfile
from zeeguu_gamify.mount import Mount

#: Rows in one statement.
ROWS = 500


class Move(NamedTuple):
    """What a ledger entry says, or several."""

    user_id: int
    amount: int
    local_date: date
    language_id: int  #: 0: none


class Place(NamedTuple):
    """One row of board_score."""

    key: Key
    user_id: int


def sums(asset: Asset, moves: Iterable[Move]) -> Counter[Place]:
    """What these movements of `asset` add to which scores."""
    found: Counter[Place] = Counter()
    for move in moves:
        for key in _keys_of(asset, move):
            found[Place(key, move.user_id)] += move.amount
    return found


def _keys_of(asset: Asset, move: Move) -> Iterator[Key]:
    for board in BOARDS.values():
        if board.asset is asset:
            for period in board.periods:
                starts = periods.starts(period, move.local_date)
                for language_id in {0, move.language_id}:
                    yield Key(board.code, period, starts, language_id)


def _columns(place: Place) -> tuple[Any, ...]:
    """The primary key of the row; rows are locked in this order by everybody."""
    key = place.key
    return key.board, key.period.value, key.starts, key.language_id, place.user_id


_ADD = (
    "INSERT INTO board_score (board, period, starts, language_id, user_id, score, listed) "
    "VALUES (:board, :period, :starts, :language_id, :user_id, :score, :listed) "
)
_UPDATE = {
    False: "ON DUPLICATE KEY UPDATE score = score + VALUES(score), listed = VALUES(listed)",
    True: "ON CONFLICT (board, period, starts, language_id, user_id) "
    "DO UPDATE SET score = score + excluded.score, listed = excluded.listed",
}
_TYPED = [bindparam(column.name, type_=column.type) for column in BoardScore.__table__.columns]


def add(session: Session, mount: Mount, gained: Mapping[Place, int]) -> list[Place]:
    """Add to scores: where there is no row yet, it is made. Does not commit.

    Returns the places that moved; those of users who are gone do not.
    """
    listed = are_listed(session, mount, {place.user_id for place in gained})
    moved = [place for place, amount in gained.items() if amount and place.user_id in listed]
    moved.sort(key=_columns)
    if moved:
        connection = session.connection()
        statement = text(_ADD + _UPDATE[connection.dialect.name == "sqlite"]).bindparams(*_TYPED)
        rows = [
            {
                "board": key.board, "period": key.period, "starts": key.starts,
                "language_id": key.language_id, "user_id": user_id,
                "score": gained[Place(key, user_id)], "listed": listed[user_id],
            }
            for key, user_id in moved
        ]  # fmt: skip
        connection.execute(statement, rows)
    return moved


def are_listed(session: Session, mount: Mount, user_ids: Collection[int]) -> dict[int, bool]:
    """For each of these users who exist, whether they may stand on boards.

    Not those who opted out, and not the anonymous.
    """
    user = mount.host.table("user")
    has_email = mount.host.has(Group.VERIFICATION)
    email = [user.c.email] if has_email else []
    wanted = select(user.c.id, UserProfile.on_boards, *email).outerjoin_from(
        user, UserProfile, UserProfile.user_id == user.c.id
    )
    found: dict[int, bool] = {}
    for some in _slices(sorted(user_ids)):
        for row in session.connection().execute(wanted.where(user.c.id.in_(some))):
            anonymous = has_email and (row.email or "").endswith(mount.config.anonymous_suffix)
            found[row.id] = row.on_boards is not False and not anonymous
    return found


def relist(session: Session, mount: Mount, user_ids: Collection[int]) -> None:
    """Let the scores of these users stand on boards, or not, as the users are now; no commit."""
    for user_id, listed in are_listed(session, mount, user_ids).items():
        other = (BoardScore.user_id == user_id, BoardScore.listed != listed)
        session.connection().execute(update(BoardScore).where(*other).values(listed=listed))


#: What a user has on a board: nothing who is not listed, or not above zero.
_SHOWN = case((BoardScore.listed == true(), BoardScore.score), else_=0).label("shown")


def locked(session: Session, places: Collection[Place]) -> dict[Key, dict[int, int]]:
    """What stands at these places, 0 where nobody does. Locks the rows.

    One statement per list: a comparison of whole keys with many would look at each of them for
    every row.
    """
    users_of: dict[Key, list[int]] = defaultdict(list)
    for key, user_id in sorted(places, key=_columns):
        users_of[key].append(user_id)
    return {key: locked_of(session, key, user_ids) for key, user_ids in users_of.items()}


def locked_after(session: Session, key: Key, user_id: int, limit: int) -> dict[int, int]:
    """What the next users by id have in this list, 0 who do not stand in it. Locks the rows."""
    wanted = (
        select(BoardScore.user_id, _SHOWN)
        .where(of_key(key), BoardScore.user_id > user_id)
        .order_by(BoardScore.user_id)
        .limit(limit)
    )
    return _scores(session, wanted)


def locked_of(session: Session, key: Key, user_ids: Sequence[int]) -> dict[int, int]:
    """What these users have in this list, 0 who do not stand in it. Locks the rows."""
    found = dict.fromkeys(user_ids, 0)
    wanted = select(BoardScore.user_id, _SHOWN).where(of_key(key))
    for some in _slices(user_ids):
        found |= _scores(session, wanted.where(BoardScore.user_id.in_(some)))
    return found


def _scores(session: Session, wanted: Select[Any]) -> dict[int, int]:
    rows = session.connection().execute(wanted.with_for_update())
    return {row.user_id: max(row.shown, 0) for row in rows}


def _slices(items: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, ROWS)):
        yield some
