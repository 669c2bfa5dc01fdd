"""A catalog with a fault is refused by a message that names the badge and the remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from zeeguu_gamify import (
    AllOf,
    AnyOf,
    Before,
    Below,
    Catalog,
    EventType,
    EventWas,
    LocalHours,
    Not,
    composite,
    ladder,
    one_off,
    prize,
)
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG, FAMILIES, ONE_OFFS
from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.badges.rules import AtLeast, BadgeTest
from zeeguu_gamify.errors import ConfigError, UnknownBadge
from zeeguu_gamify.events import dictionary
from zeeguu_gamify.models import Mechanism

EVENTS = dictionary([EventType("poem.written", "a poem was written", metric="POEMS")])

POEMS = ladder(
    "POEMS", (1, 5), name="Poems", trigger="poem.written", describe=lambda n: (f"{n}", f"{n}")
)
SOUND = composite(
    "sound", name="-", unachieved="-", achieved="+", trigger="word.learned",
    test=AllOf(
        AnyOf(AtLeast("POEMS", 2), Not(Below("NOTES", 3))), EventWas("poem.written"),
        LocalHours(22, 24), Before("joined", date(2026, 1, 1)), AtLeast("ONE:haiku", 1),
    ),
)  # fmt: skip
HAIKU = one_off("haiku", name="Haiku", trigger="poem.written", unachieved="-", achieved="+")


def with_first(family: FamilyDefinition = POEMS, **changes: object) -> FamilyDefinition:
    """`family`, its first badge changed."""
    first: BadgeDefinition = replace(family.badges[0], **changes)  # type: ignore[arg-type]
    return replace(family, badges=(first, *family.badges[1:]))


def mixed(*tests: BadgeTest, code: str = "mixed", **more: Any) -> FamilyDefinition:
    """A composite that asks for all of `tests`."""
    return composite(
        code, test=AllOf(*tests), name="Mixed", unachieved="-", achieved="+", **more
    )  # fmt: skip


def waiting_for(code: str, *others: str) -> FamilyDefinition:
    """A composite that asks for others."""
    return mixed(*(AtLeast(f"ONE:{other}", 1) for other in others), code=code)


FAULTS = {
    "a code twice": (
        [POEMS, one_off("Poems_1", name="-", trigger="poem.written", unachieved="", achieved="")],
        "poems_1: two badges have this code; rename one",
    ),
    "a metric twice": (
        [POEMS, replace(with_first(code="x"), badges=(replace(POEMS.badges[0], code="x"),))],
        "POEMS: two families count this; merge them",
    ),
    "an empty family": (
        [replace(POEMS, badges=())],
        "POEMS: the family has no badge; give it a level or drop it",
    ),
    "a ladder that does not rise": (
        [ladder("POEMS", (5, 5), name="P", trigger="poem.written", describe=lambda n: ("", ""))],
        "POEMS: the ladder does not rise: [5, 5]; sort its levels",
    ),
    "a ladder that falls": (
        [ladder("POEMS", (5, 1), name="P", trigger="poem.written", describe=lambda n: ("", ""))],
        "POEMS: the ladder does not rise: [5, 1]; sort its levels",
    ),
    "a code that is none": (
        [with_first(code="no spaces")],
        "'no spaces': a code has 1 to 60 letters, digits and underscores",
    ),
    "a code too long": (
        [with_first(code="x" * 61)],
        f"'{'x' * 61}': a code has 1 to 60 letters, digits and underscores",
    ),
    "no trigger": (
        [with_first(triggers=())],
        "poems_1: no trigger, so it can never be granted; name an event",
    ),
    "a trigger that is no event": (
        [with_first(triggers=("poem.eaten",))],
        "poems_1: trigger 'poem.eaten' is not in the event dictionary; add it there",
    ),
    "a trigger that moves something else": (
        [with_first(triggers=("word.translated",))],
        "poems_1: trigger 'word.translated' moves TRANSLATED_WORDS, so it can never be granted; "
        "let the event move POEMS",
    ),
    "a trigger that moves nothing": (
        [with_first(triggers=("quiz.completed",))],
        "poems_1: trigger 'quiz.completed' moves nothing, so it can never be granted; "
        "let the event move POEMS",
    ),
    "a trigger that moves it another way": (
        [replace(POEMS, mechanism=Mechanism.GAUGE)],
        "poems_1: trigger 'poem.written' moves its metric as a COUNTER, but the family is a GAUGE; "
        "make them agree",
    ),
    "no test": (
        [with_first(test=None)],
        "poems_1: no test, so nothing says when it is granted; give it one",
    ),
    "a test of something else": (
        [with_first(test=AtLeast("NOVELS", 1))],
        "poems_1: tests NOVELS, but its family counts POEMS; make them agree",
    ),
    "a threshold of nothing": (
        [with_first(test=AtLeast("POEMS", 0))],
        "poems_1: the threshold must be a whole number from 1 to 2147483647, not 0",
    ),
    "a threshold between two numbers": (
        [with_first(test=AtLeast("POEMS", 1.5))],  # type: ignore[arg-type]
        "poems_1: the threshold must be a whole number from 1 to 2147483647, not 1.5",
    ),
    "a threshold that no column holds": (
        [with_first(test=AtLeast("POEMS", 2**31))],
        "poems_1: the threshold must be a whole number from 1 to 2147483647, not 2147483648",
    ),
    "a threshold in quotes": (
        [with_first(test=AtLeast("POEMS", "1"))],  # type: ignore[arg-type]
        "poems_1: the threshold must be a whole number from 1 to 2147483647, not '1'",
    ),
    "a trigger nearly an event": (
        [with_first(triggers=("poem.writen",))],
        "add it there; did you mean 'poem.written'?",
    ),
    "a condition on what is no trigger": (
        [with_first(HAIKU, when=(EventWas("quiz.completed"),))],
        "haiku: asks of 'quiz.completed', to which it does not listen; add a trigger",
    ),
    "a composite test in a ladder": (
        [with_first(test=AllOf(AtLeast("POEMS", 1)))],
        "poems_1: tests POEMS is at least 1; make it with `composite`",
    ),
    "a field that nothing moves": (
        [POEMS, mixed(AtLeast("POEM", 1))],
        "mixed: tests 'POEM', which no event moves and no host provides; "
        "add it to snapshot_fields; did you mean 'POEMS'?",
    ),
    "a metric that no family counts": (
        [mixed(AtLeast("POEMS", 1))],
        "mixed: tests POEMS, which no family counts; add a ladder of it",
    ),
    "a composite that asks for a prize": (
        [prize("gold", name="-", unachieved="-", achieved="+"), waiting_for("rich", "gold")],
        "rich: tests 'ONE:gold', which no event moves and no host provides; "
        "add it to snapshot_fields",
    ),
    "a composite of nothing": (
        [POEMS, mixed(AnyOf(), AtLeast("POEMS", 1))],
        "mixed: AnyOf() holds no test; give it one or drop it",
    ),
    "a composite that waits for itself": (
        [waiting_for("a", "a")],
        "a: waits for itself: a → a; break the circle",
    ),
    "composites that wait for each other": (
        [waiting_for("a", "b"), waiting_for("b", "c"), waiting_for("c", "b")],
        "b: waits for itself: b → c → b; break the circle",
    ),
    "a composite that nothing has tested": (
        [mixed(Before("joined", date(2026, 1, 1)), AtLeast("NOTES", 1))],
        "mixed: no event moves what it tests, so it would never be looked at; give it a trigger",
    ),
    "a threshold of nothing in a composite": (
        [POEMS, mixed(Below("POEMS", 0))],
        "mixed: the threshold must be a whole number from 1 to 2147483647, not 0",
    ),
    "a date taken for a number": (
        [POEMS, mixed(AtLeast("POEMS", 1), AtLeast("joined", 1))],
        "mixed: joined is a date; compare it by Before",
    ),
    "a number taken for a date": (
        [POEMS, mixed(Before("POEMS", date(2026, 1, 1)))],
        "mixed: POEMS is no date; compare it by AtLeast or Below",
    ),
    "hours that no clock has": (
        [POEMS, mixed(AtLeast("POEMS", 1), LocalHours(22, 25))],
        "mixed: hours go from 0 to 24 and differ, not 22 to 25",
    ),
    "an event that there is not": (
        [mixed(EventWas("poem.writen"))],
        "mixed: the event 'poem.writen' is not in the event dictionary; "
        "add it there; did you mean 'poem.written'?",
    ),
    "what an event was not": (
        [mixed(Not(EventWas("poem.written")))],
        "mixed: Not(EventWas(…)) cannot be told afterwards; ask for a metric instead",
    ),
    "a span that ends before it begins": (
        [with_first(starts_at=datetime(2026, 12, 2), ends_at=datetime(2026, 12, 1))],
        "poems_1: ends at 2026-12-01 00:00:00, before it begins at 2026-12-02 00:00:00; swap them",
    ),
    "a badge for nobody": (
        [with_first(max_holders=0)],
        "poems_1: max_holders must be a whole number from 1 to 2147483647, not 0; or None",
    ),
    "a badge for a user and a half": (
        [with_first(max_holders=1.5)],
        "poems_1: max_holders must be a whole number from 1 to 2147483647, not 1.5; or None",
    ),
    "a ladder that repeats": (
        [with_first(context_of=lambda _event: "x")],
        "poems_1: a level of a ladder cannot repeat; make it a one-off",
    ),
    "a one-off of two levels": (
        [replace(POEMS, mechanism=Mechanism.ONE_TIME)],
        "POEMS: what is done ONE_TIME has one badge, at 1, not [1, 5]; make it a ladder",
    ),
}


@pytest.mark.parametrize(("families", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_refused_in_words(families: list[FamilyDefinition], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Catalog(families).check(EVENTS, ["NOTES"])
    assert message in error.value.message.splitlines()[1:][0].strip()


def test_a_field_of_the_host_may_not_be_called_like_one_of_ours() -> None:
    with pytest.raises(ConfigError, match="POEMS: the host's snapshot field is also one of ours"):
        Catalog([POEMS]).check(EVENTS, ["POEMS"])


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        Catalog([with_first(triggers=(), test=None), replace(HAIKU, badges=())]).check(EVENTS)
    assert len(error.value.message.splitlines()) == 5


@pytest.mark.parametrize(
    "catalog",
    [
        DEFAULT_CATALOG,
        Catalog([POEMS, HAIKU, SOUND, waiting_for("b", "sound")]),
        Catalog((*FAMILIES, *ONE_OFFS)),
        Catalog([POEMS, HAIKU]),
    ],
)
def test_a_sound_catalog_passes(catalog: Catalog) -> None:
    catalog.check(EVENTS, ["NOTES"])


def test_the_default_catalog_is_productions() -> None:
    thresholds = {
        family.metric: [badge.threshold for badge in family.badges]
        for family in DEFAULT_CATALOG.families
    }
    assert thresholds == {
        "TRANSLATED_WORDS": [10, 100, 500, 1000, 2500],
        "CORRECT_EXERCISES": [10, 250, 1000, 5000, 20000],
        "COMPLETED_AUDIO_LESSONS": [1, 25, 50, 150, 300],
        "STREAK_DAYS": [7, 30, 90, 180, 365],
        "LEARNED_WORDS": [1, 10, 50, 250, 750],
        "READ_ARTICLES": [5, 25, 100, 500, 1000],
        "FRIENDS": [1, 3, 5, 7, 10],
    }
    gauges = {f.metric for f in DEFAULT_CATALOG.families if f.mechanism is Mechanism.GAUGE}
    assert gauges == {"STREAK_DAYS", "FRIENDS"}


def test_triggers_are_counted() -> None:
    assert Catalog([POEMS, HAIKU]).triggers(EVENTS) == {"poem.written": 3}


def test_a_composite_listens_to_whatever_moves_what_it_tests() -> None:
    catalog = Catalog([POEMS, HAIKU, SOUND, waiting_for("later", "sound")])
    listening = {
        name: [badge.code for badge in badges]
        for name, badges in catalog.trigger_index(EVENTS).items()
    }
    assert listening == {
        "poem.written": ["poems_1", "poems_2", "haiku", "sound", "later"],
        "word.learned": ["sound", "later"],
    }


@pytest.mark.parametrize(
    ("name", "metric"),
    [("POEMS", "POEMS"), ("poems_2", "POEMS"), ("haiku", "ONE:haiku"), ("ONE:haiku", "ONE:haiku")],
)
def test_a_metric_is_found_by_its_name_or_a_badge(name: str, metric: str) -> None:
    assert Catalog([POEMS, HAIKU]).metric_of(name) == metric


def test_an_older_name_stands_for_nothing_where_the_metric_is_missing() -> None:
    with pytest.raises(UnknownBadge, match="'STREAK_COUNT'"):
        Catalog([POEMS]).metric_of("STREAK_COUNT")
