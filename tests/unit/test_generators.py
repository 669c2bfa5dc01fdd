"""A few parameters in, a family of well-formed badges out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeeguu_gamify import ladder, one_off
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
