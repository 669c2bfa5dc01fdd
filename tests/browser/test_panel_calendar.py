"""The calendar of a user's page in the panel looks as its legend says."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Locator, expect
from sqlalchemy import delete

from tests.browser.axe import axe
from tests.browser.site import NOW, Site
from tests.browser.test_panel import entered
from tests.browser.test_panel_users import visit
from tests.browser.windows import Windows
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.models import PracticeDay


def looks(day: Locator) -> list[str]:
    """How a day, or its like in the legend, is drawn."""
    said = "(({backgroundColor, boxShadow, outline}) => [backgroundColor, boxShadow, outline])"
    found: list[str] = day.evaluate(f"(one) => {said}(getComputedStyle(one))")
    return found


def test_a_missed_day_and_today_are_marked_as_the_legend_says(site: Site, windows: Windows) -> None:
    missed = NOW.date() - timedelta(days=3)
    with site.app.app_context():
        for gone in (missed, NOW.date()):
            forget(site.user_id("ben"), gone)
    page = entered(windows)
    visit(page, site, "users/{user}/streaks")
    days = {kind: page.get_by_title(f"{day}: {kind}") for kind, day in (
        ("missed", missed), ("to come", NOW.date() + timedelta(days=1)))}  # fmt: skip
    today, legend = page.locator(".month [aria-current=date]"), page.locator(".legend .day")
    expect(today).to_have_text(f"{NOW.day} to come")
    assert looks(days["missed"]) == looks(legend.nth(2))
    assert looks(today) == looks(legend.nth(3))
    assert len({tuple(looks(one)) for one in (*days.values(), today)}) == 3
    axe(page)


def forget(user_id: int, day: date) -> None:
    """Let the user not have practised on the day."""
    practised = PracticeDay.user_id == user_id, PracticeDay.local_date == day
    db.session.execute(delete(PracticeDay).where(*practised))
    db.session.commit()
