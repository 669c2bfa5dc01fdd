"""Generators: a few parameters in, a family of well-formed badges out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zeeguu_gamify.badges.catalog import AtLeast, BadgeDefinition, Condition, FamilyDefinition
from zeeguu_gamify.models import Mechanism

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def roman(number: int) -> str:
    """`number` (at least 1) in Roman numerals."""
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def ladder(
    metric: str,
    levels: Sequence[int],
    *,
    name: str,
    trigger: str,
    describe: Callable[[int], tuple[str, str]],
    icon: str | None = None,
    names: Sequence[str] = (),
    color: str | None = None,
    mechanism: Mechanism = Mechanism.COUNTER,
) -> FamilyDefinition:
    """Badges for reaching each of `levels`, rising thresholds of `metric`.

    `describe(threshold)` gives (how to earn it, what was earned). Badges without a name of their
    own in `names` are called after the family with a Roman numeral. Codes are
    `<metric in lower case>_<level>`; a higher level sorts before a lower one.
    """
    badges = []
    for level, threshold in enumerate(levels, start=1):
        unachieved, achieved = describe(threshold)
        badges.append(
            BadgeDefinition(
                code=f"{metric.lower()}_{level}",
                level=level,
                name=names[level - 1] if level <= len(names) else f"{name} {roman(level)}",
                unachieved_description=unachieved,
                achieved_description=achieved,
                icon_name=icon,
                color=color,
                sort_score=level,
                triggers=(trigger,),
                test=AtLeast(metric, threshold),
            )
        )
    return FamilyDefinition(metric=metric, name=name, mechanism=mechanism, badges=tuple(badges))


def one_off(
    code: str,
    *,
    name: str,
    trigger: str,
    unachieved: str,
    achieved: str,
    when: Condition | None = None,
    icon: str | None = None,
    color: str | None = None,
    sort_score: int = 0,
) -> FamilyDefinition:
    """A badge for doing something once: the first `trigger` event that satisfies `when`."""
    metric = f"ONE:{code}"
    badge = BadgeDefinition(
        code=code,
        level=1,
        name=name,
        unachieved_description=unachieved,
        achieved_description=achieved,
        icon_name=icon,
        color=color,
        sort_score=sort_score,
        triggers=(trigger,),
        test=AtLeast(metric, 1),
        when=when,
    )
    return FamilyDefinition(metric=metric, name=name, mechanism=Mechanism.ONE_TIME, badges=(badge,))


def prize(
    code: str,
    *,
    name: str,
    unachieved: str,
    achieved: str,
    icon: str | None = None,
    color: str | None = None,
    sort_score: int = 0,
) -> FamilyDefinition:
    """A badge that is given when a season closes: once for each season."""
    metric = f"ONE:{code}"
    badge = BadgeDefinition(
        code=code,
        level=1,
        name=name,
        unachieved_description=unachieved,
        achieved_description=achieved,
        icon_name=icon,
        color=color,
        sort_score=sort_score,
        triggers=(),
        test=AtLeast(metric, 1),
        is_prize=True,
    )
    return FamilyDefinition(metric=metric, name=name, mechanism=Mechanism.ONE_TIME, badges=(badge,))
