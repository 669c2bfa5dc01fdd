"""The steps of a timeline: badges that would be granted, and EXP that would be earned or lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from zeeguu_gamify.badges.rules import Condition
from zeeguu_gamify.badges.simulate.earned import in_words


@dataclass(frozen=True, slots=True)
class Step:
    """One of them."""

    at: datetime  #: UTC
    user_id: int
    event: str | None  #: None: the facts alone bring it
    badge: str | None  #: None: it is about EXP
    context: str
    conditions: tuple[Condition, ...]
    exp: int = 0
    exp_sum: int | None = None  #: how many EXP the user has then
    level: int | None = None  #: if it is reached for the first time

    @property
    def reason(self) -> str:
        """What the test asked for and found; of EXP, what they come to."""
        if self.badge is not None:
            return in_words(self.conditions)
        return f"EXP is {self.exp_sum}" + (f", level {self.level}" if self.level else "")


def summed(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps with EXP of one event added up, from one badge to the next."""
    waiting: dict[str | None, Step] = {}
    for step in steps:
        if step.badge is None:
            before = waiting.pop(step.event, step)
            more = before.exp if before is not step else 0
            waiting[step.event] = replace(
                step, exp=step.exp + more, level=step.level or before.level
            )
            continue
        yield from waiting.values()
        waiting.clear()
        yield step
    yield from waiting.values()
