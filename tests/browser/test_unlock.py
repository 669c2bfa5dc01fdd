"""<gamify-unlock> in a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.axe import axe, fits
from tests.browser.celebrations import celebrated, celebrates, watch
from tests.browser.site import NOW, Site
from tests.browser.windows import Answers, Windows, listening

GALLERY = "/gamify/badges"
WITH_DIALOG = ("unlock", "badges")
LEVEL = {"user_id": 1, "at": "2026-11-20T12:00:00Z", "level": 9, "reward": 0}
XSS = "<img src=x onerror=alert(1)>"
EARNED = {
    "user_id": 1, "at": "2026-11-20T12:00:00Z", "code": "friends_1", "name": "Better Together",
    "description": "You have a friend.", "icon_name": "friends.svg", "color": "#E0578B", "level": 1,
}  # fmt: skip


def test_a_badge_is_celebrated_as_it_is_earned(page: Page, site: Site) -> None:
    page.goto(_alone(site))
    listening(site, page)
    site.emit("ada", "word.translated", 100)
    card = _card(page)
    expect(card.get_by_role("heading", name="Polyglot Machine")).to_be_visible()
    expect(card).to_contain_text("You translated 2500 words.")
    expect(page.get_by_role("status")).to_have_text(
        "Badge earned! Polyglot Machine. You translated 2500 words."
    )
    axe(page)


def test_a_level_is_celebrated_too(page: Page, site: Site) -> None:
    page.goto(_alone(site))
    listening(site, page)
    site.earn("ada", 1_200)
    expect(_card(page).get_by_role("heading", name="Level 18")).to_be_visible()
    axe(page)


def test_a_celebration_goes_though_it_moves_under_the_pointer(page: Page, site: Site) -> None:
    page.goto(_alone(site))
    listening(site, page)
    site.emit("ada", "word.translated", 100)
    _card(page).evaluate(
        """(card) => {
            card.click();
            card.dispatchEvent(new PointerEvent("pointerenter"));
        }"""
    )
    expect(_card(page)).to_have_count(0)


def test_whoever_types_goes_on_typing(page: Page, site: Site) -> None:
    body = f"<gamify-unlock session='{site.session('ada')}'></gamify-unlock>"
    page.goto(site.page(f"{body}<input aria-label='Answer'>", modules=_MODULE))
    listening(site, page)
    answer = page.get_by_role("textbox")
    answer.press_sequentially("Hau")
    site.emit("ada", "word.translated", 100)
    expect(_card(page)).to_be_visible()
    expect(answer).to_be_focused()
    page.keyboard.type("s")
    expect(answer).to_have_value("Haus")


def test_a_celebration_waits_for_a_dialog_of_the_page(page: Page, site: Site) -> None:
    """It would lie above the dialog, and a click on it would be one on what is beneath."""
    session = site.session("ada")
    elements = (f"<gamify-{name} session='{session}'></gamify-{name}>" for name in WITH_DIALOG)
    modules = tuple(f"/gamify/components/{name}.js" for name in WITH_DIALOG)
    page.goto(site.page("".join(elements), modules=modules))
    page.get_by_role("button", name="Steady Hand").click()
    expect(page.get_by_role("dialog")).to_contain_text("automatically")
    page.locator("gamify-unlock").evaluate(
        "(element, level) => element.celebrate({ level })", LEVEL
    )
    page.wait_for_timeout(200)
    expect(_card(page)).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Great!").click()
    expect(_card(page)).to_have_count(0)


def test_what_is_told_before_the_texts_are_there_is_celebrated_then(page: Page, site: Site) -> None:
    page.goto(_alone(site))
    page.evaluate(
        """(badge) => {
          const early = document.querySelector("gamify-unlock").cloneNode();
          document.body.append(early);
          early.celebrate({ badge });
        }""",
        EARNED,
    )
    expect(_card(page).get_by_role("heading", name="Better Together")).to_be_visible()


def test_an_event_that_comes_twice_is_celebrated_once(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED), ("1", EARNED), ("2", EARNED), ("3", {**EARNED, "code": "other"}))
    watch(page)
    page.goto(_alone(site, duration="50"))
    celebrates(page, "other")
    assert celebrated(page) == ["friends_1", "other"]


def test_two_elements_celebrate_once_between_them(page: Page, site: Site) -> None:
    unlock = f"<gamify-unlock duration='50' session='{site.session('ada')}'></gamify-unlock>"
    _stream(page, ("1", EARNED), ("2", {**EARNED, "code": "other"}))
    watch(page)
    page.goto(site.page(unlock * 2, modules=_MODULE))
    celebrates(page, "other")
    page.wait_for_timeout(100)
    assert sorted(celebrated(page)) == ["friends_1", "other"]


def test_two_windows_celebrate_once_between_them(page: Page, site: Site) -> None:
    """Of one browser, that is."""
    second = page.context.new_page()
    url = _alone(site)
    for window in (page, second):
        watch(window)
        window.goto(url)
    listening(site, page, second)
    site.emit("ada", "word.translated", 100)
    while not celebrated(page, second):
        page.wait_for_timeout(20)
    page.wait_for_timeout(200)  # in which the other would
    assert celebrated(page, second) == ["translated_words_5"]


def test_nothing_is_celebrated_again_after_a_reload(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED))
    page.goto(_alone(site))
    expect(_card(page)).to_be_visible()
    watch(page)
    _stream(page, ("1", EARNED), ("2", {**EARNED, "code": "other"}))
    page.reload()
    celebrates(page, "other")
    assert celebrated(page) == ["other"]


def test_what_a_page_caused_as_it_was_left_is_celebrated_on_the_next(
    page: Page, site: Site
) -> None:
    url = _alone(site)
    page.goto(url)
    listening(site, page)
    page.wait_for_function("() => Object.keys(sessionStorage).length")
    page.goto(site.page("<p>Elsewhere</p>"))
    site.emit("ada", "word.translated", 100)
    page.goto(url)
    expect(_card(page).get_by_role("heading", name="Polyglot Machine")).to_be_visible()


def test_several_come_one_after_the_other(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED), ("2", {**EARNED, "code": "friends_2"}))
    page.goto(_alone(site))
    expect(page.get_by_role("heading", name="Better Together")).to_be_visible()
    expect(page.get_by_role("heading", name="Good Company")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Good Company")).to_be_visible()
    page.keyboard.press("Escape")
    expect(_card(page)).to_have_count(0)


@pytest.mark.parametrize("by", ["click", "button"])
def test_it_goes_by(by: str, page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED))
    page.goto(_alone(site))
    expect(_card(page)).to_be_visible()
    if by == "click":
        _card(page).click()
    else:
        page.get_by_role("button", name="Great!").press("Enter")
    expect(_card(page)).to_have_count(0)


def test_it_goes_by_itself_but_waits_while_somebody_points_at_it(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED))
    page.clock.install(time=NOW)
    page.goto(_alone(site, duration="600000"))
    expect(_card(page)).to_be_visible()
    page.mouse.move(640, 400)
    page.clock.fast_forward(700_000)
    page.wait_for_timeout(500)  # in which it would go
    expect(_card(page)).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(700_000)
    expect(_card(page)).to_have_count(0)


def test_who_wants_no_motion_gets_none(windows: Windows, site: Site) -> None:
    moved, calm = windows.open(), windows.open(reduced_motion="reduce")
    for page in (moved, calm):
        _stream(page, ("1", EARNED))
        page.goto(_alone(site))
        expect(_card(page)).to_be_visible()
    assert _motion(moved) == ["arrive", "land", "confetti"]
    assert _motion(calm) == ["fade", "none", "no confetti"]


def test_nobody_celebrates_where_nobody_looks(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED))
    page.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, writable: true })"
    )
    page.goto(_alone(site))
    page.wait_for_timeout(300)
    expect(_card(page)).to_have_count(0)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: false });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(_card(page)).to_be_visible()


def test_a_page_may_celebrate_by_itself(page: Page, site: Site) -> None:
    _stream(page, ("1", EARNED))
    page.goto(site.page("<div id='here'></div>", modules=_MODULE))
    page.evaluate(
        """(session) => new Promise((done) => {
            document.addEventListener("gamify-unlock", (event) => {
                event.preventDefault();
                done(event.detail.badge.code);
            });
            here.innerHTML = "<gamify-unlock></gamify-unlock>";
            here.firstChild.session = session;
        })""",
        site.session("ada"),
    )
    page.wait_for_timeout(200)
    expect(_card(page)).to_have_count(0)


def test_texts_stay_text(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, GALLERY, body=[])
    _stream(page, ("1", {**EARNED, "name": XSS, "description": XSS, "color": "red;}"}))
    page.goto(_alone(site))
    expect(page.get_by_role("heading", name=XSS)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_it_celebrates_though_the_gallery_does_not_answer(
    page: Page, site: Site, answers: Answers, windows: Windows
) -> None:
    windows.expect("404")
    answers.reply(page, GALLERY, 503)
    _stream(page, ("1", EARNED))
    with page.expect_request("**/static/badges/friends.svg"):
        page.goto(_alone(site, icons="/static/badges"))
    expect(page.get_by_role("heading", name="Better Together")).to_be_visible()


def test_it_speaks_the_readers_language_and_fits_a_phone(narrow: Page, site: Site) -> None:
    _stream(narrow, ("1", EARNED))
    narrow.goto(_alone(site, lang="ar"))
    expect(_card(narrow)).to_contain_text("شارة جديدة!")
    expect(_card(narrow)).to_have_css("direction", "rtl")
    fits(narrow)


_MODULE = ("/gamify/components/unlock.js",)


def _alone(site: Site, **attributes: str) -> str:
    """A page with nothing else, on which a celebration stays until it is dismissed."""
    return site.element("gamify-unlock", "ada", **{"duration": "0"} | attributes)


def _card(page: Page) -> Locator:
    return page.locator("[part=card]")


def _stream(page: Page, *events: tuple[str, Mapping[str, Any]]) -> None:
    """Let the stream bring just these badges, and stay silent when it is opened again."""
    text = "".join(
        f"id: {id_}\nevent: badge.earned\ndata: {json.dumps(data)}\n\n" for id_, data in events
    )

    def answer(route: Route) -> None:
        route.fulfill(body=f"retry: 60000\n\n{text}", content_type="text/event-stream")

    page.unroute("**/gamify/stream*")
    page.route("**/gamify/stream*", answer)


def _motion(page: Page) -> list[str]:
    """How the card and the medal move, and whether there is confetti."""
    name = "(element) => getComputedStyle(element).animationName"
    wide = page.locator("canvas").evaluate("(canvas) => canvas.width > 300")
    return [
        _card(page).evaluate(name),
        page.locator(".hero").evaluate(name),
        "confetti" if wide else "no confetti",
    ]
