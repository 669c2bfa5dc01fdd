"""A daily goal as data, and the checks that a bad one does not pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from zeeguu_gamify.codes import RULE, is_code
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.events import GOAL_COMPLETED, MAX_INT, EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyGoal:
    """`count` of `event` within a date of the user's own calendar.

    Reaching it is the event `goal.completed`, once per date, to which badges may listen; and `exp`
    of it, if any, are told as `exp.gained`.
    """

    code: str
    name: str
    description: str
    event: str
    count: int
    exp: int = 0


def check_goals(goals: Iterable[DailyGoal], events: Mapping[str, EventType]) -> None:
    """Raise ConfigError with all that is wrong, each naming the goal and the fix."""
    given = tuple(goals)
    codes = Counter(goal.code.lower() for goal in given)
    problems = [
        f"{code}: two goals have this code; rename one" for code, n in codes.items() if n > 1
    ]
    for goal in given:
        problems += _faults(goal, events)
    if problems:
        raise ConfigError("The daily goals are not sound:\n  " + "\n  ".join(problems))


def _faults(goal: DailyGoal, events: Mapping[str, EventType]) -> Iterator[str]:
    if not is_code(goal.code):
        yield f"{goal.code!r}: a code has {RULE}"
    if goal.event not in events:
        close = get_close_matches(goal.event, events, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "; add it there"
        yield f"{goal.code}: {goal.event!r} is not in the event dictionary{hint}"
    if goal.event == GOAL_COMPLETED and goal.count <= 1:
        yield f"{goal.code}: would reach itself; count more than one goal"
    for name, number, least in (("count", goal.count, 1), ("exp", goal.exp, 0)):
        if type(number) is not int or not least <= number <= MAX_INT:
            yield f"{goal.code}: {name} must be a whole number of at least {least}, not {number!r}"


def by_event(goals: Iterable[DailyGoal]) -> dict[str, list[DailyGoal]]:
    """Event → the goals that count it."""
    index: dict[str, list[DailyGoal]] = {}
    for goal in goals:
        index.setdefault(goal.event, []).append(goal)
    return index
