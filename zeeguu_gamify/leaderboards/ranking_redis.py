"""The ranking that Redis answers, from copies of the boards in sorted sets.

A copy that is whole has a mark among its members, below all scores. Whatever takes the copy away,
be it a flush, an eviction or its expiry, takes the mark with it; so a lost copy is never taken for
an empty board. Every question is one script: one round trip, and one state of the board.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from zeeguu_gamify.delivery.redis_link import RedisLink
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.leaderboards.ranking import After, Entry, Key, ranked
from zeeguu_gamify.leaderboards.sorted_sets import WHOLE, member, set_of

if TYPE_CHECKING:
    from redis import Redis


class NoCopy(GamifyError):
    """Redis has no whole copy of this board."""

    status = 503


_BEGIN = f"""
local board = KEYS[1]
if not redis.call('ZSCORE', board, '{WHOLE}') then return false end
local size = redis.call('ZCARD', board) - 1
local function slice(first, last)
  last = math.min(last, size - 1)
  if first > last then return {{first, 0, {{}}}} end
  local found = redis.call('ZREVRANGE', board, first, last, 'WITHSCORES')
  return {{first, redis.call('ZCOUNT', board, '(' .. found[2], '+inf'), found}}
end
"""

_TOP = _BEGIN + "return slice(0, ARGV[1] - 1)"

#: The place that the cursor's member has, or would have: found by halves among its equals.
_PAGE = (
    _BEGIN
    + """
local score, member = ARGV[1], ARGV[2]
local low = redis.call('ZCOUNT', board, '(' .. score, '+inf')
local high = redis.call('ZCOUNT', board, score, '+inf')
while low < high do
  local middle = math.floor((low + high) / 2)
  if redis.call('ZREVRANGE', board, middle, middle)[1] >= member then
    low = middle + 1
  else
    high = middle
  end
end
return slice(low, low + ARGV[3] - 1)
"""
)

_AROUND = (
    _BEGIN
    + """
local place = redis.call('ZREVRANK', board, ARGV[1])
if not place then return {0, 0, {}} end
return slice(math.max(0, place - ARGV[2]), place + ARGV[2])
"""
)

_SCORES = (
    _BEGIN
    + """
local found = {}
for i, member in ipairs(ARGV) do found[i] = redis.call('ZSCORE', board, member) end
return found
"""
)

_COUNT = _BEGIN + "return size"


class RedisRanking:
    """`Ranking` by one round trip per question; raises RedisAway and NoCopy."""

    def __init__(self, link: RedisLink) -> None:
        """`link` is the mount's."""
        self._link = link

    def top(self, key: Key, limit: int) -> list[Entry]:
        """The first `limit` entries."""
        return _entries(self._ask(_TOP, key, limit))

    def page(self, key: Key, after: After | None, limit: int) -> list[Entry]:
        """The first `limit` entries behind (score, user id), who need not be there any more."""
        if after is None:
            return self.top(key, limit)
        score, user_id = after
        return _entries(self._ask(_PAGE, key, score, member(user_id), limit))

    def around(self, key: Key, user_id: int, each_side: int) -> list[Entry]:
        """The user's entry with up to `each_side` above and below."""
        return _entries(self._ask(_AROUND, key, member(user_id), each_side))

    def rank(self, key: Key, user_id: int) -> Entry | None:
        """The user's entry."""
        return next(iter(self.around(key, user_id, 0)), None)

    def ranks(self, key: Key, user_ids: Collection[int]) -> list[Entry]:
        """The entries of those among `user_ids` who have one, ranked among themselves."""
        wanted = sorted(set(user_ids))
        scores = self._ask(_SCORES, key, *map(member, wanted))
        found = [
            (int(score), user_id)
            for user_id, score in zip(wanted, scores, strict=True)
            if score is not None
        ]
        return ranked((user_id, score) for score, user_id in sorted(found, reverse=True))

    def count(self, key: Key) -> int:
        """How many are on the board."""
        return int(self._ask(_COUNT, key))

    def _ask(self, script: str, key: Key, *arguments: str | int) -> Any:
        def ask(redis: Redis) -> Any:
            return redis.register_script(script)([set_of(key)], arguments)

        answer = self._link.do(ask)
        if answer is None:
            raise NoCopy
        return answer


def _entries(answer: tuple[int, int, list[str]]) -> list[Entry]:
    above, higher, flat = answer
    members, scores = flat[::2], flat[1::2]
    pairs = zip(map(int, members), map(int, scores), strict=True)
    return ranked(pairs, above=above, higher=higher)
