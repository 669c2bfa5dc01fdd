"""The demo as a product, in a browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import delete, select

from tests.browser.axe import axe, fits
from tests.browser.celebrations import celebrated, celebrates, watch
from tests.browser.site import NOW, Site, running
from tests.browser.windows import NARROW, WIDE, Windows, listening, settled
from zeeguu_gamify.delivery import frames
from zeeguu_gamify.demo import product
from zeeguu_gamify.demo.clockwork import Clockwork
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.elements import ELEMENTS
from zeeguu_gamify.demo.models import Exercise, LoginSession, UserExerciseSession
from zeeguu_gamify.testing import frozen

#: What the first quiz earns.
FIRST = ["correct_exercises_1", "getting_started", "level 2", "translated_words_1"]
QUICK = "Do it in one click"
PAGES = ["/", "/demo/as/ada", "/demo/as/nobody", "/nonsense", "/demo/elements/"]


@pytest.fixture
def site(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """What `make demo` serves, with a clock that stands still until it is moved."""
    monkeypatch.setattr(frames, "HEARTBEAT", 0.2)
    monkeypatch.setattr(Clockwork, "_tick", lambda _self: None)
    monkeypatch.setenv("DEMO_DATABASE_URI", f"sqlite:///{shutil.copy(seeded, tmp_path)}")
    with frozen(NOW), running(product.create_app()) as site:
        yield site


def be(page: Page, site: Site, username: str) -> None:
    page.goto(f"{site.url}/demo/as/{username}")


def practise(page: Page) -> None:
    page.get_by_role("button", name=QUICK).click()
    expect(page.get_by_text("Well done:")).to_be_visible()


def celebration(page: Page) -> Locator:
    return page.locator("gamify-unlock .party h2")


def goals(page: Page) -> Locator:
    return page.locator("gamify-profile").get_by_text("2 of 3")


def flame(page: Page, state: str = "") -> Locator:
    return page.locator(f"gamify-streak:not([compact]) .top{state}")


def test_three_learners_are_one_click_away(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator("a.person")).to_have_count(3)
    page.locator("a.person", has_text="Ben Okafor").click()
    expect(page.get_by_role("heading", name="Guten Tag, Ben!")).to_be_visible()
    page.get_by_text("You are Ben", exact=True).click()
    page.get_by_role("link", name="Chi Nakamura", exact=True).click()
    expect(page.get_by_role("heading", name="Guten Tag, Chi!")).to_be_visible()


def test_the_menu_is_closed_by_escape(page: Page, site: Site) -> None:
    be(page, site, "ada")
    page.locator(".who summary").press("Enter")
    vera = page.get_by_role("link", name="Vera Baumann, in the panel")
    expect(vera).to_be_visible()
    page.keyboard.press("Escape")
    expect(vera).to_be_hidden()
    expect(page.locator(".who summary")).to_be_focused()


def test_a_quiz_is_answered_by_keyboard(page: Page, site: Site) -> None:
    be(page, site, "ada")
    first = page.locator(".answers button").first
    first.focus()
    for _ in range(5):
        page.keyboard.press("Enter")
        expect(page.locator(".answers .right")).to_have_count(1)
        page.keyboard.press("Enter")
    expect(page.get_by_text("Your day is kept.")).to_be_visible()
    expect(page.get_by_role("button", name="Another quiz")).to_be_focused()


@pytest.mark.parametrize(
    ("right", "kind", "said"),
    [(0, "none", "Hard words; now you have met them: "), (3, "some", "Good going: ")],
)
def test_a_result_is_told_as_it_is(
    page: Page, site: Site, right: int, kind: str, said: str
) -> None:
    be(page, site, "ada")
    words = json.loads(page.locator("#practise .given").inner_text())["words"]
    for number in range(5):
        meaning = words[page.locator(".question strong").inner_text()]
        buttons = page.locator(".answers button")
        is_right = re.compile(f"^{re.escape(meaning)}$")
        if number < right:
            buttons.filter(has_text=is_right).click()
        else:
            buttons.filter(has_not_text=is_right).first.click()
        page.locator(".after button:visible").click()
    title = page.locator(".done strong")
    expect(title).to_have_text(f"{right} of 5")
    expect(title).to_have_class(kind)
    expect(page.locator(".done p")).to_have_text(re.compile(rf"^{said}\d+ EXP, and some"))
    axe(page)


def test_practice_earns_and_is_celebrated_once(page: Page, site: Site) -> None:
    watch(page)
    be(page, site, "chi")
    expect(page.get_by_text("63 EXP", exact=True)).to_be_visible()
    listening(site, page)
    page.locator("gamify-unlock").evaluate("(unlock) => unlock.setAttribute('duration', '500')")
    practise(page)
    for what in FIRST:
        celebrates(page, what)
    expect(celebration(page)).to_have_count(0)
    assert sorted(celebrated(page)) == FIRST
    expect(goals(page)).to_be_visible()
    page.reload()
    listening(site, page)
    expect(page.locator('gamify-badges[state="ready"]')).to_be_visible()
    expect(celebration(page)).to_have_count(0)
    assert celebrated(page) == []


def test_the_board_of_another_window_moves(windows: Windows, site: Site) -> None:
    ada, ben = windows.open(), windows.open()
    be(ada, site, "ada")
    be(ben, site, "ben")
    listening(site, ada, ben)
    row = ben.locator("gamify-leaderboard").get_by_role("row").filter(has_text="Ada Lindqvist")
    before = row.inner_text()
    practise(ada)
    expect(row).not_to_have_text(before, use_inner_text=True)


def test_a_story_is_read_by_keyboard(page: Page, site: Site) -> None:
    be(page, site, "ada")
    page.get_by_role("button", name="Story").press("Enter")
    page.get_by_role("button", name="Markt").last.press("Enter")
    expect(page.get_by_text("Markt: market")).to_be_visible()
    page.get_by_role("button", name="I have read it").press("Enter")
    expect(page.get_by_text("“Der Markt” is read.")).to_be_visible()
    expect(page.get_by_role("heading", name="Im Zug")).to_be_visible()


def test_a_day_later_the_streak_waits_for_practice(page: Page, site: Site) -> None:
    be(page, site, "ada")
    expect(flame(page, ".lit").locator(".count")).to_have_text("34 days in a row")
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.locator("time")).to_contain_text("Saturday 21 November, 13:00")
    expect(flame(page, ".unlit").locator(".count")).to_have_text("34 days in a row")
    practise(page)
    expect(flame(page, ".lit").locator(".count")).to_have_text("35 days in a row")
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator("time")).to_contain_text("Friday 20 November, 13:00")
    expect(flame(page, ".lit").locator(".count")).to_have_text("34 days in a row")


def test_in_the_evening_it_is_at_risk_and_two_days_later_broken(page: Page, site: Site) -> None:
    be(page, site, "ada")
    listening(site, page)
    page.get_by_role("button", name="+ 1 day").click()
    expect(flame(page, ".unlit")).to_be_visible()
    page.get_by_role("button", name="Next evening").click()
    expect(page.locator("time")).to_contain_text("Saturday 21 November, 21:00")
    expect(
        page.get_by_text("Your streak ends at midnight unless you practise.").last
    ).to_be_visible()
    page.get_by_role("button", name="+ 1 day").click()
    expect(flame(page, ".unlit").locator(".count")).to_have_text("0 days in a row")


def test_every_window_has_the_same_time(page: Page, site: Site) -> None:
    be(page, site, "ada")
    other = page.context.new_page()
    be(other, site, "ben")
    page.get_by_role("button", name="+ 1 week").click()
    expect(other.locator("time")).to_contain_text("Friday 27 November")


def test_what_was_done_while_the_server_was_away_counts_later(
    windows: Windows, page: Page, site: Site
) -> None:
    windows.expect("ERR_FAILED")
    be(page, site, "ada")
    expect(page.locator('gamify-profile[state="ready"]')).to_be_visible()
    told: list[Route] = []

    def away(route: Route) -> None:
        told.append(route)
        route.abort()

    page.route("**/translate_word/**", away)
    page.get_by_role("button", name=QUICK).click()
    problem = page.get_by_role("alert").filter(has_text="The server cannot be reached.")
    expect(problem).to_be_visible()
    axe(page)
    assert len(told) == 1
    page.unroute("**/translate_word/**")
    expect(page.get_by_text("It counts as soon as the server can be reached.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(problem).to_be_hidden()
    expect(page.locator(".done p")).to_contain_text("Well done:")
    expect(goals(page)).to_be_visible()


@pytest.fixture
def expired(windows: Windows, page: Page, site: Site) -> Page:
    """Ada's window, whose session is over without the window knowing."""
    windows.expect("401")
    windows.expect("ERR_FAILED")
    page.route("**/gamify/stream**", lambda route: route.abort())  # it would know
    be(page, site, "ada")
    settled(page)
    with site.app.app_context():
        db.session.execute(delete(LoginSession))
        db.session.commit()
    return page


def test_a_quiz_counts_once_though_the_session_was_over(expired: Page, site: Site) -> None:
    page = expired
    page.get_by_role("button", name=QUICK).click()
    expect(page.get_by_text("Well done:")).to_be_visible()
    expect(page.get_by_text("5 of 5", exact=True)).to_be_visible()
    expect(goals(page)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=QUICK)).to_be_visible()
    with site.app.app_context():
        done = select(Exercise.id).where(Exercise.session_id.is_not(None))
        assert len(db.session.scalars(done).all()) == 5


def test_a_word_of_a_story_counts_though_the_session_was_over(expired: Page) -> None:
    page = expired
    page.get_by_role("button", name="Story").click()
    page.get_by_role("button", name="Markt").last.click()
    expect(page.get_by_text("What you did before is sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Story")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("gamify-profile").get_by_text("1 of 5")).to_be_visible()


def test_what_the_server_refuses_is_said_not_to_count(
    windows: Windows, page: Page, site: Site
) -> None:
    windows.expect("403")
    be(page, site, "ada")
    page.route("**/report_exercise_outcome**", lambda route: route.fulfill(status=403))
    page.get_by_role("button", name=QUICK).click()
    expect(page.get_by_role("alert").filter(has_text="does not count")).to_be_visible()
    expect(page.get_by_text("It does not count.", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_quiz_is_time_spent_on_exercises(page: Page, site: Site) -> None:
    before = _exercise_sessions(site)
    be(page, site, "ada")
    practise(page)
    ((session_id, duration),) = _exercise_sessions(site) - before
    assert duration == 120_000
    with site.app.app_context():
        done = select(Exercise.id).where(Exercise.session_id == session_id)
        assert len(db.session.scalars(done).all()) == 5


def test_a_word_that_is_asked_again_is_met_again(page: Page, site: Site) -> None:
    page.add_init_script("Math.random = () => 0")  # asks the same words
    be(page, site, "ada")
    before = _words_met(site)
    practise(page)
    page.get_by_role("button", name="Another quiz").press("Enter")
    page.get_by_role("button", name=QUICK).press("Enter")
    expect(page.get_by_text("Well done:")).to_be_visible()
    assert _words_met(site) == before + 10


def _words_met(site: Site) -> int:
    families = site.client("ada").get("/my_badges").get_json()
    (words,) = (one for one in families if one["name"] == "Translated words")
    return int(words["current_value"])


def _exercise_sessions(site: Site) -> set[tuple[int, int]]:
    columns = UserExerciseSession.id, UserExerciseSession.duration
    with site.app.app_context():
        return {(key, duration) for key, duration in db.session.execute(select(*columns))}


def test_a_clock_that_cannot_be_moved_stays(windows: Windows, page: Page, site: Site) -> None:
    windows.expect("ERR_FAILED")
    be(page, site, "ada")
    page.route("**/demo/clock", lambda route: route.abort())
    page.get_by_role("button", name="+ 1 day").click()
    said = page.get_by_role("form", name="The demo's clock")
    expect(said).to_contain_text("The server cannot be reached; the clock stays.")
    page.unroute("**/demo/clock")
    page.get_by_role("button", name="+ 1 day").click()
    expect(said).to_contain_text("Saturday 21 November")


@pytest.mark.parametrize("path", ["/", "/demo/as/ben"])
def test_the_clock_takes_one_line_of_buttons_on_a_phone(
    narrow: Page, site: Site, path: str
) -> None:
    narrow.goto(site.url + path)
    moves = narrow.locator(".clock button:not(.back)")
    assert _lines(moves) == 1
    moves.last.click()
    expect(narrow.get_by_role("button", name="Back to now")).to_be_visible()
    assert _lines(moves) == 1
    fits(narrow)


def _lines(buttons: Locator) -> int:
    boxes = [button.bounding_box() for button in buttons.all()]
    return len({box["y"] for box in boxes if box})


def test_an_element_stands_alone_with_its_code(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/demo/elements/")
    page.locator(".list a", has_text="<gamify-streak>").click()
    expect(flame(page)).to_be_visible()
    expect(page.get_by_label("HTML")).to_contain_text('<gamify-streak session="0f3c…">')
    page.get_by_role("link", name="Unlock", exact=True).click()
    page.get_by_role("button", name="Celebrate").click()
    expect(celebration(page)).to_have_text("First Word")


def test_the_panel_is_one_click_away(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="The panel").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_page_can_be_used_by_everybody(
    windows: Windows, site: Site, width: int, scheme: str
) -> None:
    windows.expect("404")
    page = windows.open(width=width, color_scheme=scheme)
    for path in PAGES:
        page.goto(site.url + path)
        settled(page)
        axe(page)
        fits(page)
        menu = page.locator(".who summary").bounding_box()
        assert menu
        assert menu["height"] < 50  # one line


def test_every_element_fits_a_phone(windows: Windows, site: Site) -> None:
    page = windows.open(width=NARROW)
    for element in ELEMENTS:
        page.goto(f"{site.url}/demo/elements/{element.name}")
        settled(page)
        fits(page)
