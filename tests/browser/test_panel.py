"""The panel in a browser: each page with data, empty and failing, by everybody, at any width."""

from __future__ import annotations

import re

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
    with site.app.app_context():
        for table in ("badge_award_log", "user_badge", "job_run"):
            db.session.execute(text(f"DELETE FROM {table}"))
        db.session.commit()
    page = entered(windows, NARROW)
    for path, said in (
        ("awards", "Nothing was granted or revoked in the last 24 hours."),
        ("audit", "Nothing has been changed in the panel."),
        ("badges/friends_1", "Nobody holds it yet."),
        ("catalog?q=nothing+of+the+kind", "Nothing is left when it is filtered like that."),
        *EMPTY,
    ):
        page.goto(f"{site.url}{PANEL}{path}")
        expect(page.get_by_text(said)).to_be_visible()
        axe(page)
        fits(page)


def test_pages_that_fail_say_so(site: Site, windows: Windows) -> None:
    windows.expect("status of 40[04]|status of 503")
    page = entered(windows, NARROW, color_scheme="dark")
    with site.app.app_context():
        db.session.execute(text("ALTER TABLE admin_audit RENAME TO away"))
        db.session.commit()
    for path, said in (
        ("badges/nothing", "There is no badge with the code nothing."),
        ("awards?after=x", "after: not one that this list has given."),
        ("audit", "The database does not answer, or does not fit"),
    ):
        page.goto(f"{site.url}{PANEL}{path}")
        expect(page.get_by_role("alert")).to_contain_text(said)
        axe(page)
        fits(page)


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
