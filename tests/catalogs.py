"""A catalog of a thousand badges, to show that an event costs what it does with 35."""

from __future__ import annotations

from zeeguu_gamify import AllOf, AtLeast, Catalog, composite, describe_count, ladder, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.badges.definitions import FamilyDefinition

WORDS, *OTHERS = FAMILIES

#: Above what a test or a benchmark reaches.
FAR = 10_000_000


def thousand_badges() -> Catalog:
    """35 badges, 500 more levels of translated words, 265 composites of words, 200 one-offs."""
    levels = [badge.threshold for badge in WORDS.badges] + [FAR + n for n in range(500)]
    words = ladder(
        WORDS.metric, levels, name="Words", trigger="word.translated",
        describe=describe_count("Translate", "You translated", "word", "words"),
    )  # fmt: skip
    return Catalog((words, *OTHERS, *map(_composite, range(265)), *map(_one_off, range(200))))


def _composite(number: int) -> FamilyDefinition:
    test = AllOf(AtLeast(WORDS.metric, FAR + number), AtLeast("FRIENDS", number + 100))
    return composite(f"mixed_{number}", test=test, name="-", unachieved="-", achieved="+")


def _one_off(number: int) -> FamilyDefinition:
    return one_off(
        f"quiz_{number}", name="-", trigger="quiz.completed", unachieved="-", achieved="+"
    )
