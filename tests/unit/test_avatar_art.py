"""The avatars that tools/draw_avatars.py draws."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

import pytest

from zeeguu_gamify.avatars import DEFAULT, IMAGE_NAMES
from zeeguu_gamify.components.blueprint import STATIC

ROOT = Path(__file__).parents[2]
ART = STATIC / "art" / "avatars"
MOST_BYTES = 5_000


def test_every_animal_that_may_be_chosen_has_a_drawing_and_nothing_else_has() -> None:
    assert sorted(path.stem for path in ART.iterdir()) == sorted(IMAGE_NAMES)


def test_the_files_are_what_the_script_draws() -> None:
    drawn = runpy.run_path(str(ROOT / "tools" / "draw_avatars.py"))["files"]()
    assert {path.name: path.read_text() for path in ART.iterdir()} == drawn


@pytest.mark.parametrize("name", IMAGE_NAMES)
def test_a_drawing_is_small_and_does_nothing(name: str) -> None:
    text = (ART / f"{name}.svg").read_text()
    tags = {element.tag.partition("}")[2] for element in ElementTree.fromstring(text).iter()}
    assert tags <= {"svg", "g", "path", "ellipse"}
    assert len(text) < MOST_BYTES
    assert not re.search(r"\b(style|on\w+|href)=", text)


@pytest.mark.parametrize("name", IMAGE_NAMES)
def test_a_drawing_by_itself_has_the_colour_of_the_default(name: str) -> None:
    assert f'class="coat" fill="{DEFAULT["character_color"]}"' in (ART / f"{name}.svg").read_text()


def test_the_element_knows_the_same_animals_and_the_same_default() -> None:
    script = (STATIC / "avatar.js").read_text()
    listed = re.search(r"new Set\(\[(.*?)\]", script, re.DOTALL)
    assert listed
    assert tuple(re.findall(r'"(\w+)"', listed[1])) == IMAGE_NAMES
    said = re.search(r"const DEFAULT = \{(.*)\}", script)
    assert said
    assert dict(re.findall(r'(\w+): "([^"]*)"', said[1])) == DEFAULT
