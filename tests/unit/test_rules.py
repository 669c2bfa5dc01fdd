"""A test of a badge is data: it passes or not, says why, and says in words what it asks."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, Before, Below, EventWas, LocalHours
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.badges.trees import AllOf, AnyOf, Not, leaves
from zeeguu_gamify.events import Event

NOON = datetime(2026, 7, 1, 12)
FLAWLESS = EventWas("quiz.completed", lambda e: e.context.get("errors") == 0, "without an error")


def quiz(**context: int) -> Event:
    return Event(name="quiz.completed", user_id=1, context=context)


def facts(at: datetime = NOON, event: Event | None = None, **values: int | date) -> Snapshot:
    return Snapshot(1, at, "Europe/Berlin", values, event)


@pytest.mark.parametrize(
    ("test", "snapshot", "passes"),
    [
        (AtLeast("WORDS", 10), facts(WORDS=9), False),
        (AtLeast("WORDS", 10), facts(WORDS=10), True),
        (AtLeast("WORDS", 1), facts(), False),
        (Below("WORDS", 10), facts(WORDS=9), True),
        (Below("WORDS", 10), facts(WORDS=10), False),
        (Below("WORDS", 10), facts(), True),
        (Before("joined", date(2026, 1, 1)), facts(joined=date(2025, 12, 31)), True),
        (Before("joined", date(2026, 1, 1)), facts(joined=date(2026, 1, 1)), False),
        (Before("joined", date(2026, 1, 1)), facts(), False),
        (FLAWLESS, facts(event=quiz(errors=0)), True),
        (FLAWLESS, facts(event=quiz(errors=1)), False),
        (FLAWLESS, facts(event=Event(name="word.learned", user_id=1)), False),
        (FLAWLESS, facts(), False),
        (EventWas("quiz.completed"), facts(event=quiz(errors=5)), True),
        (AllOf(AtLeast("A", 1), AtLeast("B", 1)), facts(A=1), False),
        (AllOf(AtLeast("A", 1), AtLeast("B", 1)), facts(A=1, B=1), True),
        (AnyOf(AtLeast("A", 1), AtLeast("B", 1)), facts(B=1), True),
        (AnyOf(AtLeast("A", 1), AtLeast("B", 1)), facts(), False),
        (Not(AtLeast("A", 1)), facts(), True),
        (Not(AtLeast("A", 1)), facts(A=1), False),
    ],
)
def test_it_passes_or_not(test: BadgeTest, snapshot: Snapshot, passes: bool) -> None:
    assert test.passes(snapshot) is passes


@pytest.mark.parametrize(
    ("hours", "utc_hour", "passes"),
    [
        ((22, 4), 19, False),
        ((22, 4), 20, True),  # 22 o'clock in Berlin, in July
        ((22, 4), 1, True),
        ((22, 4), 2, False),
        ((6, 9), 4, True),
        ((6, 9), 7, False),
        ((20, 24), 21, True),
        ((20, 24), 22, False),
    ],
)
def test_hours_are_those_of_the_users_own_clock(
    hours: tuple[int, int], utc_hour: int, passes: bool
) -> None:
    at = datetime(2026, 7, 1, utc_hour)
    assert LocalHours(*hours).passes(facts(at)) is passes


def test_each_leaf_says_what_it_asks_and_what_there_is() -> None:
    test = AllOf(AtLeast("WORDS", 10), AnyOf(Below("FRIENDS", 3), FLAWLESS))
    found = [(c.text, c.value, c.wanted, c.passed) for c in test.conditions(facts(WORDS=4))]
    assert found == [
        ("WORDS is at least 10", 4, 10, False),
        ("FRIENDS is below 3", 0, 3, True),
        ("the event is quiz.completed: without an error", None, "quiz.completed", False),
    ]


def test_what_stands_in_the_way_of_a_not_is_told_as_one_condition() -> None:
    (one,) = Not(AtLeast("WORDS", 10)).conditions(facts(WORDS=12))
    assert (one.text, one.value, one.wanted, one.passed) == (
        "not (WORDS is at least 10)", 12, 10, False,
    )  # fmt: skip
    (both,) = Not(AllOf(AtLeast("A", 1), AtLeast("B", 1))).conditions(facts(A=1))
    assert (both.value, both.passed) == (None, True)


def test_words_tell_apart_what_means_something_else() -> None:
    a, b, c = (AtLeast(name, 1) for name in "ABC")
    words = [
        AllOf(a, b, c).in_words(), AnyOf(a, b, c).in_words(), AllOf(a, AnyOf(b, c)).in_words(),
        AnyOf(AllOf(a, b), c).in_words(), Not(AllOf(a, b)).in_words(), AllOf(Not(a), b).in_words(),
        LocalHours(22, 4).in_words(), Before("joined", date(2026, 1, 1)).in_words(),
    ]  # fmt: skip
    assert len(set(words)) == len(words)
    assert words[2] == "A is at least 1 and (B is at least 1 or C is at least 1)"


def test_it_names_the_snapshot_fields_that_it_reads_and_no_other() -> None:
    test = AllOf(AtLeast("A", 1), Not(Below("B", 2)), Before("joined", date.max), FLAWLESS)
    assert test.metrics == {"A", "B", "joined"}
    assert len(list(leaves(test))) == 4


def test_a_snapshot_can_be_made_up_from_another() -> None:
    before = facts(A=1, B=2)
    after = before.override({"A": 5}, at=datetime(2027, 1, 1), event=quiz(errors=0))
    assert (after.number("A"), after.number("B"), after.at.year) == (5, 2, 2027)
    assert FLAWLESS.passes(after)
    assert before.number("A") == 1
