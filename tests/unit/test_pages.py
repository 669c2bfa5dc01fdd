"""The tests that the pages of the docs name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("page", ["badges.md", "economy.md"])
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    named = _NAMED.findall((ROOT / "docs" / page).read_text())
    lacking = [
        f"{file}::{name}"
        for file, name in named
        if f"\ndef {name}(" not in (ROOT / "tests" / file).read_text()
    ]
    assert named
    assert lacking == []
