"""The ranking that SQL answers, from board_score, which is the truth.

Whoever stands in the list is found by reading `ix_board_score_rank` backwards. A rank is one more
than the number of higher scores, counted through the same index: quick near the top, and slower
the deeper the place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Integer,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from zeeguu_gamify.leaderboards.ranking import After, Entry, Key, ranked
from zeeguu_gamify.models import BoardScore

#: In one statement; a class or a circle of friends is smaller.
SET_SIZE = 1000


def of_key(key: Key) -> ColumnElement[bool]:
    """SQL: that a score belongs to this list."""
    return and_(
        BoardScore.board == key.board,
        BoardScore.period == key.period,
        BoardScore.starts == key.starts,
        BoardScore.language_id == key.language_id,
    )


def on_board(key: Key) -> ColumnElement[bool]:
    """SQL: that a user stands in this list: listed, with a score above zero."""
    return and_(of_key(key), _STANDS)


_STANDS = and_(BoardScore.listed == true(), BoardScore.score > 0)

# The statements are made once: making them takes longer than running them.

_HERE = and_(
    BoardScore.board == bindparam("board"),
    BoardScore.period == bindparam("period"),
    BoardScore.starts == bindparam("starts"),
    BoardScore.language_id == bindparam("language_id"),
    _STANDS,
)
_AT: Any = bindparam("score", type_=BigInteger)
_ID: Any = bindparam("user_id", type_=Integer)
_LIMIT: Any = bindparam("limit", type_=Integer)


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(BoardScore).where(_HERE, *conditions)
    return counted.correlate(None).scalar_subquery()


def _ordered(wanted: Select[Any]) -> Select[Any]:
    return wanted.order_by(BoardScore.score.desc(), BoardScore.user_id.desc())


#: Before, behind and from a place on. The first condition is what an index range is made of.
_BEFORE = and_(BoardScore.score >= _AT, or_(BoardScore.score > _AT, BoardScore.user_id > _ID))
_BEHIND = and_(BoardScore.score <= _AT, or_(BoardScore.score < _AT, BoardScore.user_id < _ID))
_FROM = and_(BoardScore.score <= _AT, or_(BoardScore.score < _AT, BoardScore.user_id <= _ID))
_HIGHER = _count(BoardScore.score > _AT)

_ROWS: Any = select(BoardScore.user_id, BoardScore.score).where(_HERE)
_TOP = _ordered(_ROWS).limit(_LIMIT)
_PAGE = _ordered(
    _ROWS.add_columns(
        _HIGHER.label("higher"),
        _count(BoardScore.score == _AT, BoardScore.user_id >= _ID).label("level"),
    )
).where(_BEHIND).limit(_LIMIT)  # fmt: skip
_ABOVE = _ROWS.where(_BEFORE).order_by(BoardScore.score, BoardScore.user_id).limit(_LIMIT)
_REST = _ordered(_ROWS).where(_FROM).limit(bindparam("and_me", type_=Integer))
#: Each half in parentheses of its own, for its order and limit.
_AROUND = select(_ABOVE.subquery()).union_all(select(_REST.subquery()))
_PLACE = select(
    _HIGHER.label("higher"),
    _count(BoardScore.score == _AT, BoardScore.user_id > _ID).label("level"),
)
_RANK = select(_HIGHER)
_SCORE = select(BoardScore.score).where(_HERE, BoardScore.user_id == _ID)
_AMONG = _ROWS.where(BoardScore.user_id.in_(bindparam("user_ids", expanding=True)))
_COUNT = select(_count())


class SqlRanking:
    """`Ranking` by SELECTs of one session: one each, but two for `rank` and three for `around`."""

    def __init__(self, session: Session) -> None:
        """`session` is read through and never committed."""
        self._session = session

    def top(self, key: Key, limit: int) -> list[Entry]:
        """The first `limit` entries."""
        return ranked(map(_pair, self._rows(_TOP, key, limit=limit)))

    def page(self, key: Key, after: After | None, limit: int) -> list[Entry]:
        """The first `limit` entries behind (score, user id).

        Those before the first one are all those up to that place. So many have a higher score,
        unless the first one's score is still the same.
        """
        if after is None:
            return self.top(key, limit)
        score, user_id = after
        rows = self._rows(_PAGE, key, score=score, user_id=user_id, limit=limit)
        if not rows:
            return []
        first = rows[0]
        above = first.higher + first.level
        higher = first.higher if first.score == score else above
        return ranked(map(_pair, rows), above=above, higher=higher)

    def around(self, key: Key, user_id: int, each_side: int) -> list[Entry]:
        """The user's entry with up to `each_side` above and below."""
        score = self._score(key, user_id)
        if score is None:
            return []
        sides = {"limit": each_side, "and_me": each_side + 1}
        rows = self._rows(_AROUND, key, score=score, user_id=user_id, **sides)
        pairs = sorted(map(_pair, rows), key=lambda pair: (pair[1], pair[0]), reverse=True)
        first_id, first_score = pairs[0]
        (place,) = self._rows(_PLACE, key, score=first_score, user_id=first_id)
        return ranked(pairs, above=place.higher + place.level, higher=place.higher)

    def rank(self, key: Key, user_id: int) -> Entry | None:
        """The user's entry."""
        score = self._score(key, user_id)
        if score is None:
            return None
        ((higher,),) = self._rows(_RANK, key, score=score)
        return Entry(higher + 1, user_id, score)

    def ranks(self, key: Key, user_ids: Collection[int]) -> list[Entry]:
        """The entries of those among `user_ids` who have one, ranked among themselves."""
        wanted, found = sorted(set(user_ids)), []
        for first in range(0, len(wanted), SET_SIZE):
            rows = self._rows(_AMONG, key, user_ids=wanted[first : first + SET_SIZE])
            found += [(row.score, row.user_id) for row in rows]
        return ranked((user_id, score) for score, user_id in sorted(found, reverse=True))

    def count(self, key: Key) -> int:
        """How many are on the board."""
        ((found,),) = self._rows(_COUNT, key)
        return int(found)

    def _score(self, key: Key, user_id: int) -> int | None:
        rows = self._rows(_SCORE, key, user_id=user_id)
        return rows[0].score if rows else None

    def _rows(self, statement: Executable, key: Key, **values: Any) -> list[Row[Any]]:
        which = {
            "board": key.board, "period": key.period, "starts": key.starts,
            "language_id": key.language_id,
        }  # fmt: skip
        return list(self._session.connection().execute(statement, {**which, **values}))


def _pair(row: Any) -> tuple[int, int]:
    user_id, score, *_ = row
    return user_id, score
