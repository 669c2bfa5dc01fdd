"""The catalog: badges as data, indexed by what asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from zeeguu_gamify.badges import checks
from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.errors import ConfigError, UnknownBadge
from zeeguu_gamify.events import EventType, Metric
from zeeguu_gamify.models import Mechanism

#: Older names of metrics, still accepted (docs/contract.md §4.11).
METRIC_ALIASES = {"STREAK_COUNT": "STREAK_DAYS", "NUMBER_OF_FRIENDS": "FRIENDS"}

#: A badge with its family.
Item = tuple[FamilyDefinition, BadgeDefinition]


class Catalog:
    """All families of one app, indexed; refuses nothing by itself: call `check`."""

    def __init__(self, families: Iterable[FamilyDefinition]) -> None:
        """Take the families in the order in which pages show them."""
        self.families = tuple(families)

    @property
    def badges(self) -> Iterator[Item]:
        """Every badge with its family, in order."""
        return ((family, badge) for family in self.families for badge in family.badges)

    @cached_property
    def by_metric(self) -> dict[str, FamilyDefinition]:
        """The families by their metric."""
        return {family.metric: family for family in self.families}

    @cached_property
    def by_code(self) -> dict[str, BadgeDefinition]:
        """The badges by their code."""
        return {badge.code: badge for _, badge in self.badges}

    @cached_property
    def one_offs(self) -> dict[str, list[Item]]:
        """Event name → the badges for having done it once."""
        return _by_trigger(
            (family, badge)
            for family, badge in self.badges
            if family.mechanism is Mechanism.ONE_TIME and not badge.is_composite
        )

    @cached_property
    def repeatables(self) -> dict[str, list[Item]]:
        """Event name → the badges for having done it in a new context."""
        return _by_trigger(item for item in self.badges if item[1].is_repeatable)

    def trigger_index(self, events: Mapping[str, EventType]) -> dict[str, list[BadgeDefinition]]:
        """Event name → the badges that such an event can bring about, directly or by its metric."""
        index: dict[str, list[BadgeDefinition]] = {}
        for _, badge in self.badges:
            for name in self.triggers_of(badge, events):
                index.setdefault(name, []).append(badge)
        return index

    def triggers_of(self, badge: BadgeDefinition, events: Mapping[str, EventType]) -> list[str]:
        """The events that `badge` listens to; a composite, to what moves the metrics it tests."""
        names = dict.fromkeys(badge.triggers)
        if badge.test is None:
            return list(names)
        if badge.is_composite:
            names |= dict.fromkeys(badge.watched_events())
            for metric in sorted(badge.test.metrics):
                names |= dict.fromkeys(self._movers(metric, events))
        elif Metric.EXP in badge.test.metrics:
            names |= dict.fromkeys(_moving(Metric.EXP, events))
        return list(names)

    def _movers(self, metric: str, events: Mapping[str, EventType]) -> Iterator[str]:
        yield from _moving(metric, events)
        family = self.by_metric.get(metric)
        for badge in family.badges if family else ():
            yield from self.triggers_of(badge, events)

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

    def check(self, events: Mapping[str, EventType], fields: Iterable[str] = ()) -> None:
        """Raise ConfigError with all that is wrong, each naming the badge and the fix.

        `fields` are the snapshot fields that the host provides.
        """
        if problems := list(checks.faults(self.families, events, fields)):
            raise ConfigError("The badge catalog is not sound:\n  " + "\n  ".join(problems))

    def triggers(self, events: Mapping[str, EventType]) -> Counter[str]:
        """How many badges listen to each event."""
        index = self.trigger_index(events)
        return Counter({name: len(badges) for name, badges in index.items()})


def _moving(metric: str, events: Mapping[str, EventType]) -> Iterator[str]:
    return (event.name for event in events.values() if metric in event.metrics)


def _by_trigger(items: Iterable[Item]) -> dict[str, list[Item]]:
    index: dict[str, list[Item]] = {}
    for family, badge in items:
        for trigger in badge.triggers:
            index.setdefault(trigger, []).append((family, badge))
    return index
