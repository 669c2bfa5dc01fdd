"""What all elements have in common: attributes, one stream for all of them, coming back."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Route, expect

from tests.browser.site import Site
from tests.browser.windows import TIMEOUT, Answers, Windows, listening

GALLERY = "/gamify/badges"
MODULES = ("/gamify/components/badges.js", "/gamify/components/profile.js")
BOTH = (
    "<gamify-badges session='{0}'></gamify-badges><gamify-profile session='{0}'></gamify-profile>"
)


def test_the_elements_of_a_page_share_a_stream(page: Page, site: Site) -> None:
    page.goto(site.page(BOTH.format(site.session("ada")), modules=MODULES))
    listening(site, page)
    page.wait_for_timeout(200)
    assert site.streams == 1
    site.emit("ada", "word.translated", 100)
    expect(page.get_by_role("button", name="Polyglot Machine, earned")).to_be_attached()


def test_a_stream_ends_with_the_last_that_listens(page: Page, site: Site) -> None:
    page.goto(site.page(BOTH.format(site.session("ada")), modules=MODULES))
    listening(site, page)
    page.evaluate("document.querySelector('gamify-profile').remove()")
    page.wait_for_timeout(200)
    assert site.streams == 1
    page.evaluate("document.querySelector('gamify-badges').remove()")
    deadline = time.monotonic() + TIMEOUT / 1000
    while site.streams and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert site.streams == 0


def test_a_stream_that_was_refused_is_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, "/gamify/stream", 503)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    answers.stop(page, "/gamify/stream")
    listening(site, page)


def test_who_may_have_missed_something_fetches_everything_again(page: Page, site: Site) -> None:
    streams = iter(["retry: 50\n\nid: 1\nevent: ready\ndata: {}\n\n", "event: reset\ndata: {}\n\n"])

    def answer(route: Route) -> None:
        route.fulfill(body=next(streams, ": \n\n"), content_type="text/event-stream")

    page.route("**/gamify/stream*", answer)
    page.goto(site.page("<p>Soon</p>", modules=MODULES))
    with (
        page.expect_response("**/gamify/badges*") as first,
        page.expect_response(lambda answer: GALLERY in answer.url and answer != first.value),
    ):
        page.evaluate(
            """(session) => {
                const made = document.createElement("gamify-badges");
                made.session = session;
                document.querySelector("main").append(made);
            }""",
            site.session("ada"),
        )


def test_another_session_is_another_learner(
    page: Page, site: Site, answers: Answers, windows: Windows
) -> None:
    """What was still on its way for the one before is given up."""
    windows.expect("ERR_ABORTED")
    page.add_init_script(
        """window.signals = [];
        const real = fetch;
        window.fetch = (url, options) => {
            if (options?.signal) signals.push(options.signal);
            return real(url, options);
        };"""
    )
    hanging = answers.hang(page, GALLERY)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.locator('gamify-badges[state="loading"]')).to_be_visible()
    answers.stop(page, GALLERY)
    page.locator("gamify-badges").evaluate(
        "(element, session) => { element.session = session; }", site.session("ben")
    )
    expect(page.get_by_text(f"{site.held('ben')} earned")).to_be_visible()
    assert page.evaluate("signals.map(({ aborted }) => aborted)")[:2] == [True, False]
    hanging.routes.clear()


def test_without_a_session_the_cookie_decides(windows: Windows, site: Site) -> None:
    page = windows.open("ben")
    page.goto(site.page("<gamify-badges></gamify-badges>", modules=MODULES))
    expect(page.get_by_text(f"{site.held('ben')} earned")).to_be_visible()


def test_a_page_hears_when_something_was_loaded_or_failed(
    page: Page, site: Site, answers: Answers
) -> None:
    page.add_init_script(
        """window.heard = [];
        for (const name of ["gamify-loaded", "gamify-error"]) {
            document.addEventListener(name, ({ detail }) =>
                heard.push(detail.error?.kind ?? detail.data.length));
        }"""
    )
    answers.reply(page, GALLERY, 429)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_role("alert")).to_be_visible()
    answers.stop(page, GALLERY)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    families = site.client("ada").get(GALLERY).get_json()
    assert page.evaluate("window.heard") == ["busy", len(families)]


def test_the_looks_are_the_pages_to_choose(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada"))
    page.evaluate("document.documentElement.style.setProperty('--gamify-raised', 'rgb(1, 2, 3)')")
    expect(page.get_by_role("article").first).to_have_css("background-color", "rgb(1, 2, 3)")
