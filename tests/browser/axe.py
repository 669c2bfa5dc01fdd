"""Whether a page can be used by everybody, as far as axe-core can tell."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: What is preloaded serves a rule about sound, of which we have none, and one that is switched off;
#: it takes as long as the rest.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
_AXE = Axe()

#: So many times quicker does everything move while axe-core looks: what fades in, for example what
#: is celebrated when the server tells of it in that instant, has little contrast meanwhile.
HURRY = 100_000
#: Waits until a frame has shown what moved when all became quicker.
_FRAMES = "() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"


def axe(page: Page) -> None:
    """Fail with a list of what axe-core finds wrong with the page as it is when nothing moves."""
    tools = page.context.new_cdp_session(page)
    tools.send("Animation.enable")
    tools.send("Animation.setPlaybackRate", {"playbackRate": HURRY})
    page.evaluate(_FRAMES)
    found = _AXE.run(page, options=OPTIONS).response["violations"]
    tools.detach()  # and all moves as before
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
