"""<gamify-streak> in a browser."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, insert, update

from tests.browser.axe import axe, fits
from tests.browser.site import NOW, Site
from tests.browser.windows import Answers, Windows, listening
from tests.hosts import change
from zeeguu_gamify.models import BridgeKind, PracticeDay, StreakBridge, UserProfile
from zeeguu_gamify.testing import frozen

CALENDAR = "/practice_calendar"
HISTORY = "/language_streak_history"
TOMORROW = NOW + timedelta(days=1)
EVENING = TOMORROW + timedelta(hours=8)  #: 21:00 where she is
WARNING = "Your streak ends at midnight unless you practise."


def test_the_flame_burns_with_the_count(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.locator(".top.lit .count")).to_have_text("34 days in a row")
    expect(page.get_by_text("Done for today")).to_be_visible()
    axe(page)


def test_it_is_not_lit_on_a_day_without_practice(page: Page, site: Site) -> None:
    with frozen(TOMORROW):
        page.goto(site.element("gamify-streak", "ada"))
        expect(page.locator(".top.unlit .count")).to_have_text("34 days in a row")
        expect(page.get_by_text("Practise today to keep your flame burning.")).to_be_visible()
        axe(page)


def test_it_grows_once_the_learner_has_practised(page: Page, site: Site) -> None:
    with frozen(TOMORROW):
        page.goto(site.element("gamify-streak", "ada"))
        expect(page.locator(".top.unlit")).to_be_visible()
        site.practise("ada")
        page.locator("gamify-streak").evaluate("(element) => element.refresh()")
        expect(page.locator(".top.lit .count")).to_have_text("35 days in a row")
        expect(page.get_by_role("status")).to_have_text("35 days in a row")


def test_practice_elsewhere_moves_the_flame_live(page: Page, site: Site) -> None:
    with frozen(TOMORROW):
        page.goto(site.element("gamify-streak", "ada"))
        expect(page.locator(".top.unlit")).to_be_visible()
        listening(site, page)
        site.practise("ben")
        site.practise("ada")
        expect(page.locator(".top.lit .count")).to_have_text("35 days in a row")


def test_the_calendar_is_a_table_that_says_what_was_on_a_day(page: Page, site: Site) -> None:
    _miss(site, date(2026, 11, 3))
    _bridge(site, date(2026, 11, 4))
    page.goto(site.element("gamify-streak", "ada"))
    month = page.get_by_role("table", name="November 2026")
    expect(month.get_by_role("columnheader")).to_have_count(7)
    expect(_day(month, "2 November: practised")).to_be_visible()
    expect(_day(month, "3 November: not practised")).to_be_visible()
    expect(_day(month, "4 November: bridged by a freeze")).to_be_visible()
    expect(_day(month, "21 November: still to come")).to_be_visible()
    expect(_day(month, "20 November: practised")).to_have_attribute("aria-current", "date")
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_missed_day_has_a_ring_that_one_to_come_has_not(
    scheme: Literal["light", "dark"], windows: Windows, site: Site
) -> None:
    _miss(site, date(2026, 11, 3))
    page = windows.open(color_scheme=scheme)
    page.goto(site.element("gamify-streak", "ada", theme="auto"))
    month = page.get_by_role("table", name="November 2026")
    missed = _day(month, "3 November: not practised").locator(".day")
    expect(missed).to_have_css("border-style", "dashed")
    colour = missed.evaluate("(day) => getComputedStyle(day).color")  # whose contrast axe checks
    expect(missed).to_have_css("border-color", colour)
    for day in ("2 November: practised", "21 November: still to come"):
        expect(_day(month, day).locator(".day")).to_have_css("border-style", "none")
    expect(page.locator(".legend")).to_contain_text("not practised")
    axe(page)


def test_the_legend_tells_only_of_what_there_is(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.locator(".legend li")).to_have_text(["practised", "today"])


def test_months_are_turned_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-streak", "ada"))
    later = page.get_by_role("button", name="Next month")
    expect(later).to_be_disabled()
    page.get_by_role("button", name="Previous month").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="October 2026")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("October 2026")
    expect(page.get_by_role("button", name="Previous month")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="November 2026")).to_be_visible()
    expect(later).to_be_focused()


def test_freezes_in_store_are_shown(page: Page, site: Site) -> None:
    profile = update(UserProfile).where(UserProfile.user_id == site.user_id("ada"))
    assert change(site.app, profile.values(freezes=2))
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.get_by_text("2 freezes in store")).to_be_visible()


def test_a_warning_comes_live(page: Page, site: Site) -> None:
    with frozen(TOMORROW):
        page.goto(site.element("gamify-streak", "ada"))
        expect(page.locator(".top.unlit")).to_be_visible()
        listening(site, page)
    with frozen(EVENING):
        ends = EVENING + timedelta(hours=3)
        context = {"streak": 34, "freezes": 0, "local_date": ends.date(), "ends_at": ends}
        site.emit("ada", "streak.at_risk", context=context)
        expect(page.get_by_text(WARNING)).to_be_visible()
        axe(page)


def test_the_warning_stays_when_the_page_is_loaded_anew_and_goes_with_practice(
    page: Page, site: Site
) -> None:
    with frozen(EVENING):
        page.goto(site.element("gamify-streak", "ada"))
        expect(page.get_by_text(WARNING)).to_be_visible()
        axe(page)
        page.reload()
        expect(page.get_by_text(WARNING)).to_be_visible()
        site.practise("ada")
        page.locator("gamify-streak").evaluate("(element) => element.refresh()")
        expect(page.locator(".top.lit .count")).to_have_text("35 days in a row")
        expect(page.get_by_text(WARNING)).to_have_count(0)


@pytest.mark.parametrize(
    ("lang", "warning"),
    [
        ("en", "Your streak ends at midnight unless you practise."),
        ("de", "Deine Serie endet um Mitternacht, wenn du nicht übst."),
        ("ar", "تنتهي سلسلتك عند منتصف الليل إن لم تتدرّب."),
    ],
    ids=["en", "de", "ar"],
)
def test_the_warning_names_no_hour_of_the_browsers_zone(
    lang: str, warning: str, windows: Windows, site: Site
) -> None:
    page = windows.open(timezone_id="Asia/Tokyo")
    with frozen(EVENING):
        page.goto(site.element("gamify-streak", "ada", lang=lang))
        expect(page.locator(".risk")).to_have_text(warning)


def test_who_has_never_practised_is_invited(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-streak", "vera"))
    expect(page.locator('gamify-streak[state="empty"]')).to_contain_text("light the flame")
    axe(page)


def test_compact_is_the_flame_alone(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-streak", "ada", compact=""))
    expect(page.locator(".count")).to_have_text("34 days in a row")
    expect(page.get_by_role("table")).to_have_count(0)
    page.goto(site.element("gamify-streak", "vera", compact=""))
    expect(page.locator(".count")).to_have_text("0 days in a row")
    expect(page.get_by_text("will be marked here")).to_have_count(0)


def test_what_fails_may_be_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, CALENDAR, 503)
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.get_by_role("alert")).to_contain_text("busy")
    expect(page.locator(".state")).to_have_css("border-style", "solid")  # a card, as its data
    axe(page)
    answers.stop(page, CALENDAR)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".count")).to_be_visible()


def test_it_says_that_it_loads(page: Page, site: Site, answers: Answers) -> None:
    hanging = answers.hang(page, CALENDAR)
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.locator('gamify-streak[state="loading"] [aria-busy]')).to_contain_text("Loading")
    axe(page)
    hanging.let_go()
    expect(page.locator(".count")).to_be_visible()


def test_names_stay_text(page: Page, site: Site, answers: Answers) -> None:
    name = "<img src=x onerror=alert(1)>"
    language = {"code": "zz", "language": name, "daily_streak": 1, "max_streak": 1}
    answers.reply(page, HISTORY, body=[{**language, "max_streak_date": None}])
    page.goto(site.element("gamify-streak", "ada"))
    expect(page.get_by_text(name)).to_be_visible()


def test_it_fits_a_phone_in_the_dark(windows: Windows, site: Site) -> None:
    page = windows.open(width=360, color_scheme="dark")
    _bridge(site, date(2026, 11, 4))
    page.goto(site.element("gamify-streak", "ada", theme="auto"))
    expect(page.locator(".count")).to_be_visible()
    fits(page)
    axe(page)


@pytest.mark.parametrize("width", [320, 700])
def test_the_words_beside_the_count_stay_together(windows: Windows, site: Site, width: int) -> None:
    page = windows.open(width=width)
    page.goto(site.element("gamify-streak", "ada"))
    words = page.locator(".count small").bounding_box()
    assert words
    assert words["height"] < 30


def test_days_stay_whole_in_large_letters(narrow: Page, site: Site) -> None:
    narrow.goto(site.element("gamify-streak", "ada"))
    narrow.evaluate("document.documentElement.style.fontSize = '200%'")
    day = narrow.get_by_role("cell", name="20 November").locator(".day").bounding_box()
    assert day
    assert day["height"] == pytest.approx(day["width"], abs=1)
    fits(narrow)


def test_it_reads_from_right_to_left(narrow: Page, site: Site) -> None:
    narrow.goto(site.element("gamify-streak", "ada", lang="ar"))
    earlier = narrow.get_by_role("button", name="الشهر السابق").bounding_box()
    later = narrow.get_by_role("button", name="الشهر التالي").bounding_box()
    assert earlier
    assert later
    assert earlier["x"] > later["x"]
    expect(narrow.locator("button svg").first).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")
    fits(narrow)
    axe(narrow)


def test_a_page_of_another_origin_may_use_it(page: Page, site: Site) -> None:
    here = site.element("gamify-streak", "ada", api=site.url)
    page.goto(here.replace("127.0.0.1", "localhost"))
    expect(page.locator(".count")).to_be_visible()


def _day(month: Locator, text: str) -> Locator:
    return month.get_by_role("cell", name=text, exact=True)


def _miss(site: Site, day: date) -> None:
    ada = PracticeDay.user_id == site.user_id("ada")
    assert change(site.app, delete(PracticeDay).where(ada, PracticeDay.local_date == day))


def _bridge(site: Site, day: date) -> None:
    _miss(site, day)
    bridge = {"local_date": day, "kind": BridgeKind.FREEZE, "created_at": NOW}
    change(site.app, insert(StreakBridge).values(user_id=site.user_id("ada"), **bridge))
