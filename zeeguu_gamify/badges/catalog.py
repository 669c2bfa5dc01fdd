"""The catalog: badges as data, and the checks that a bad one does not pass."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from zeeguu_gamify.errors import ConfigError, UnknownBadge
from zeeguu_gamify.models import Mechanism

if TYPE_CHECKING:
    from zeeguu_gamify.events import Event, EventType

_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")

#: Older names of metrics, still accepted (docs/contract.md §4.11).
METRIC_ALIASES = {"STREAK_COUNT": "STREAK_DAYS", "NUMBER_OF_FRIENDS": "FRIENDS"}

#: What an event must satisfy to count for a one-off badge.
Condition = Callable[["Event"], bool]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The test of a badge: passed once `metric` has reached `threshold`."""

    metric: str
    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeDefinition:
    """One level of a family. Generators make these; nobody writes them by hand."""

    code: str
    level: int
    name: str
    achieved_description: str
    unachieved_description: str
    icon_name: str | None
    triggers: tuple[str, ...]  #: names of the events it listens to
    test: AtLeast | None
    color: str | None = None
    sort_score: int = 0
    hidden: bool = False
    deprecated: bool = False
    when: Condition | None = None  #: one-offs only: which of the trigger's events count
    is_prize: bool = False  #: given when a season closes, by no event

    @property
    def threshold(self) -> int:
        """The value at which it is granted."""
        return self.test.threshold if self.test else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDefinition:
    """The badges that share a metric; a one-off is a family of one."""

    metric: str
    name: str
    mechanism: Mechanism
    badges: tuple[BadgeDefinition, ...]


class Catalog:
    """All families of one app, indexed; refuses nothing by itself: call `check`."""

    def __init__(self, families: Iterable[FamilyDefinition]) -> None:
        """Take the families in the order in which pages show them."""
        self.families = tuple(families)

    @property
    def badges(self) -> Iterator[tuple[FamilyDefinition, BadgeDefinition]]:
        """Every badge with its family, in order."""
        return ((family, badge) for family in self.families for badge in family.badges)

    @cached_property
    def by_metric(self) -> dict[str, FamilyDefinition]:
        """The families by their metric."""
        return {family.metric: family for family in self.families}

    @cached_property
    def one_offs(self) -> dict[str, list[tuple[str, Condition | None]]]:
        """Event name → (metric, condition) of the one-off badges that it triggers."""
        index: dict[str, list[tuple[str, Condition | None]]] = {}
        for family, badge in self.badges:
            if family.mechanism is Mechanism.ONE_TIME:
                for trigger in badge.triggers:
                    index.setdefault(trigger, []).append((family.metric, badge.when))
        return index

    def triggers(self) -> Counter[str]:
        """How many badges listen to each event."""
        return Counter(trigger for _, badge in self.badges for trigger in badge.triggers)

    def metric_of(self, name: str) -> str:
        """The metric called `name`: a metric, an older name of one, or the code of a badge.

        Raises UnknownBadge, with the nearest name there is.
        """
        metric = METRIC_ALIASES.get(name, name)
        if metric in self.by_metric:
            return metric
        codes = {badge.code: family.metric for family, badge in self.badges}
        if name in codes:
            return codes[name]
        raise UnknownBadge(name, [*self.by_metric, *codes])

    def check(self, events: Mapping[str, EventType]) -> None:
        """Raise ConfigError with all that is wrong, each naming the badge and the fix."""
        if problems := [*self._doubles(), *self._faults(events)]:
            raise ConfigError("The badge catalog is not sound:\n  " + "\n  ".join(problems))

    def _doubles(self) -> Iterator[str]:
        codes = Counter(badge.code.lower() for _, badge in self.badges)
        yield from (f"{code}: two badges have this code; rename one" for code in _many(codes))
        metrics = Counter(family.metric.upper() for family in self.families)
        yield from (f"{metric}: two families count this; merge them" for metric in _many(metrics))

    def _faults(self, events: Mapping[str, EventType]) -> Iterator[str]:
        for family in self.families:
            if not family.badges:
                yield f"{family.metric}: the family has no badge; give it a level or drop it"
            thresholds = [badge.threshold for badge in family.badges]
            if any(low >= high for low, high in pairwise(thresholds)):
                yield f"{family.metric}: the ladder does not rise: {thresholds}; sort its levels"
            if family.mechanism is Mechanism.ONE_TIME and thresholds != [1]:
                yield f"{family.metric}: what is done ONE_TIME has one badge, at 1: {thresholds}"
            for badge in family.badges:
                yield from _badge_faults(family, badge, events)


def _badge_faults(
    family: FamilyDefinition, badge: BadgeDefinition, events: Mapping[str, EventType]
) -> Iterator[str]:
    if not _CODE.fullmatch(badge.code):
        yield f"{badge.code!r}: a code has 1 to 60 letters, digits and underscores"
    if not (badge.triggers or badge.is_prize):
        yield f"{badge.code}: no trigger, so it can never be granted; name an event"
    for trigger in badge.triggers:
        if trigger not in events:
            yield f"{badge.code}: trigger {trigger!r} is not in the event dictionary; add it there"
        elif family.mechanism is not Mechanism.ONE_TIME:
            yield from _trigger_faults(family, badge, events[trigger])
    if badge.test is None:
        yield f"{badge.code}: no test, so nothing says when it is granted; give it one"
    elif badge.test.metric != family.metric:
        yield f"{badge.code}: tests {badge.test.metric}, but its family counts {family.metric}"
    elif badge.test.threshold < 1:
        yield f"{badge.code}: the threshold must be at least 1, not {badge.test.threshold}"


def _trigger_faults(
    family: FamilyDefinition, badge: BadgeDefinition, trigger: EventType
) -> Iterator[str]:
    if trigger.metric != family.metric:
        yield (
            f"{badge.code}: trigger {trigger.name!r} moves {trigger.metric or 'nothing'}, "
            f"so it can never be granted; let the event move {family.metric}"
        )
    elif trigger.moves is not family.mechanism:
        yield (
            f"{badge.code}: trigger {trigger.name!r} moves its metric as a {trigger.moves.value}, "
            f"but the family is a {family.mechanism.value}; make them agree"
        )


def _many(counts: Counter[str]) -> list[str]:
    return [name for name, count in counts.items() if count > 1]
