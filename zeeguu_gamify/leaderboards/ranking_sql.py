"""The ranking that SQL answers, from board_score, which is the truth.

Whoever stands in the list is found by reading `ix_board_score_rank` backwards. A rank is one more
than the number of higher scores, counted through the same index: quick near the top, and slower
the deeper the place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, Select, and_, func, or_, select, true
from sqlalchemy import ScalarSelect as Count
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
    return and_(of_key(key), BoardScore.listed == true(), BoardScore.score > 0)


class SqlRanking:
    """`Ranking` by SELECTs of one session: one each, but two for `rank` and three for `around`."""

    def __init__(self, session: Session) -> None:
        """`session` is read through and never committed."""
        self._session = session

    def top(self, key: Key, limit: int) -> list[Entry]:
        """The first `limit` entries."""
        return ranked(map(_pair, self._rows(_in_order(key).limit(limit))))

    def page(self, key: Key, after: After | None, limit: int) -> list[Entry]:
        """The first `limit` entries behind (score, user id).

        Those before the first one are all those up to that place. So many have a higher score,
        unless the first one's score is still the same.
        """
        if after is None:
            return self.top(key, limit)
        score, user_id = after
        higher = _count(key, BoardScore.score > score)
        level = _count(key, BoardScore.score == score, BoardScore.user_id >= user_id)
        wanted = _in_order(key, higher.label("higher"), level.label("level"))
        rows = self._rows(wanted.where(_is_behind(after)).limit(limit))
        if not rows:
            return []
        first = rows[0]
        above = first.higher + first.level
        is_level = first.score == score
        return ranked(map(_pair, rows), above=above, higher=first.higher if is_level else above)

    def around(self, key: Key, user_id: int, each_side: int) -> list[Entry]:
        """The user's entry with up to `each_side` above and below."""
        score = self._score(key, user_id)
        if score is None:
            return []
        mine = (score, user_id)
        above = _in_order(key, backwards=True).where(_is_before(mine)).limit(each_side)
        rest = _in_order(key).where(~_is_before(mine)).limit(each_side + 1)
        rows = self._rows(_both(above, rest))
        pairs = sorted(map(_pair, rows), key=lambda pair: (pair[1], pair[0]), reverse=True)
        first_id, first_score = pairs[0]
        higher = _count(key, BoardScore.score > first_score)
        level = _count(key, BoardScore.score == first_score, BoardScore.user_id > first_id)
        found = self._rows(select(higher.label("higher"), level.label("level")))[0]
        return ranked(pairs, above=found.higher + found.level, higher=found.higher)

    def rank(self, key: Key, user_id: int) -> Entry | None:
        """The user's entry."""
        score = self._score(key, user_id)
        if score is None:
            return None
        higher = self._rows(select(_count(key, BoardScore.score > score)))[0][0]
        return Entry(higher + 1, user_id, score)

    def ranks(self, key: Key, user_ids: Collection[int]) -> list[Entry]:
        """The entries of those among `user_ids` who have one, ranked among themselves."""
        wanted, found = sorted(set(user_ids)), []
        for first in range(0, len(wanted), SET_SIZE):
            some = BoardScore.user_id.in_(wanted[first : first + SET_SIZE])
            rows = select(BoardScore.user_id, BoardScore.score).where(on_board(key), some)
            found += [(row.score, row.user_id) for row in self._rows(rows)]
        return ranked((user_id, score) for score, user_id in sorted(found, reverse=True))

    def count(self, key: Key) -> int:
        """How many are on the board."""
        return int(self._rows(select(_count(key)))[0][0])

    def _score(self, key: Key, user_id: int) -> int | None:
        wanted = select(BoardScore.score).where(on_board(key), BoardScore.user_id == user_id)
        return self._session.connection().execute(wanted).scalar()

    def _rows(self, statement: Executable) -> list[Row[Any]]:
        return list(self._session.connection().execute(statement))


def _pair(row: Row[Any]) -> tuple[int, int]:
    return row.user_id, row.score


def _in_order(key: Key, *more: ColumnElement[Any], backwards: bool = False) -> Select[Any]:
    wanted = select(BoardScore.user_id, BoardScore.score, *more).where(on_board(key))
    order = (BoardScore.score, BoardScore.user_id)
    return wanted.order_by(*(column if backwards else column.desc() for column in order))


def _is_behind(place: After) -> ColumnElement[bool]:
    """SQL: lower than a place. The first condition is what an index range is made of."""
    score, user_id = place
    lower = or_(BoardScore.score < score, BoardScore.user_id < user_id)
    return and_(BoardScore.score <= score, lower)


def _is_before(place: After) -> ColumnElement[bool]:
    score, user_id = place
    higher = or_(BoardScore.score > score, BoardScore.user_id > user_id)
    return and_(BoardScore.score >= score, higher)


def _count(key: Key, *conditions: ColumnElement[bool]) -> Count[int]:
    return select(func.count()).where(on_board(key), *conditions).correlate(None).scalar_subquery()


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    """Rows of either; each in parentheses of its own, for its order and limit."""
    halves = [select(half.subquery()) for half in (one, other)]
    both = halves[0].union_all(halves[1]).subquery("both_sides")
    return select(both.c.user_id, both.c.score)
