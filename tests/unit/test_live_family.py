"""A bisect decides which badges a step crosses."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.models import Mechanism


def badge(threshold: int, **changes: Any) -> LiveBadge:
    fields: dict[str, Any] = {
        "id": threshold, "code": f"b{threshold}", "metric": "M", "level": threshold, "name": None,
        "achieved_description": "", "unachieved_description": "", "icon_name": None,
        "color": None, "sort_score": 0, "hidden": False, "deprecated_at": None,
        "rule_version": 1, "created_at": None,
    }  # fmt: skip
    return LiveBadge(threshold=threshold, **{**fields, **changes})


def family(*badges: LiveBadge) -> LiveFamily:
    return LiveFamily(1, "M", "M", Mechanism.COUNTER, badges)


def crossed(old: int, new: int, *badges: LiveBadge) -> list[int]:
    return [badge.threshold for badge in family(*badges).crossed(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "thresholds"),
    [
        (0, 9, []),
        (9, 10, [10]),
        (10, 11, []),
        (0, 100, [10, 100]),
        (99, 1000, [100, 500]),
        (500, 10, []),
        (10, 10, []),
    ],
)
def test_those_between_old_and_new_are_crossed(old: int, new: int, thresholds: list[int]) -> None:
    assert crossed(old, new, badge(500), badge(10), badge(100)) == thresholds


def test_hidden_and_deprecated_ones_are_not() -> None:
    hidden, old = badge(10, hidden=True), badge(20, deprecated_at=datetime(2026, 1, 1))
    assert crossed(0, 100, hidden, old, badge(30)) == [30]


@given(st.lists(st.integers(0, 50), min_size=2), st.sets(st.integers(1, 50)))
def test_over_any_rise_each_is_crossed_once(values: list[int], thresholds: set[int]) -> None:
    rise = sorted(values)
    ladder = [badge(threshold) for threshold in thresholds]
    found = [t for old, new in pairwise(rise) for t in crossed(old, new, *ladder)]
    assert found == sorted(t for t in thresholds if rise[0] < t <= rise[-1])
