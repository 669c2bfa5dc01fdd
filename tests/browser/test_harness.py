"""The harness itself: a test that cannot fail would be worse than none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.site import Site
from tests.browser.windows import Answers, Windows


def test_a_page_of_the_demo_is_shown(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_learner_is_logged_in_by_a_cookie(windows: Windows, site: Site) -> None:
    page = windows.open("ada")
    page.goto(site.url + "/get_user_details")
    expect(page.locator("body")).to_contain_text("ada@example.com")


def test_axe_says_what_is_wrong_and_where(page: Page, site: Site) -> None:
    page.goto(site.page("<p>Fine.</p>"))
    axe(page)
    page.goto(site.page('<img src="/favicon.ico">'))
    with pytest.raises(
        AssertionError, match=r'critical: .*alternative.*\n +<img src="/favicon.ico">'
    ):
        axe(page)


def test_what_still_fades_in_is_not_wrong(page: Page, site: Site) -> None:
    page.goto(site.page("<p>Fading.</p><p>Turning.</p>"))
    page.evaluate(
        """() => {
            const [fading, turning] = document.querySelectorAll("p");
            turning.animate({ rotate: "1turn" }, { duration: 100, iterations: Infinity });
            fading.animate({ opacity: [0.2, 1] }, 100_000);
        }"""
    )
    axe(page)


def test_what_goes_wrong_in_a_window_fails_the_test(
    page: Page, site: Site, windows: Windows
) -> None:
    page.goto(site.page("<p>Fine.</p>"))
    windows.check()
    page.evaluate("() => console.error('said')")
    page.evaluate(
        """() => new Promise((done) => {
            setTimeout(() => { setTimeout(done); throw new Error("thrown"); });
        })"""
    )
    page.evaluate("() => fetch('http://cdn.example/a.js').catch(() => {})")
    with pytest.raises(AssertionError, match=r"(?s)said.*thrown.*cdn\.example"):
        windows.check()
    windows.wrong.clear()


def test_an_answer_may_be_given_or_kept_waiting(page: Page, site: Site, answers: Answers) -> None:
    page.goto(site.page('<p id="answer">None.</p>'))
    answers.reply(page, "/gamify/openapi.json", 503)
    assert page.evaluate("fetch('/gamify/openapi.json').then((got) => got.status)") == 503
    answers.stop(page, "/gamify/openapi.json")
    hanging = answers.hang(page, "/gamify/openapi.json")
    page.evaluate(
        """() => {
            fetch("/gamify/openapi.json").then((got) => { answer.textContent = got.status; });
        }"""
    )
    page.wait_for_timeout(50)
    expect(page.locator("#answer")).to_have_text("None.")
    hanging.let_go()
    expect(page.locator("#answer")).to_have_text("200")


def test_what_happens_in_the_test_reaches_the_window(page: Page, site: Site) -> None:
    page.goto(site.page('<p id="heard"></p>'))
    page.evaluate(
        """(session) => new Promise((done) => {
            const url = `/gamify/stream?session=${session}&boards=exp:week:everybody`;
            const stream = new EventSource(url);
            stream.addEventListener("ready", done);
            stream.addEventListener("board.moved", () => { heard.textContent += "moved"; });
        })""",
        site.session("ada"),
    )
    site.earn("ben", 5)
    expect(page.locator("#heard")).to_have_text("moved")
