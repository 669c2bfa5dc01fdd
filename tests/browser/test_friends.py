"""<gamify-friends> in a browser."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from tests.browser.axe import axe, fits
from tests.browser.site import NOW, Site
from tests.browser.windows import TIMEOUT, Answers, Windows, listening
from tests.hosts import change
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.testing import frozen

ELEMENT = "gamify-friends"
FRIENDS = "/my_friends"
SEARCH = "/search_users"


def test_friends_are_shown_with_what_they_learn_the_longest_streak_first(
    page: Page, site: Site
) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    friends = page.get_by_role("list", name="Your friends", exact=True)
    expect(friends.locator(".name")).to_have_text(
        ["Jin Park", "Dalia Haddad", "Fiona Walsh", "Lena Sharma", "Ben Okafor"]
    )
    expect(_row(page, "jin")).to_contain_text("German")
    axe(page)


def test_a_streak_goes_on_once_both_have_practised(page: Page, site: Site) -> None:
    with frozen(NOW + timedelta(days=1)):
        for learner in ("ada", "ben", "lena"):
            site.practise(learner)
        page.goto(site.element(ELEMENT, "ada"))
        expect(_row(page, "lena")).to_contain_text("8 days together")
        expect(_row(page, "ben")).to_contain_text("7 days together")
        expect(_row(page, "dalia")).to_contain_text("12 days together")


def test_a_request_is_accepted_in_one_window_and_seen_in_the_other(
    windows: Windows, site: Site
) -> None:
    ada, chi = windows.open(), windows.open()
    ada.goto(site.element(ELEMENT, "ada"))
    chi.goto(site.element(ELEMENT, "chi"))
    expect(_row(chi, "ada")).to_contain_text("Cancel")
    listening(site, ada, chi)
    ada.get_by_role("button", name="Accept Chi Nakamura").click()
    expect(ada.get_by_role("status")).to_have_text("You and Chi Nakamura are friends now.")
    expect(_row(ada, "chi").get_by_text("More about")).to_be_attached()
    expect(chi.get_by_role("list", name="Friends", exact=True)).to_contain_text("Ada Lindqvist")


def test_a_request_arrives_live(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    expect(_row(page, "ben")).to_be_visible()
    listening(site, page)
    body = {"receiver_username": "ada"}
    assert site.client("hana").post("/send_friend_request", json=body).status_code == 200
    expect(page.get_by_role("status")).to_have_text("Hana Kealoha wants to be your friend.")
    expect(page.get_by_role("button", name="Accept Hana Kealoha")).to_be_visible()


def test_declining_may_be_undone_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", undo_seconds="600"))
    page.get_by_role("button", name="Decline Chi Nakamura").press("Enter")
    expect(page.get_by_text("Request of Chi Nakamura declined.").first).to_be_visible()
    undo = page.get_by_role("button", name="Undo Chi Nakamura")
    expect(undo).to_be_focused()
    axe(page)
    undo.press("Enter")
    expect(page.get_by_role("button", name="Accept Chi Nakamura")).to_be_focused()
    assert _asking(site) == ["chi"]


def test_declining_is_done_in_the_end(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", undo_seconds="0.1"))
    page.get_by_role("button", name="Decline Chi Nakamura").click()
    expect(_row(page, "chi")).to_have_count(0)
    assert _asking(site) == []


def test_declining_is_done_when_the_page_is_left(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", undo_seconds="600"))
    page.get_by_role("button", name="Decline Chi Nakamura").click()
    page.goto(site.page("<p>Elsewhere.</p>"))
    deadline = time.monotonic() + TIMEOUT / 1000
    while _asking(site) and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert _asking(site) == []


def test_somebody_is_found_and_asked(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    search = page.get_by_role("searchbox", name="Find somebody by username or full name")
    search.press_sequentially("hana", delay=90)
    found = page.get_by_role("list", name="1 person found")
    expect(found).to_contain_text("Hana Kealoha")
    expect(search).to_be_focused()
    expect(search).to_have_value("hana")
    axe(page)
    page.get_by_role("button", name="Add Hana Kealoha").click()
    expect(page.get_by_role("list", name="You have asked")).to_contain_text("Hana Kealoha")
    expect(found).to_contain_text("Cancel")


def test_who_was_found_and_asked_keeps_the_avatar(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    page.get_by_role("searchbox").fill("hana")
    face = page.locator("ul.found gamify-avatar")
    animal = face.get_attribute("image-name")
    assert animal
    page.get_by_role("button", name="Add Hana Kealoha").click()
    asked = page.get_by_role("list", name="You have asked")
    expect(asked.locator("gamify-avatar")).to_have_attribute("image-name", animal)
    page.get_by_role("searchbox").fill("")
    expect(face).to_have_count(0)
    expect(asked.locator("gamify-avatar")).to_have_attribute("image-name", animal)


@pytest.mark.parametrize(
    ("lang", "label", "hint"),
    [
        ("en", "Find somebody by username or full name", "Username or full name"),
        ("de", "Nach Benutzername oder ganzem Namen suchen", "Benutzername, ganzer Name"),
        ("ar", "ابحث عن شخص باسم المستخدم أو الاسم الكامل", "اسم المستخدم أو الاسم الكامل"),
    ],
    ids=["en", "de", "ar"],
)
def test_the_search_says_what_is_found_as_far_as_a_phone_has_room(
    lang: str, label: str, hint: str, narrow: Page, site: Site
) -> None:
    """Part of a full name finds nobody (docs/contract.md §6)."""
    narrow.goto(site.element(ELEMENT, "ada", lang=lang))
    search = narrow.get_by_role("searchbox", name=label)
    expect(search).to_have_attribute("placeholder", hint)
    room, wanted = search.evaluate(
        """(field) => {
            const style = getComputedStyle(field);
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = style.font;
            const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
            return [field.clientWidth - padding, pen.measureText(field.placeholder).width];
        }"""
    )
    assert wanted <= room


def test_one_pause_is_one_search(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.element(ELEMENT, "ada"))
    page.get_by_role("searchbox").evaluate(
        """(field) => [..."nobody like that"].forEach((letter) => {
            field.value += letter;
            field.dispatchEvent(new Event("input"));
        })"""
    )
    expect(page.get_by_role("heading", name="Nobody found")).to_be_visible()
    assert len([url for url in asked if SEARCH in url]) == 1
    page.get_by_role("searchbox").fill("")
    expect(page.get_by_role("heading", name="Nobody found")).to_have_count(0)


def test_a_search_that_is_refused_says_so_and_leaves_the_rest(
    page: Page, site: Site, answers: Answers
) -> None:
    answers.reply(page, SEARCH, 429, {"message": "Too many searches."})
    page.goto(site.element(ELEMENT, "ada"))
    page.get_by_role("searchbox").fill("hana")
    expect(page.get_by_role("alert")).to_have_text("Too many searches.")
    expect(_row(page, "ben")).to_be_visible()
    axe(page)


def test_who_is_blocked_is_gone_and_may_be_let_in_again(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", undo_seconds="0.1"))
    _more(page, "ben").click()
    axe(page)
    page.get_by_role("button", name="Block Ben Okafor").click()
    page.get_by_text("1 person blocked").click()
    expect(page.get_by_role("list", name="Your friends", exact=True)).not_to_contain_text("Ben")
    page.get_by_role("button", name="Unblock Ben Okafor").click()
    expect(page.get_by_text("1 person blocked")).to_have_count(0)


def test_a_friend_is_removed_from_a_menu_that_escape_closes(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", undo_seconds="0.1"))
    remove = page.get_by_role("button", name="Remove Ben Okafor")
    _more(page, "ben").press("Enter")
    expect(remove).to_be_visible()
    page.keyboard.press("Escape")
    expect(remove).not_to_be_visible()
    expect(_more(page, "ben")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    expect(_row(page, "ben")).to_have_count(0)


def test_what_the_server_refuses_changes_nothing(page: Page, site: Site, answers: Answers) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    answers.reply(page, "/accept_friend_request", 404)
    page.get_by_role("button", name="Accept Chi Nakamura").click()
    expect(page.get_by_role("alert")).to_have_text("Not today")
    expect(page.get_by_role("button", name="Accept Chi Nakamura")).to_be_visible()


def test_who_has_no_friends_is_invited_to_find_some(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "kiri"))
    expect(page.get_by_text("You have no friends here yet.")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_visible()
    axe(page)


def test_what_fails_may_be_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, FRIENDS, 500)
    page.goto(site.element(ELEMENT, "ada"))
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)
    answers.stop(page, FRIENDS)
    page.get_by_role("button", name="Try again").click()
    expect(_row(page, "ben")).to_be_visible()


def test_names_stay_text(page: Page, site: Site) -> None:
    name = '<img src=x onerror="alert(1)">'
    site.rename("ben", name)
    site.rename("chi", "<script>alert(2)</script>")
    page.goto(site.element(ELEMENT, "ada"))
    expect(_row(page, "ben").locator(".name")).to_have_text(name)
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Request of <script>alert(2)</script> declined.").first).to_be_visible()


def test_a_page_of_another_origin_may_change_things(page: Page, site: Site) -> None:
    here = site.element(ELEMENT, "ada", api=site.url)
    page.goto(here.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Accept Chi Nakamura").click()
    expect(page.get_by_role("list", name="Friends", exact=True)).to_contain_text("Chi Nakamura")


def test_it_fits_a_phone_in_the_dark(windows: Windows, site: Site) -> None:
    assert change(site.app, update(Friendship).values(_seven_days()))
    page = windows.open(width=360, color_scheme="dark")
    page.goto(site.element(ELEMENT, "ada", theme="auto"))
    expect(_row(page, "ben")).to_be_visible()
    _more(page, "fiona").click()
    fits(page)
    axe(page)


def test_it_reads_from_right_to_left(narrow: Page, site: Site) -> None:
    narrow.goto(site.element(ELEMENT, "ada", lang="ar"))
    expect(_row(narrow, "ben")).to_be_visible()
    picture, name = narrow.locator(ELEMENT).evaluate(
        """(element) => [...element.shadowRoot.querySelector('[data-user="ben"]').children]
            .map((part) => part.getBoundingClientRect().x).slice(0, 2)"""
    )
    assert picture > name
    _more(narrow, "ben").click()
    fits(narrow)
    axe(narrow)


def _row(page: Page, username: str) -> Locator:
    return page.locator(f'li[data-user="{username}"]')


def _more(page: Page, username: str) -> Locator:
    return _row(page, username).locator("summary")


def _asking(site: Site) -> list[str]:
    """Who waits for Ada's answer."""
    asked = site.client("ada").get("/get_received_friend_requests").json
    return [request["sender"]["username"] for request in asked or []]


def _seven_days() -> dict[str, object]:
    """What a friendship has in which both practised for a week until today."""
    first, today = date(2026, 11, 14), date(2026, 11, 20)
    run = {"a_from": first, "a_last": today, "b_from": first, "b_last": today}
    return {**run, "friend_streak": 7, "friend_streak_date": today}
