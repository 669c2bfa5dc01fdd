"""The panel on small screens: nothing leaves its card, and nothing that is said is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import test_panel, test_panel_users
from tests.browser.site import Site
from tests.browser.test_panel import entered
from tests.browser.test_panel_users import visit
from tests.browser.windows import NARROW, Windows

PAGES = [*test_panel.PAGES, "triggers", *test_panel_users.PAGES]

#: What is wider than the card, tile or row in which it stands.
_LEAVING = """() => [...document.querySelectorAll(".card, .tiles > div, tbody tr:not(.month tr)")]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.innerText)"""
#: What fields say while they are empty, where they are too narrow for it.
_CUT = """() => [...document.querySelectorAll("input[placeholder]")].filter((input) => {
  const given = input.value;
  input.value = input.placeholder;
  const cut = input.scrollWidth > input.clientWidth;
  input.value = given;
  return cut;
}).map((input) => input.placeholder)"""


def test_on_a_phone_nothing_leaves_its_card_and_no_hint_is_cut(
    worked: Site, windows: Windows
) -> None:
    page = entered(windows, NARROW)
    wrong = []
    for path in PAGES:
        visit(page, worked, path)
        wrong += [(path, text) for text in page.evaluate(_LEAVING) + page.evaluate(_CUT)]
    assert not wrong, "\n".join(f"{path}: {text}" for path, text in wrong)


@pytest.mark.parametrize("height", [720, 900])
def test_the_whole_menu_is_seen_at_once(site: Site, windows: Windows, height: int) -> None:
    page = entered(windows)
    page.set_viewport_size({"width": 1280, "height": height})
    expect(page.get_by_role("link", name="Audit log")).to_be_in_viewport(ratio=1)
