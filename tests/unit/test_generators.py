"""A few parameters in, a family of well-formed badges out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeeguu_gamify import AtLeast, Event, composite, describe_count, ladder, one_off, tenure
from zeeguu_gamify.badges.definitions import FamilyDefinition
from zeeguu_gamify.badges.generators import roman
from zeeguu_gamify.models import Mechanism

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def poems(levels: tuple[int, ...] = (1, 5, 10), **more: Any) -> FamilyDefinition:
    return ladder(
        "POEMS", levels, name="Poems", trigger="poem.written",
        describe=lambda n: (f"Write {n}.", f"You wrote {n}."), **more,
    )  # fmt: skip


def test_codes_levels_texts_and_order_follow_from_the_position() -> None:
    family = poems(icon="quill.svg", color="#112233")
    assert [(b.code, b.level, b.threshold, b.sort_score) for b in family.badges] == [
        ("poems_1", 1, 1, 1),
        ("poems_2", 2, 5, 2),
        ("poems_3", 3, 10, 3),
    ]
    second = family.badges[1]
    assert (second.unachieved_description, second.achieved_description) == (
        "Write 5.",
        "You wrote 5.",
    )
    assert (second.icon_name, second.color, second.triggers) == (
        "quill.svg",
        "#112233",
        ("poem.written",),
    )
    assert (family.metric, family.name, family.mechanism) == ("POEMS", "Poems", Mechanism.COUNTER)


def test_badges_without_a_name_of_their_own_are_numbered() -> None:
    names = [badge.name for badge in poems(names=("Rhymester",)).badges]
    assert names == ["Rhymester", "Poems II", "Poems III"]


def test_a_one_off_is_a_family_of_one() -> None:
    family = one_off("haiku", name="Haiku", trigger="poem.written", unachieved="-", achieved="+")
    (badge,) = family.badges
    assert (family.metric, family.mechanism) == ("ONE:haiku", Mechanism.ONE_TIME)
    assert (badge.code, badge.level, badge.threshold) == ("haiku", 1, 1)


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "I"), (4, "IV"), (9, "IX"), (40, "XL"), (2026, "MMXXVI")]
)
def test_roman_numerals(number: int, numeral: str) -> None:
    assert roman(number) == numeral


@given(st.integers(1, 3999))
def test_a_roman_numeral_is_read_back_as_the_number_it_came_from(number: int) -> None:
    digits = [VALUES[letter] for letter in roman(number)]
    pairs = zip(digits, [*digits[1:], 0], strict=True)
    assert sum(-one if one < following else one for one, following in pairs) == number


def test_texts_are_built_of_words_for_one_and_for_many() -> None:
    describe = describe_count("Read", "You read", "book", "books")
    assert describe(1) == ("Read 1 book.", "You read 1 book.")
    assert describe(5) == ("Read 5 books.", "You read 5 books.")


def test_tenure_is_a_ladder_of_years_that_the_anniversary_moves() -> None:
    family = tenure((1, 5), color="#445566")
    assert (family.metric, family.mechanism) == ("TENURE_YEARS", Mechanism.GAUGE)
    assert [(b.code, b.threshold, b.name, b.triggers, b.color) for b in family.badges] == [
        ("tenure_years_1", 1, "Member I", ("cron.anniversary",), "#445566"),
        ("tenure_years_2", 5, "Member II", ("cron.anniversary",), "#445566"),
    ]
    assert family.badges[1].unachieved_description == "Be a member for 5 years."


def test_a_ladder_can_stand_above_others_and_listen_to_several_events() -> None:
    family = ladder(
        "POEMS", (1, 5), name="Poems", trigger=("poem.written", "poem.found"), sort_from=100,
        describe=lambda n: (f"{n}", f"{n}"),
    )  # fmt: skip
    assert [badge.sort_score for badge in family.badges] == [101, 102]
    assert family.badges[0].triggers == ("poem.written", "poem.found")


def test_limits_of_any_badge_are_parameters_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    limits: dict[str, Any] = {
        "starts_at": datetime(2026, 12, 1, tzinfo=berlin), "max_holders": 100,
        "ends_at": datetime(2026, 12, 31, 23, tzinfo=UTC), "hidden": True, "deprecated": True,
    }  # fmt: skip
    texts: dict[str, Any] = {"name": "-", "unachieved": "-", "achieved": "+"}
    for family in (
        poems(**limits),
        one_off("a", trigger="poem.written", **texts, **limits),
        composite("b", test=AtLeast("POEMS", 1), **texts, **limits),
        tenure((1, 2), **limits),
    ):
        for badge in family.badges:
            assert badge.starts_at == datetime(2026, 11, 30, 23)
            assert badge.ends_at == datetime(2026, 12, 31, 23)
            assert (badge.max_holders, badge.hidden, badge.deprecated) == (100, True, True)


def test_the_rule_in_words_is_what_the_threshold_does_not_say() -> None:
    texts: dict[str, Any] = {"name": "-", "unachieved": "-", "achieved": "+"}

    def rule(family: FamilyDefinition) -> str | None:
        return family.badges[0].rule

    assert rule(poems()) is None
    assert rule(one_off("a", trigger="poem.written", **texts)) is None
    plain = one_off("a", trigger="poem.written", when=bool, when_text="it rhymes", **texts)
    assert rule(plain) == "the event is poem.written: it rhymes"
    assert rule(composite("b", test=AtLeast("POEMS", 3), **texts)) == "POEMS is at least 3"
    each = one_off("c", trigger="poem.written", repeatable=lambda event: event.object_id, **texts)
    assert rule(each) == "once for each context"


def test_a_one_off_of_several_triggers_counts_each_by_its_condition() -> None:
    (badge,) = one_off(
        "a", name="-", trigger=("poem.written", "poem.found"), unachieved="-", achieved="+",
        when=lambda event: event.amount > 1,
    ).badges  # fmt: skip
    for name in badge.triggers:
        assert badge.counts(Event(name=name, user_id=1, amount=2))
        assert not badge.counts(Event(name=name, user_id=1))
