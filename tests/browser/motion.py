"""How quickly all moves in a window: at once, or as good as not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

AT_ONCE, HARDLY = 100_000.0, 0.000_1
#: Waits until a frame has shown what moved when the pace changed.
_FRAMES = "() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"


@contextmanager
def paced(page: Page, pace: float) -> Iterator[None]:
    """Let what moves, and what begins to, move so many times as quickly."""
    tools = page.context.new_cdp_session(page)
    tools.send("Animation.enable")
    tools.send("Animation.setPlaybackRate", {"playbackRate": pace})
    page.evaluate(_FRAMES)
    yield
    tools.detach()  # and all moves as before
