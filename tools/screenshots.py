"""Make the pictures of docs/pictures from the demo, at an instant that stands still.

    make screenshots

With Pillow installed they are reduced to 256 colours, which makes them a third as large.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import OPTIONS, browser_path
from tests.browser.site import NOW, Site, running
from zeeguu_gamify.demo import product
from zeeguu_gamify.demo.clockwork import follow
from zeeguu_gamify.demo.seed import make_shop, make_tables, make_world
from zeeguu_gamify.testing import frozen

PICTURES = Path("docs/pictures")
WIDE, NARROW, PANEL_WIDE = 1180, 390, 1400
SHARP = 1.5  #: pixels of a picture for one of the page
#: The same words are asked each time.
CHANCE = "let seed = 7; Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;"
AROUND = 16  #: pixels of the page that are seen around an element
ELEMENTS = {"profile": 720, "streak": 460, "badges": 1000, "leaderboard": 460, "friends": 720}
PANEL = {
    "panel-overview": "",
    "panel-awards": "awards",
    "panel-holders": "holders?family=LEARNED_WORDS",
    "panel-catalog": "catalog",
    "panel-user": "users/1",
    "panel-explain": "explain?user=ben&badge=streak_days_1",
}
MOST_BYTES, MOST_IN_ALL = 200_000, 1_500_000

log = logging.getLogger("screenshots")


class Camera:
    """Takes pictures of a site."""

    def __init__(self, browser: Browser, site: Site) -> None:
        """Every window of the browser has the site's present."""
        self._browser = browser
        self._site = site

    @contextmanager
    def window(
        self, path: str, width: int, height: int = 800, scheme: str = "light"
    ) -> Iterator[Page]:
        """A page of the site, when all of it is there."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme,  # type: ignore[arg-type]
            locale="en-GB", timezone_id="Europe/Copenhagen", reduced_motion="reduce",
            device_scale_factor=SHARP,
        )  # fmt: skip
        context.clock.set_fixed_time(NOW.replace(tzinfo=UTC))
        context.add_init_script(CHANCE)
        page = context.new_page()
        page.goto(self._site.url + path)
        expect(page.locator('[state="loading"]')).to_have_count(0)
        page.wait_for_timeout(400)  # pictures and bars
        yield page
        context.close()

    def home(self) -> None:
        """The home of a learner: wide, dark, on a phone; and the page before it."""
        for name, width, height, scheme in (
            ("demo", WIDE, 944, "light"), ("demo-dark", WIDE, 944, "dark"),
            ("demo-phone", NARROW, 844, "light"),
        ):  # fmt: skip
            with self.window("/demo/as/ada", width, height, scheme) as page:
                self._keep(page, name)
        with self.window("/", WIDE, 800) as page:
            self._keep(page, "demo-people")

    def elements(self) -> None:
        """Each element alone."""
        for name, width in ELEMENTS.items():
            with self.window(f"/demo/elements/{name}?as=ada", width, 1400) as page:
                box: Any = page.locator(f"gamify-{name}").bounding_box()
                top, height = box["y"] - AROUND, box["height"] + 2 * AROUND
                clip: Any = {"x": 0, "y": top, "width": width, "height": height}
                page.screenshot(path=_path(f"element-{name}"), clip=clip, full_page=True)
        with self.window("/demo/elements/unlock", 460, 560) as page:
            page.get_by_label("HTML").evaluate("it => it.remove()")  # it names a port of chance
            page.get_by_role("button", name="Celebrate").click()
            page.wait_for_timeout(800)
            self._keep(page, "element-unlock")

    def panel(self) -> None:
        """Pages of the panel."""
        for name, path in PANEL.items():
            enter = f"/gamify/admin/?session={self._site.session('vera')}"
            with self.window(enter, PANEL_WIDE, 860) as page:
                page.goto(f"{self._site.url}/gamify/admin/{path}")
                self._keep(page, name)

    def _keep(self, page: Page, name: str) -> None:
        page.screenshot(path=_path(name))


def main() -> int:
    """Make them all; 1 if one is too large."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, frozen(NOW), sync_playwright() as playwright:
        os.environ["DEMO_DATABASE_URI"] = f"sqlite:///{folder}/demo.db"
        with running(product.create_app()) as site:
            with site.app.app_context():
                make_tables()
                make_world()
                make_shop()
                follow()
            browser = playwright.chromium.launch(executable_path=browser_path(), args=OPTIONS)
            camera = Camera(browser, site)
            camera.home()
            camera.elements()
            camera.panel()
            browser.close()
    return _made_small()


def _made_small() -> int:
    """Reduce what there is; 1 if that does not do."""
    _reduce()
    sizes = {path: path.stat().st_size for path in sorted(PICTURES.glob("*.png"))}
    for path, size in sizes.items():
        log.info("%7.1f kB  %s", size / 1000, path)
    log.info("%7.1f kB  in all", sum(sizes.values()) / 1000)
    return int(max(sizes.values()) > MOST_BYTES or sum(sizes.values()) > MOST_IN_ALL)


def _reduce() -> None:
    for path in PICTURES.glob("*.png"):
        picture = Image.open(path).convert("RGB")
        few = picture.quantize(256, kmeans=3, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


def _path(name: str) -> Path:
    return PICTURES / f"{name}.png"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    sys.exit(main())
