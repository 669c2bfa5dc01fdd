"""What can be asked of a board, whoever answers: SQL or its copy in Redis.

Entries stand by score, the highest first, and among equals by user id, the highest first: that
is one index read backwards, in SQL as in Redis. Equals share a rank: 1, 2, 2, 4. Only users who
are listed are on a board: not those who opted out, not anonymous ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from zeeguu_gamify.models.board_score import Period


@dataclass(frozen=True, slots=True)
class Key:
    """One list of scores: a board in one period, of one language or of all."""

    board: str
    period: Period
    starts: date  #: the first local date that counts
    language_id: int = 0  #: 0: whatever the language


@dataclass(frozen=True, slots=True)
class Entry:
    """A user's place on a board."""

    rank: int
    user_id: int
    score: int


#: Where a page goes on: the score and user id of the last entry seen.
After = tuple[int, int]


class Ranking(Protocol):
    """Answers questions about boards. Every answer takes a constant number of round trips."""

    def top(self, key: Key, limit: int) -> list[Entry]:
        """The first `limit` entries."""

    def page(self, key: Key, after: After | None, limit: int) -> list[Entry]:
        """The first `limit` entries behind (score, user id), who need not be there any more."""

    def around(self, key: Key, user_id: int, each_side: int) -> list[Entry]:
        """The user's entry with up to `each_side` above and below; nothing for who has none."""

    def rank(self, key: Key, user_id: int) -> Entry | None:
        """The user's entry; None for who has none."""

    def ranks(self, key: Key, user_ids: Collection[int]) -> list[Entry]:
        """The entries of those among `user_ids` who have one, ranked among themselves."""

    def count(self, key: Key) -> int:
        """How many are on the board."""


def ranked(scores: Iterable[tuple[int, int]], *, above: int = 0, higher: int = 0) -> list[Entry]:
    """Entries of (user id, score) that stand in order, one after the other.

    above: how many stand before the first of them; higher: how many of those have a higher score.
    """
    entries: list[Entry] = []
    rank = higher + 1
    for place, (user_id, score) in enumerate(scores, start=above + 1):
        if entries and entries[-1].score != score:
            rank = place
        entries.append(Entry(rank, user_id, score))
    return entries
