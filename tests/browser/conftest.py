"""A Chromium for all the tests, a site for each, and windows on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.site import NOW, Site, make_seeded, running
from tests.browser.windows import NARROW, Answers, Windows
from tests.browser.worked import leave_work
from tests.conftest import IN_CI
from tests.contract.conftest import demo_app, quick_hashes  # noqa: F401 (fixture)
from zeeguu_gamify.delivery import frames
from zeeguu_gamify.testing import frozen

HERE = Path(__file__).parent
#: So many workers of pytest-xdist may have a Chromium at once; two take two groups each.
GROUPS = 4
#: The first that is there; the headless shell takes half of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]  # root has no sandbox; containers, no memory


def browser_path() -> str | None:
    """The program, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder: they want a browser, the publisher, and few workers."""
    ours = [item for item in items if HERE in item.path.parents]
    files = sorted({item.path for item in ours})
    for item in ours:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.publisher)
        item.add_marker(pytest.mark.xdist_group(f"browser {files.index(item.path) % GROUPS}"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's Chromium.

    For the package only: while it lives, an event loop runs in this thread, and no other can.
    """
    path = browser_path()
    if path is None:
        missing = "Chromium (chromium is not installed)"
        if IN_CI:
            pytest.fail(f"not to be left out here: {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the demo's world."""
    path = tmp_path_factory.mktemp("seeded") / "demo.db"
    with frozen(NOW):
        make_seeded(path)
    return path


@pytest.fixture
def site(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The demo with a world of its own, in which time stands still."""
    monkeypatch.setattr(frames, "HEARTBEAT", 0.2)  # so that a stream ends soon after its window
    path = shutil.copy(seeded, tmp_path / "demo.db")
    with frozen(NOW), running(demo_app(f"sqlite:///{path}")) as site:
        yield site


@pytest.fixture
def worked(site: Site) -> Site:
    """The site with something on each list of what an admin works on."""
    leave_work(site)
    return site


@pytest.fixture
def windows(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Opens windows: `windows.open("ada", color_scheme="dark")`."""
    windows = Windows(chromium, site, request.node.name)
    yield windows
    windows.close()
    windows.check()


@pytest.fixture
def page(windows: Windows) -> Page:
    """A window in which nobody is logged in."""
    return windows.open()


@pytest.fixture
def narrow(windows: Windows) -> Page:
    """The same on a small phone."""
    return windows.open(width=NARROW)


@pytest.fixture
def answers(windows: Windows) -> Answers:
    """Answers in the server's place: `answers.reply(page, "/my_badges", 503)`."""
    return Answers(windows)
