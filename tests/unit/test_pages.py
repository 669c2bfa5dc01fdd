"""What the pages of the docs name is there, and what a host may set is on them."""

from __future__ import annotations

import re
from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest

import zeeguu_gamify
from zeeguu_gamify import Gamify
from zeeguu_gamify.config import PREFIX, Config
from zeeguu_gamify.host import GROUPS
from zeeguu_gamify.models import gamify_tables

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "tools/migrations/README.md", *ROOT.glob("docs/*.md")])
_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_SETTING = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
_LINK = re.compile(r"\]\(([^)\s]*)\)|(?:src|srcset)=\"([^\"]*)\"")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may end with, as forges make it."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


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


def test_every_link_between_pages_leads_somewhere() -> None:
    links = [
        (page, link or source)
        for page in PAGES
        for link, source in _LINK.findall(_CODE.sub("", page.read_text()))
        if not (link or source).startswith("https://")
    ]
    assert len(links) > 50
    assert [link for link in links if not leads_somewhere(*link)] == []


def test_what_examples_import_is_public() -> None:
    texts = [page.read_text() for page in (*PAGES, *ROOT.glob("docs/examples/**/*.py"))]
    modules = {
        name for text in texts for name in re.findall(r"from (zeeguu_gamify[\w.]*) imp", text)
    }
    assert modules == {
        "zeeguu_gamify", "zeeguu_gamify.badges.default_catalog", "zeeguu_gamify.testing",
    }  # fmt: skip


def test_every_public_name_is_on_a_page() -> None:
    said = {word for page in PAGES for word in re.findall(r"\w+", page.read_text())}
    assert set(zeeguu_gamify.__all__) - said == set()


def test_every_setting_is_on_a_page_and_no_other() -> None:
    named = {name for page in PAGES for name in _SETTING.findall(page.read_text())}
    assert named == {PREFIX + field.name.upper() for field in fields(Config)}


def first_cells(page: str) -> set[str]:
    """The words with which the rows of the page's tables begin."""
    cells = re.findall(r"^\| (.*?) \|", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    return {word for cell in cells for word in cell.replace("`", "").split(", ")}


def test_the_data_model_has_every_table() -> None:
    assert {table.name for table in gamify_tables()} - first_cells("data-model.md") == set()


def test_mounting_says_what_may_be_given_and_what_a_host_may_have() -> None:
    said = first_cells("mounting.md")
    keywords = signature(Gamify.init_app).parameters.keys() - {"self", "app", "db"}
    assert keywords - said == set()
    assert {group.value for group in GROUPS} - said == set()
