"""Back, in the panel."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.test_panel import entered
from tests.browser.test_panel_users import visit
from tests.browser.windows import Windows


def test_back_after_a_change_shows_what_was_agreed_to_and_does_it_no_second_time(
    site: Site, windows: Windows
) -> None:
    page = entered(windows)
    visit(page, site, "change/award.grant?user=ada&badge=friends_5")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_label("Why?").fill("for her work")
    page.get_by_role("button", name="Grant a badge").click()
    expect(page.get_by_role("status")).to_contain_text("ada has")
    page.go_back()
    expect(page.get_by_role("heading", name="This will happen")).to_be_visible()
    page.get_by_label("Why?").fill("again")
    page.get_by_role("button", name="Grant a badge").click()
    expect(page.locator("h1")).to_contain_text("award.grant")
    expect(page.get_by_text("for her work").first).to_be_visible()
