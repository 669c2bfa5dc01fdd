"""What is wrong with a catalog: each fault in words that name the badge and the fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise

from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.badges.rules import (
    DATES,
    AtLeast,
    BadgeTest,
    Before,
    Below,
    EventWas,
    LocalHours,
)
from zeeguu_gamify.badges.trees import Not, branches, leaves
from zeeguu_gamify.codes import RULE, is_code
from zeeguu_gamify.events import MAX_INT, EventType, Metric
from zeeguu_gamify.models import Mechanism

Families = tuple[FamilyDefinition, ...]
Events = Mapping[str, EventType]

#: What thresholds and limits are, as their columns hold it.
_NUMBER = f"must be a whole number from 1 to {MAX_INT}"


def faults(families: Families, events: Events, fields: Iterable[str] = ()) -> Iterator[str]:
    """All that is wrong; `fields` are the snapshot fields of the host."""
    provided = frozenset(fields)
    yield from _doubles(families, provided)
    for family in families:
        yield from _family_faults(family)
        for badge in family.badges:
            yield from _badge_faults(family, badge)
            yield from _limit_faults(badge)
            if badge.test is not None and badge.is_composite:
                yield from _composite_faults(badge.code, badge.test, families, events, provided)
                yield from _watch_faults(badge, badge.test, provided)
            yield from _listening_faults(family, badge, events)
    yield from _circles(families)


def _doubles(families: Families, provided: frozenset[str]) -> Iterator[str]:
    codes = Counter(badge.code.lower() for family in families for badge in family.badges)
    yield from (f"{code}: two badges have this code; rename one" for code in _many(codes))
    metrics = Counter(family.metric.upper() for family in families)
    yield from (f"{metric}: two families count this; merge them" for metric in _many(metrics))
    for name in sorted(provided.intersection(DATES | {family.metric for family in families})):
        yield f"{name}: the host's snapshot field is also one of ours; rename it"


def _family_faults(family: FamilyDefinition) -> Iterator[str]:
    if not family.badges:
        yield f"{family.metric}: the family has no badge; give it a level or drop it"
    thresholds = [badge.threshold for badge in family.badges]
    if all(map(_is_number, thresholds)) and any(low >= high for low, high in pairwise(thresholds)):
        yield f"{family.metric}: the ladder does not rise: {thresholds}; sort its levels"
    if family.mechanism is Mechanism.ONE_TIME and thresholds != [1]:
        yield (
            f"{family.metric}: what is done ONE_TIME has one badge, at 1, not {thresholds}; "
            "make it a ladder"
        )
    if family.metric == Metric.EXP and family.mechanism is not Mechanism.GAUGE:
        yield "EXP: they rise and fall; make the family a GAUGE"


def _badge_faults(family: FamilyDefinition, badge: BadgeDefinition) -> Iterator[str]:
    if not is_code(badge.code):
        yield f"{badge.code!r}: a code has {RULE}"
    has_triggers = badge.triggers or family.metric == Metric.EXP
    if not (has_triggers or badge.is_composite or badge.is_prize):
        yield f"{badge.code}: no trigger, so it can never be granted; name an event"
    if badge.test is None:
        yield f"{badge.code}: no test, so nothing says when it is granted; give it one"
    elif badge.is_composite and family.mechanism is not Mechanism.ONE_TIME:
        yield f"{badge.code}: tests {badge.test.in_words()}; make it with `composite`"
    elif isinstance(badge.test, AtLeast) and badge.test.metric != family.metric:
        yield (
            f"{badge.code}: tests {badge.test.metric}, but its family counts {family.metric}; "
            "make them agree"
        )
    elif isinstance(badge.test, AtLeast) and not _is_number(badge.test.threshold):
        yield f"{badge.code}: the threshold {_NUMBER}, not {badge.test.threshold!r}"


def _limit_faults(badge: BadgeDefinition) -> Iterator[str]:
    if badge.starts_at and badge.ends_at and badge.ends_at <= badge.starts_at:
        yield (
            f"{badge.code}: ends at {badge.ends_at}, before it begins at {badge.starts_at}; "
            "swap them"
        )
    if badge.max_holders is not None and not _is_number(badge.max_holders):
        yield f"{badge.code}: max_holders {_NUMBER}, not {badge.max_holders!r}; or None"


def _listening_faults(
    family: FamilyDefinition, badge: BadgeDefinition, events: Events
) -> Iterator[str]:
    for trigger in badge.triggers:
        if trigger not in events:
            yield (
                f"{badge.code}: trigger {trigger!r} is not in the event dictionary; add it there"
                + _hint(trigger, events)
            )
        elif family.mechanism is not Mechanism.ONE_TIME and not badge.is_repeatable:
            yield from _trigger_faults(family, badge, events[trigger])
    for was in badge.when:
        if was.name not in badge.triggers:
            yield f"{badge.code}: asks of {was.name!r}, to which it does not listen; add a trigger"
    if badge.is_repeatable and family.metric != f"ONE:{badge.code}":
        yield f"{badge.code}: a level of a ladder cannot repeat; make it a one-off"


def _trigger_faults(
    family: FamilyDefinition, badge: BadgeDefinition, trigger: EventType
) -> Iterator[str]:
    if family.metric == Metric.EXP:
        yield f"{badge.code}: whatever moves EXP is its trigger; leave {trigger.name!r} out"
    elif trigger.metric != family.metric:
        yield (
            f"{badge.code}: trigger {trigger.name!r} moves {trigger.metric or 'nothing'}, "
            f"so it can never be granted; let the event move {family.metric}"
        )
    elif trigger.moves is not family.mechanism:
        yield (
            f"{badge.code}: trigger {trigger.name!r} moves its metric as a {trigger.moves.value}, "
            f"but the family is a {family.mechanism.value}; make them agree"
        )


def _composite_faults(
    code: str, test: BadgeTest, families: Families, events: Events, provided: frozenset[str]
) -> Iterator[str]:
    for branch in branches(test):
        if not branch.tests:
            yield f"{code}: {type(branch).__name__}() holds no test; give it one or drop it"
        if isinstance(branch, Not) and any(isinstance(it, EventWas) for it in leaves(branch)):
            yield f"{code}: Not(EventWas(…)) cannot be told afterwards; ask for a metric instead"
    counted = {family.metric for family in families if not _is_prize(family)} | provided
    counted.add(Metric.EXP)  # the profile has them
    moved = {event.metric for event in events.values() if event.metric}
    for leaf in leaves(test):
        yield from _leaf_faults(code, leaf, events)
        for name in leaf.metrics - counted - DATES:
            if name in moved:
                yield f"{code}: tests {name}, which no family counts; add a ladder of it"
            else:
                yield (
                    f"{code}: tests {name!r}, which no event moves and no host provides; "
                    "add it to snapshot_fields" + _hint(name, counted | DATES)
                )


def _is_prize(family: FamilyDefinition) -> bool:
    """Whether no event moves its metric."""
    return any(badge.is_prize for badge in family.badges)


def _leaf_faults(code: str, leaf: BadgeTest, events: Events) -> Iterator[str]:
    if isinstance(leaf, AtLeast | Below):
        if leaf.metric in DATES:
            yield f"{code}: {leaf.metric} is a date; compare it by Before"
        if not _is_number(leaf.threshold):
            yield f"{code}: the threshold {_NUMBER}, not {leaf.threshold!r}"
    if isinstance(leaf, Before) and leaf.metric not in DATES:
        yield f"{code}: {leaf.metric} is no date; compare it by AtLeast or Below"
    if isinstance(leaf, EventWas) and leaf.name not in events:
        yield (
            f"{code}: the event {leaf.name!r} is not in the event dictionary; add it there"
            + _hint(leaf.name, events)
        )
    hours = isinstance(leaf, LocalHours) and (leaf.start, leaf.end)
    if hours and not (0 <= hours[0] < 24 and 0 <= hours[1] <= 24 and hours[0] != hours[1]):
        yield f"{code}: hours go from 0 to 24 and differ, not {hours[0]} to {hours[1]}"


def _watch_faults(
    badge: BadgeDefinition, test: BadgeTest, provided: frozenset[str]
) -> Iterator[str]:
    if not badge.watched_events() and not test.metrics - provided - DATES:
        yield (
            f"{badge.code}: no event moves what it tests, so it would never be looked at; "
            "give it a trigger"
        )


def _circles(families: Families) -> Iterator[str]:
    """Composites that wait for themselves, by way of others or directly."""
    asks = {
        family.metric: badge.test.metrics
        for family in families
        for badge in family.badges
        if badge.test is not None and badge.is_composite
    }
    found: set[frozenset[str]] = set()
    for start in asks:
        path = _way_back(start, start, asks, ())
        if path and frozenset(path) not in found:
            found.add(frozenset(path))
            names = " → ".join(name.removeprefix("ONE:") for name in (*path, start))
            yield f"{start.removeprefix('ONE:')}: waits for itself: {names}; break the circle"


def _way_back(
    start: str, here: str, asks: Mapping[str, frozenset[str]], path: tuple[str, ...]
) -> tuple[str, ...]:
    """The composites from `here` on by which one comes back to `start`; () if one does not."""
    path = (*path, here)
    for metric in sorted(asks.get(here, ())):
        if metric == start:
            return path
        if metric not in path and (found := _way_back(start, metric, asks, path)):
            return found
    return ()


def _is_number(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_INT


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _many(counts: Counter[str]) -> list[str]:
    return [name for name, count in counts.items() if count > 1]
