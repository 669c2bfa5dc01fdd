"""The panel in a browser: each page with data, empty and failing, by everybody, at any width."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, text, update

from tests.admin.test_work import EMPTY
from tests.browser.axe import axe, fits
from tests.browser.site import NOW, Site
from tests.browser.windows import NARROW, WIDE, Windows
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog

ADMIN = "vera"
PANEL = "/gamify/admin/"
#: Path → what its heading says; of long lists a part, because axe takes its time for each row.
PAGES = {
    "": "Overview",
    "awards?badge=friends_1": "Awards of the last 24 hours",
    "holders?family=FRIENDS": "Holders",
    "catalog?family=FRIENDS": "Catalog",
    "badges/friends_5": "Social Butterfly visible",
    "triggers?q=friend": "Triggers",
    "audit": "Audit log",
    "change/events.pause": "Pause events?",
}
#: Path → what it says of what is not there.
MISSING = {
    "badges/nothing": "There is no badge with the code nothing.",
    "awards?after=x": "after: not one that this list has given.",
    "catalog?after=x": "after: not one that this list has given.",
    "triggers?after=x": "after: not one that this list has given.",
}
#: Path → a table that it cannot do without.
TABLES = {
    "": "outbox_message",
    "awards": "badge_award_log",
    "holders": "badge_award_log",
    "badges/friends_5": "user_badge",
    "audit": "admin_audit",
}
OUTAGE = "does not fit"  #: what it says then
#: Where a page says what is wrong: at its top, at a field, or as the doctor does.
PROBLEM = "[role=alert], p.wrong, .checks .bad"


@pytest.fixture
def rushed(site: Site) -> Site:
    """The site after a rush for a badge."""
    row = {"user_id": site.user_id("ada"), "action": AwardAction.GRANTED, "at": NOW}
    with site.app.app_context():
        badge = db.session.execute(select(Badge.id).where(Badge.code == "friends_5")).scalar_one()
        db.session.execute(insert(BadgeAwardLog), [row | {"badge_id": badge}] * 40)
        db.session.commit()
    return site


def entered(windows: Windows, width: int = WIDE, **options: str) -> Page:
    """A window of an admin, in the panel."""
    page = windows.open(width=width, **options)
    page.goto(f"{windows.site.url}{PANEL}?session={windows.site.session(ADMIN)}")
    assert page.url == windows.site.url + PANEL
    return page


def empty(site: Site, *tables: str) -> None:
    """Let nothing be in these tables."""
    with site.app.app_context():
        for table in tables:
            db.session.execute(text(f"DELETE FROM {table}"))
        db.session.commit()


@contextmanager
def without(site: Site, table: str) -> Iterator[None]:
    """The site as long as a table is not there, say before an upgrade of the database."""
    _rename(site, table, "away")
    yield
    _rename(site, "away", table)


def _rename(site: Site, table: str, name: str) -> None:
    """On a new connection, because SQLite looks for the name among what one knew before."""
    with site.app.app_context():
        path = db.engine.url.database or ""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


def says(page: Page, problem: str) -> None:
    """Fail unless this is a page of the panel that tells at once what is wrong."""
    expect(page.locator(PROBLEM).filter(has_text=problem).first).to_be_in_viewport()
    expect(page.get_by_role("banner").get_by_role("link", name="Gamify")).to_be_visible()
    fits(page)


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_page_can_be_used_by_everybody(
    rushed: Site, windows: Windows, width: int, scheme: str
) -> None:
    page = entered(windows, width, color_scheme=scheme)
    for path, heading in PAGES.items():
        page.goto(f"{rushed.url}{PANEL}{path}")
        expect(page.locator("h1")).to_have_text(heading)
        axe(page)
        fits(page)


def test_pages_without_data_can_be_too(site: Site, windows: Windows) -> None:
    empty(site, "badge_award_log", "user_badge", "job_run")
    page = entered(windows, NARROW)
    for path, said in (
        ("awards", "Nothing was granted or revoked in the last 24 hours."),
        ("audit", "Nothing has been changed in the panel."),
        ("badges/friends_1", "Nobody holds it yet."),
        ("catalog?q=nothing+of+the+kind", "Nothing is left when it is filtered like that."),
        ("holders?only=spikes", "Nothing is left when it is filtered like that."),
        ("triggers?q=nothing+of+the+kind", "Nothing is left when it is filtered like that."),
        *EMPTY,
    ):
        page.goto(f"{site.url}{PANEL}{path}")
        expect(page.get_by_text(said)).to_be_visible()
        axe(page)
        fits(page)


def test_pages_that_fail_say_so(site: Site, windows: Windows) -> None:
    windows.expect("status of 40[04]|status of 503")
    page = entered(windows, NARROW, color_scheme="dark")
    for path, said in MISSING.items():
        page.goto(f"{site.url}{PANEL}{path}")
        says(page, said)
        axe(page)
    for path, table in TABLES.items():
        with without(site, table):
            page.goto(f"{site.url}{PANEL}{path}")
        says(page, OUTAGE)
        axe(page)


def test_strangers_and_plain_users_see_nothing_of_it(site: Site, windows: Windows) -> None:
    windows.expect("status of 40[14]")
    stranger, plain = windows.open(), windows.open("ada")
    for page, said in ((stranger, "Unauthorized"), (plain, "Not Found")):
        for path in PAGES:
            page.goto(f"{site.url}{PANEL}{path}")
            expect(page.locator("h1")).to_have_text(said)
            expect(page.get_by_text("Gamify")).to_have_count(0)


def test_an_admin_pauses_events_says_why_and_finds_it_on_record(
    site: Site, windows: Windows
) -> None:
    page = entered(windows, NARROW)
    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_text("Every process stops counting events")).to_be_visible()
    page.get_by_label("Why?").fill("<script>alert(1)</script>")
    page.get_by_role("button", name="Pause events").click()
    expect(page.get_by_role("status")).to_have_text("Events are paused.")
    expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Audit log").click()
    page.get_by_role("link", name="events.pause").click()
    expect(page.get_by_text('"paused": "<script>alert(1)</script>"')).to_be_visible()
    axe(page)
    fits(page)


def test_a_badge_is_found_from_any_page(site: Site, windows: Windows) -> None:
    page = entered(windows)
    page.get_by_role("searchbox", name="Search badges").fill("together")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Better Together").click()
    expect(page.get_by_text("FRIENDS is at least 1")).to_be_visible()
    page.get_by_role("link", name="friendship.changed").click()
    expect(page.get_by_role("link", name="friends_5")).to_be_visible()


def test_the_keyboard_comes_to_the_content_at_once(site: Site, windows: Windows) -> None:
    page = entered(windows)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_rush_for_a_badge_is_seen_and_said(rushed: Site, windows: Windows) -> None:
    page = entered(windows)
    page.goto(f"{rushed.url}{PANEL}holders?only=spikes&family=FRIENDS")
    row = page.get_by_role("row").filter(has_text="Social Butterfly")
    expect(row.get_by_text("2026-11-20: 40", exact=True)).to_be_visible()
    expect(row.get_by_role("img")).to_have_accessible_name(re.compile("Spikes: 2026-11-20: 40"))
    expect(row.locator("circle")).to_have_count(1)


def test_a_name_is_text(site: Site, windows: Windows) -> None:
    with site.app.app_context():
        nasty = {"name": "<img src=x onerror=alert(1)>", "updated_at": NOW}
        db.session.execute(update(Badge).where(Badge.code == "friends_1").values(nasty))
        db.session.execute(update(BadgeAwardLog).values(at=NOW))
        db.session.execute(
            text("UPDATE gamify_setting SET value = value + 1 WHERE name = 'catalog_version'")
        )
        db.session.commit()
    page = entered(windows)
    for path in ("catalog", "awards", "holders", "badges/friends_1"):
        page.goto(f"{site.url}{PANEL}{path}")
        expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()


def test_a_file_is_offered_for_download(site: Site, windows: Windows) -> None:
    page = entered(windows)
    page.goto(f"{site.url}{PANEL}catalog?q=friends")
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    assert download.value.suggested_filename == "catalog.csv"
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("Badge,Code,Family,Test")
