"""What the windows of a test celebrate, however soon it has gone again."""

from __future__ import annotations

import time

from playwright.sync_api import Page

from tests.browser.windows import TIMEOUT


def watch(page: Page) -> None:
    """Keep what the pages that are opened from now on celebrate."""
    page.add_init_script(
        """window.celebrated = [];
        document.addEventListener("gamify-unlock", ({ detail: { badge, level } }) =>
            window.celebrated.push(badge ? badge.code : `level ${level.level}`));"""
    )


def celebrated(*windows: Page) -> list[str]:
    """The codes of badges, and "level 2", that the pages shown now have celebrated."""
    return [one for window in windows for one in window.evaluate("window.celebrated")]


def celebrates(page: Page, what: str) -> None:
    """Wait until the page has."""
    deadline = time.monotonic() + TIMEOUT / 1000
    while what not in celebrated(page):
        assert time.monotonic() < deadline, f"only {celebrated(page)}"
        page.wait_for_timeout(20)
