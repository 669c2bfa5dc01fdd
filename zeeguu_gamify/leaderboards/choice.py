"""Which ranking answers what: the one place where that is decided.

Measured with a million members (docs/benchmarks.md): the top of a board takes SQL half a
millisecond, and so do the scores of a few users; Redis would save half of that, at the price of
being asked. A rank is another matter: SQL counts all who are higher, which takes it half a second
in the middle of the board, and Redis does not. So Redis answers what has to know a deep rank, if
it has a whole copy and is not behind; else SQL does, whatever it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.redis_link import RedisAway
from zeeguu_gamify.leaderboards.ranking import After, Entry, Key, Ranking
from zeeguu_gamify.leaderboards.ranking_redis import NoCopy, RedisRanking
from zeeguu_gamify.leaderboards.ranking_sql import SqlRanking
from zeeguu_gamify.mount import Mount

Answer = TypeVar("Answer")


class BestRanking:
    """`Ranking` by whichever is quicker; never fails for the sake of Redis."""

    def __init__(self, session: Session, mount: Mount) -> None:
        """`session` is read through; the mount was refreshed."""
        self._sql: Ranking = SqlRanking(session)
        self._redis: Ranking | None = None
        if mount.redis is not None and not mount.live.boards_behind:
            self._redis = RedisRanking(mount.redis)

    def top(self, key: Key, limit: int) -> list[Entry]:
        """The first `limit` entries."""
        return self._sql.top(key, limit)

    def page(self, key: Key, after: After | None, limit: int) -> list[Entry]:
        """The first `limit` entries behind (score, user id)."""
        if after is None:
            return self.top(key, limit)
        return self._deep(lambda ranking: ranking.page(key, after, limit))

    def around(self, key: Key, user_id: int, each_side: int) -> list[Entry]:
        """The user's entry with up to `each_side` above and below."""
        return self._deep(lambda ranking: ranking.around(key, user_id, each_side))

    def rank(self, key: Key, user_id: int) -> Entry | None:
        """The user's entry."""
        return self._deep(lambda ranking: ranking.rank(key, user_id))

    def ranks(self, key: Key, user_ids: Collection[int]) -> list[Entry]:
        """The entries of those among `user_ids` who have one, ranked among themselves."""
        return self._sql.ranks(key, user_ids)

    def count(self, key: Key) -> int:
        """How many are on the board."""
        return self._deep(lambda ranking: ranking.count(key))

    def _deep(self, ask: Callable[[Ranking], Answer]) -> Answer:
        if self._redis is not None:
            try:
                return ask(self._redis)
            except (RedisAway, NoCopy):
                pass
        return ask(self._sql)
