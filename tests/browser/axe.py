"""Whether a page can be used by everybody, as far as axe-core can tell."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.motion import AT_ONCE, paced

#: What is preloaded serves a rule about sound, of which we have none, and one that is switched off;
#: it takes as long as the rest.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
_AXE = Axe()


def axe(page: Page) -> None:
    """Fail with a list of what axe-core finds wrong with the page as it is when nothing moves.

    What fades in, for example what is celebrated when the server tells of it in that instant, has
    little contrast meanwhile.
    """
    with paced(page, AT_ONCE):
        found = _AXE.run(page, options=OPTIONS).response["violations"]
    assert not found, "\n" + "\n".join(map(_told, found))


def fits(page: Page) -> None:
    """Fail if something is wider than the window."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def _told(violation: dict[str, Any]) -> str:
    """A violation and every place of it."""
    head = f"{violation['impact']}: {violation['help']} ({violation['id']})"
    return "\n".join([head, *(f"    {_place(node)}" for node in violation["nodes"])])


def _place(node: dict[str, Any]) -> str:
    why = " ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
    return f"{node['html'][:150]}: {why}"
