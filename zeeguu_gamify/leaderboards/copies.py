"""Writing the copies of boards in Redis: a score at a time, or a whole board anew.

Whoever writes a score holds the lock of its row in SQL, so that scores of a user arrive in the
order in which they were made. A new copy is made beside the old one, which goes on being read and
written; every score that changes meanwhile goes to both, and in the end one takes the place of the
other at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from zeeguu_gamify.delivery.redis_link import RedisLink
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.leaderboards import periods
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.sorted_sets import WHOLE, member, new_set_of, set_of
from zeeguu_gamify.models.board_score import Period

if TYPE_CHECKING:
    from redis import Redis

#: So long after its last date a board's copy is kept; then SQL alone answers.
KEPT = timedelta(days=8)
#: A copy that nobody goes on making is forgotten after so many seconds.
ABANDONED = 3600

#: User id → score; none of 0 or less is on a board.
Scores = Mapping[int, int]


class Superseded(GamifyError):
    """Somebody else has begun to make the same copy anew."""

    status = 503


_PUT = """
local function put(set, first)
  for i = first, #ARGV, 2 do
    if tonumber(ARGV[i + 1]) > 0 then
      redis.call('ZADD', set, ARGV[i + 1], ARGV[i])
    else
      redis.call('ZREM', set, ARGV[i])
    end
  end
end
"""

_WRITE = (
    _PUT
    + """
for _, set in ipairs(KEYS) do
  if redis.call('EXISTS', set) == 1 then put(set, 1) end
end
"""
)

_BEGIN = """
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], '-inf', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

_FILL = (
    _PUT
    + """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
put(KEYS[1], 3)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
)

_FINISH = f"""
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], '-inf', '{WHOLE}')
redis.call('PERSIST', KEYS[1])
if ARGV[2] ~= '' then redis.call('EXPIREAT', KEYS[1], ARGV[2]) end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
"""

_SCORES = f"""
if not redis.call('ZSCORE', KEYS[1], '{WHOLE}') then return false end
local found = {{}}
for i, member in ipairs(ARGV) do found[i] = redis.call('ZSCORE', KEYS[1], member) end
return found
"""


class Copies:
    """The copies in one Redis; every method raises RedisAway."""

    def __init__(self, link: RedisLink) -> None:
        """`link` is the mount's."""
        self._link = link

    def write(self, changes: Mapping[Key, Scores]) -> None:
        """Let these users have these scores, where there is a copy or one is being made."""

        def work(redis: Redis) -> None:
            script, pipeline = redis.register_script(_WRITE), redis.pipeline(transaction=False)
            for key, scores in changes.items():
                script([set_of(key), new_set_of(key)], _flat(scores), client=pipeline)
            pipeline.execute()

        self._link.do(work)

    def are_whole(self, keys: Sequence[Key]) -> list[bool]:
        """For each of the keys, whether there is a whole copy."""

        def work(redis: Redis) -> list[bool]:
            pipeline = redis.pipeline(transaction=False)
            for key in keys:
                pipeline.zscore(set_of(key), WHOLE)
            return [score is not None for score in pipeline.execute()]

        return self._link.do(work)

    def scores(self, key: Key, user_ids: Sequence[int]) -> dict[int, int] | None:
        """What the copy says of these users; 0 for who is not there. None without a whole copy."""
        found = self._run(_SCORES, [set_of(key)], map(member, user_ids))
        if found is None:
            return None
        return {
            user_id: int(float(score or 0)) for user_id, score in zip(user_ids, found, strict=True)
        }

    def size(self, key: Key) -> int:
        """How many are in the copy."""
        return int(self._link.do(lambda redis: redis.zcard(set_of(key)))) - 1

    def some_members(self, key: Key, cursor: int) -> tuple[int, list[str]]:
        """Some members of a copy, and where to go on: at 0 when that was all."""

        def work(redis: Redis) -> Any:
            return redis.zscan(set_of(key), cursor, count=1000)

        following, found = self._link.do(work)
        return following, [name for name, _score in found if name != WHOLE]

    def take_out(self, key: Key, members: Sequence[str]) -> None:
        """Take out what is no user of the board."""
        self._link.do(lambda redis: redis.zrem(set_of(key), *members))

    def drop(self, keys: Sequence[Key]) -> int:
        """Do without these copies; how many there were."""

        def work(redis: Redis) -> int:
            pipeline = redis.pipeline(transaction=False)
            for key in keys:
                pipeline.unlink(set_of(key))
            return sum(pipeline.execute())

        return self._link.do(work)

    def memory_used(self) -> float:
        """Which part of the memory that Redis may take is taken; 0 without a limit."""
        found: Any = self._link.do(lambda redis: redis.info("memory"))
        return found["used_memory"] / found["maxmemory"] if found["maxmemory"] else 0.0

    def _run(self, script: str, keys: list[str], arguments: Iterable[str | int]) -> Any:
        return self._link.do(lambda redis: redis.register_script(script)(keys, list(arguments)))


class NewCopy:
    """A copy in the making. Begin, fill, finish; each may be done again."""

    def __init__(self, link: RedisLink, key: Key) -> None:
        """Nothing is begun yet."""
        self._link, self._key = link, key
        self._token = f"{WHOLE}{secrets.token_hex(8)}"

    def begin(self) -> None:
        """From now on, scores that change are written to this copy too."""
        self._run(_BEGIN, [new_set_of(self._key)], self._token, ABANDONED)

    def fill(self, scores: Scores) -> None:
        """Put scores in, whose rows the caller holds; raises Superseded."""
        arguments = (self._token, ABANDONED, *_flat(scores))
        if not self._run(_FILL, [new_set_of(self._key)], *arguments):
            raise Superseded

    def finish(self) -> None:
        """Take the place of the old copy; raises Superseded."""
        names = [new_set_of(self._key), set_of(self._key)]
        if not self._run(_FINISH, names, self._token, expires(self._key)):
            raise Superseded

    def _run(self, script: str, keys: list[str], *arguments: str | int) -> Any:
        return self._link.do(lambda redis: redis.register_script(script)(keys, arguments))


def expires(key: Key) -> int | str:
    """When Redis forgets a copy, in Unix time; empty for never."""
    if key.period is Period.ALL:
        return ""
    last = datetime.combine(periods.ends(key.period, key.starts), time.max, UTC)
    return int((last + KEPT).timestamp())


def _flat(scores: Scores) -> list[str | int]:
    return [item for user_id, score in scores.items() for item in (member(user_id), score)]
