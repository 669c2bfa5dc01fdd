"""The art of the badges: one program draws it, and every badge has some."""

from __future__ import annotations

import runpy
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS, PRIZES
from zeeguu_gamify.components.blueprint import STATIC

ART = STATIC / "art/badges"
DRAWN: dict[str, str] = runpy.run_path(str(Path(__file__).parents[2] / "tools/draw_badges.py"))[
    "draw"
]()


def test_the_files_are_what_the_program_draws() -> None:
    """After a change of the program: run it."""
    assert {path.name: path.read_text() for path in ART.iterdir()} == DRAWN


def test_every_badge_of_ours_has_a_picture() -> None:
    badges = [badge for family in (*FAMILIES, *ONE_OFFS, *PRIZES) for badge in family.badges]
    assert {badge.icon_name for badge in badges} <= DRAWN.keys()


def test_there_is_a_picture_for_badges_that_have_none_and_a_rim_for_each_level() -> None:
    levels = max(badge.level for family in FAMILIES for badge in family.badges)
    assert {"badge.svg", *(f"level-{level}.svg" for level in range(1, levels + 1))} <= DRAWN.keys()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_picture_is_sound_and_asks_for_nothing_else(name: str) -> None:
    root = ElementTree.fromstring(DRAWN[name])
    assert root.get("viewBox")
    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in {"script", "style", "image", "use"}
        for key, value in element.items():
            assert not key.startswith("on")
            assert "href" not in key
            assert "//" not in value
