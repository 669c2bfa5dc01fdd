"""docs/badges.md: the tests that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", (ROOT / "docs" / "badges.md").read_text())


def test_every_test_that_the_page_names_is_there() -> None:
    lacking = [
        f"{file}::{name}"
        for file, name in NAMED
        if f"\ndef {name}(" not in (ROOT / "tests" / file).read_text()
    ]
    assert NAMED
    assert lacking == []
