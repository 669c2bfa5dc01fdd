"""Generators: a few parameters in, a family of well-formed badges out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from zeeguu_gamify import clock
from zeeguu_gamify.badges.definitions import (
    BadgeDefinition,
    ContextOf,
    FamilyDefinition,
    Tooltip,
)
from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, EventCondition, EventWas
from zeeguu_gamify.badges.trees import AllOf
from zeeguu_gamify.events import Metric
from zeeguu_gamify.models import Mechanism

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip

#: Threshold → (how to earn it, what was earned).
Describe = Callable[[int], tuple[str, str]]


class Options(TypedDict, total=False):
    """What any badge may have; a ladder gives it to each of its levels."""

    icon: str | None
    color: str | None  #: #rrggbb
    hidden: bool
    deprecated: bool
    starts_at: datetime | None  #: time-boxed: to be earned from then on; naive is UTC
    ends_at: datetime | None  #: and from then on no more
    max_holders: int | None  #: limited edition: so many are ever granted


def roman(number: int) -> str:
    """`number` (at least 1) in Roman numerals."""
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def describe_count(do: str, done: str, one: str, many: str) -> Describe:
    """How to earn it and what was earned, e.g. "Translate 10 words." / "You translated …"."""

    def describe(threshold: int) -> tuple[str, str]:
        things = f"{threshold} {one if threshold == 1 else many}"
        return f"{do} {things}.", f"{done} {things}."

    return describe


def ladder(
    metric: str,
    levels: Sequence[int],
    *,
    name: str,
    describe: Describe,
    trigger: str | Sequence[str] = (),
    names: Sequence[str] = (),
    codes: Sequence[str] = (),
    mechanism: Mechanism = Mechanism.COUNTER,
    sort_from: int = 0,
    tooltip: Tooltip = None,
    **options: Unpack[Options],
) -> FamilyDefinition:
    """Badges for reaching each of `levels`, rising thresholds of `metric`.

    `describe(threshold)` gives (how to earn it, what was earned). Badges without a name of their
    own in `names` are called after the family with a Roman numeral. Codes are
    `<metric in lower case>_<level>` unless given in `codes`; a higher level sorts before a lower
    one, all of them `sort_from` higher. A ladder of EXP is a GAUGE and has no trigger: whatever
    moves EXP is one.
    """
    badges = []
    for level, threshold in enumerate(levels, start=1):
        unachieved, achieved = describe(threshold)
        badges.append(
            _badge(
                options,
                code=codes[level - 1] if level <= len(codes) else f"{metric.lower()}_{level}",
                level=level,
                name=names[level - 1] if level <= len(names) else f"{name} {roman(level)}",
                texts=(unachieved, achieved),
                sort_score=sort_from + level,
                triggers=_names(trigger),
                test=AtLeast(metric, threshold),
            )
        )
    return FamilyDefinition(
        metric=metric, name=name, mechanism=mechanism, badges=tuple(badges), tooltip=tooltip
    )


def tenure(
    years: Sequence[int],
    *,
    name: str = "Member",
    trigger: str = "cron.anniversary",
    metric: str = Metric.TENURE_YEARS,
    describe: Describe | None = None,
    names: Sequence[str] = (),
    sort_from: int = 0,
    tooltip: Tooltip = "Member since {joined}",
    **options: Unpack[Options],
) -> FamilyDefinition:
    """Badges for having joined `years` ago, granted on the day by a job."""
    since = describe_count("Be a member for", "You have been a member for", "year", "years")
    return ladder(
        metric, years, name=name, trigger=trigger, describe=describe or since, names=names,
        mechanism=Mechanism.GAUGE, sort_from=sort_from, tooltip=tooltip, **options,
    )  # fmt: skip


def one_off(
    code: str,
    *,
    name: str,
    trigger: str | Sequence[str],
    unachieved: str,
    achieved: str,
    when: EventCondition | None = None,
    when_text: str = "",
    repeatable: ContextOf | None = None,
    sort_score: int = 0,
    tooltip: Tooltip = None,
    **options: Unpack[Options],
) -> FamilyDefinition:
    """A badge for doing something once: the first `trigger` event that satisfies `when`.

    `when_text` says `when` in words, and must change with it: by the text a change of the rule is
    noticed. With `repeatable`, event → context, it is granted once for each context, e.g. per quiz.
    """
    metric, triggers = f"ONE:{code}", _names(trigger)
    conditions = tuple(EventWas(each, when, when_text) for each in triggers) if when else ()
    badge = _badge(
        options, code=code, name=name, texts=(unachieved, achieved), sort_score=sort_score,
        triggers=triggers, test=AtLeast(metric, 1), when=conditions, context_of=repeatable,
    )  # fmt: skip
    mechanism = Mechanism.COUNTER if repeatable else Mechanism.ONE_TIME
    return FamilyDefinition(
        metric=metric, name=name, mechanism=mechanism, badges=(badge,), tooltip=tooltip
    )


def composite(
    code: str,
    *,
    test: BadgeTest,
    name: str,
    unachieved: str,
    achieved: str,
    trigger: str | Sequence[str] = (),
    sort_score: int = 0,
    tooltip: Tooltip = None,
    **options: Unpack[Options],
) -> FamilyDefinition:
    """A badge for passing `test`, a tree of `AllOf`, `AnyOf`, `Not` and what they are made of.

    It is tested when one of the metrics that it names crosses one of the thresholds, when an event
    comes that it names by `EventWas`, and at each `trigger`, for facts that only the host knows.
    """
    tree = AllOf(test) if isinstance(test, AtLeast) else test
    badge = _badge(
        options, code=code, name=name, texts=(unachieved, achieved), sort_score=sort_score,
        triggers=_names(trigger), test=tree,
    )  # fmt: skip
    return FamilyDefinition(
        metric=f"ONE:{code}", name=name, mechanism=Mechanism.ONE_TIME, badges=(badge,),
        tooltip=tooltip,
    )  # fmt: skip


def prize(
    code: str,
    *,
    name: str,
    unachieved: str,
    achieved: str,
    sort_score: int = 0,
    tooltip: Tooltip = None,
    **options: Unpack[Options],
) -> FamilyDefinition:
    """A badge that is given when a season closes: once for each season, by no event."""
    metric = f"ONE:{code}"
    badge = _badge(
        options, code=code, name=name, texts=(unachieved, achieved), sort_score=sort_score,
        triggers=(), test=AtLeast(metric, 1), is_prize=True,
    )  # fmt: skip
    return FamilyDefinition(
        metric=metric, name=name, mechanism=Mechanism.ONE_TIME, badges=(badge,), tooltip=tooltip
    )


def _badge(
    options: Options,
    *,
    code: str,
    name: str,
    texts: tuple[str, str],
    triggers: tuple[str, ...],
    test: BadgeTest,
    sort_score: int,
    level: int = 1,
    when: tuple[EventWas, ...] = (),
    context_of: ContextOf | None = None,
    is_prize: bool = False,
) -> BadgeDefinition:
    return BadgeDefinition(
        code=code, level=level, name=name, unachieved_description=texts[0],
        achieved_description=texts[1], icon_name=options.get("icon"), color=options.get("color"),
        sort_score=sort_score, triggers=triggers, test=test, when=when, context_of=context_of,
        hidden=options.get("hidden", False), deprecated=options.get("deprecated", False),
        starts_at=_utc(options.get("starts_at")), ends_at=_utc(options.get("ends_at")),
        max_holders=options.get("max_holders"), is_prize=is_prize,
    )  # fmt: skip


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else clock.to_utc(instant)


def _names(trigger: str | Sequence[str]) -> tuple[str, ...]:
    return (trigger,) if isinstance(trigger, str) else tuple(trigger)
