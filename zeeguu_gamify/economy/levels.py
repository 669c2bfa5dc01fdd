"""Levels: with how many EXP each begins, and what reaching it is worth, as data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.events import MAX_INT, whole_number


@dataclass(frozen=True, slots=True)
class Levels:
    """With how many EXP the levels begin, from level 1 on, which begins with none.

    reward: level → the coins that reaching it gives, once.

    `Levels((0, 100, 250))` is a table; `Levels.by(formula)` makes one.
    """

    begins: Sequence[int]
    reward: Callable[[int], int] = lambda _level: 0

    @classmethod
    def by(
        cls,
        formula: Callable[[int], int],
        *,
        most: int = 100,
        reward: Callable[[int], int] = lambda _level: 0,
    ) -> Levels:
        """Levels 1 to `most`, of which each begins with as many EXP as the formula says of it.

        Those that nobody can reach, because the database holds no such number, are left out.
        """
        begins = map(formula, range(1, most + 1))
        return cls(tuple(exp for exp in begins if exp <= MAX_INT), reward)

    def check(self) -> None:
        """Raise unless level 1 begins with 0, each later one higher, and rewards fit.

        ConfigError, or BadInput for what is no whole number.
        """
        for level, begins in enumerate(self.begins, start=1):
            whole_number(f"begin of level {level}", begins, at_least=0)
        if not self.begins or self.begins[0] != 0:
            raise ConfigError("Level 1 must begin with 0 EXP.")
        if any(higher <= lower for lower, higher in pairwise(self.begins)):
            raise ConfigError("Each level must begin with more EXP than the one before.")
        self.coins(range(1, self.highest + 1))

    @property
    def highest(self) -> int:
        """The last level there is."""
        return len(self.begins)

    def of(self, exp: int) -> int:
        """The level of somebody with so many EXP."""
        return max(bisect_right(self.begins, exp), 1)

    def next_at(self, exp: int) -> int | None:
        """With how many EXP the next level begins; None on the highest."""
        level = self.of(exp)
        return self.begins[level] if level < self.highest else None

    def coins(self, levels: Iterable[int]) -> int:
        """What reaching these levels gives; raises BadInput for a reward that is none."""
        return sum(
            whole_number(f"reward of level {level}", self.reward(level), at_least=0)
            for level in levels
        )


#: Level 2 begins with 100 EXP, 3 with 300, 4 with 600.
DEFAULT_LEVELS = Levels.by(lambda level: 50 * level * (level - 1))
