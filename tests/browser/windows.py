"""Browser windows whose console is watched, and answers that a test gives in the server's place.

`page.wait_for_function` does not work in them: it evaluates text, which the policy of the pages
forbids. Wait with `expect(locator)`.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    expect,
)

from tests.browser.site import NOW, Site
from zeeguu_gamify.mount import mount_of

#: Milliseconds that a page has for what it should do; many, because the machine may be busy.
TIMEOUT = 15_000
WIDE, NARROW = 1280, 360  #: pixels
HERE = {"127.0.0.1", "localhost"}
#: Where to put a picture of each window at the end of its test; nowhere if it is not set.
PICTURES = os.environ.get("GAMIFY_PICTURES")

expect.set_options(timeout=TIMEOUT)


@dataclass
class Windows:
    """The windows of one test. What goes wrong in any of them fails the test at its end."""

    browser: Browser
    site: Site
    name: str
    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, username: str | None = None, width: int = WIDE, **options: Any) -> Page:
        """A window of its own, without cookies but the session of the learner, if any.

        options: as Playwright's `new_context`, e.g. color_scheme="dark", reduced_motion="reduce".
        """
        options = {"locale": "en-GB", "timezone_id": "Europe/Copenhagen"} | options
        context = self.browser.new_context(viewport={"width": width, "height": 800}, **options)
        self._contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.clock.set_fixed_time(NOW.replace(tzinfo=UTC))
        if username:
            context.add_cookies([self._cookie(username)])
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._asked)
        return page

    def expect(self, pattern: str) -> None:
        """Let this be said in the console; a regular expression."""
        self.expected.append(pattern)

    def check(self) -> None:
        """Fail if anything went wrong."""
        wrong = [text for text in self.wrong if not any(re.search(p, text) for p in self.expected)]
        assert not wrong, "in the browser:\n" + "\n".join(wrong)

    def close(self) -> None:
        """Close every window."""
        for number, context in enumerate(self._contexts):
            if PICTURES:
                for page in context.pages:
                    page.screenshot(
                        path=Path(PICTURES) / f"{self.name}-{number}.png", full_page=True
                    )
            context.close()

    def _cookie(self, username: str) -> Any:
        mount = mount_of(self.site.app)
        assert mount is not None
        name, uuid = mount.config.session_cookie, self.site.session(username)
        return {"name": name, "value": uuid, "url": self.site.url}

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        """Nothing comes from elsewhere."""
        url = urlsplit(request.url)
        if url.scheme.startswith("http") and url.hostname not in HERE:
            self.wrong.append(f"asked for {request.url}")


def listening(site: Site, *pages: Page) -> None:
    """Wait until these windows hear what happens, each by a stream of its own."""
    deadline = time.monotonic() + TIMEOUT / 1000
    while site.streams < len(pages):
        assert time.monotonic() < deadline, "no stream was opened"
        pages[0].wait_for_timeout(10)


def settled(page: Page) -> None:
    """Wait until each element has shown what it has, or that it cannot; also one that has yet to
    begin, and says nothing of itself then.
    """
    known = "gamify-badges, gamify-friends, gamify-leaderboard, gamify-profile, gamify-streak"
    shown = "[state=ready], [state=empty], [state=error]"
    expect(page.locator(f":is({known}):not({shown})")).to_have_count(0)


@dataclass
class Answers:
    """Answers of routes of ours, given by the test.

    Playwright answers preflights of these itself, so nothing about CORS can be shown with them.
    """

    windows: Windows

    def reply(self, page: Page, path: str, status: int = 200, body: Any = None) -> None:
        """Let every request for `path` (a regular expression) be answered so, in this window."""

        def answer(route: Route) -> None:
            route.fulfill(
                status=status,
                body=json.dumps({"message": "Not today"} if body is None else body),
                content_type="application/json",
                headers={"Access-Control-Allow-Origin": "*"},
            )

        if status >= 400:
            self.windows.expect(f"status of {status}.*{path}")
        page.route(_to(path), answer)

    def hang(self, page: Page, path: str) -> Hanging:
        """Let requests for `path` wait until they are let go."""
        hanging = Hanging()
        page.route(_to(path), lambda route: hanging.routes.append(route))
        return hanging

    def stop(self, page: Page, path: str) -> None:
        """Let the server answer `path` again."""
        page.unroute(_to(path))


@dataclass
class Hanging:
    """Requests that wait."""

    routes: list[Route] = field(default_factory=list)

    def let_go(self) -> None:
        """Let the server answer them, but not those that were given up meanwhile."""
        for route in _emptied(self.routes):
            if not route.request.failure:
                route.continue_()


def _emptied(routes: list[Route]) -> Iterator[Route]:
    while routes:
        yield routes.pop(0)


def _to(path: str) -> re.Pattern[str]:
    """The URLs whose path ends so."""
    return re.compile(rf"^https?://[^/?]+[^?]*{path}(\?|$)")
