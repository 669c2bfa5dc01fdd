"""<gamify-leaderboard> in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete

from tests.browser.axe import axe, fits
from tests.browser.motion import HARDLY, paced
from tests.browser.site import Site
from tests.browser.windows import Answers, Windows, listening
from tests.hosts import change
from zeeguu_gamify.models import BoardScore

BOARD = "/leaderboards/exp"
ELEMENT = "gamify-leaderboard"
NOVEMBER = re.compile("1.–.30 Nov 2026")
MOVES = "(row) => row.getAnimations().length"


def test_it_ranks_everybody_this_week(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    board = page.get_by_role("table", name="Leaderboard")
    expect(board.get_by_role("columnheader")).to_have_text(["Rank", "Learner", "EXP"])
    expect(_names(page).first).to_have_text("Jin Park")
    expect(_me(page)).to_contain_text("Ada Lindqvist")
    expect(page.get_by_text(re.compile("16.–.22 Nov 2026"))).to_be_visible()
    axe(page)


def test_two_windows_one_practises_and_the_board_of_the_other_moves(
    windows: Windows, site: Site
) -> None:
    ada, ben = windows.open(), windows.open()
    ada.goto(site.element(ELEMENT, "ada"))
    ben.goto(site.element(ELEMENT, "ben"))
    expect(_names(ada).nth(2)).to_have_text("Ada Lindqvist")
    expect(_me(ben)).to_be_visible()
    listening(site, ada, ben)
    site.earn("ben", 500)
    for page in (ada, ben):
        expect(_names(page).nth(1)).to_have_text("Ben Okafor")
    expect(ada.get_by_role("status")).to_have_text("You are now number 4.")
    expect(ben.get_by_role("status")).to_have_text("You are now number 2.")


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", 1), ("reduce", 0)])
def test_a_row_glides_to_its_place_unless_less_motion_is_wished(
    windows: Windows, site: Site, motion: str, moves: int
) -> None:
    page = windows.open(reduced_motion=motion)
    page.goto(site.element(ELEMENT, "ada"))
    expect(_me(page)).to_be_visible()
    listening(site, page)
    with paced(page, HARDLY):
        site.earn("ben", 500)
        row = page.locator('tr[data-user="ben"]:nth-child(2)')
        expect(row).to_be_attached()
        assert row.evaluate(MOVES) == moves


def test_who_stands_far_below_is_shown_among_the_neighbours(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "chi", limit="3"))
    expect(_names(page)).to_have_count(3 + 3)
    expect(page.locator("tr.gap")).to_contain_text("Others in between")
    expect(_me(page).locator(".rank")).to_have_text("12")
    axe(page)


def test_no_gap_is_shown_between_neighbours_of_the_top(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "dalia", limit="3"))
    expect(_me(page).locator(".rank")).to_have_text("4")
    expect(page.locator("tr.gap")).to_have_count(0)
    expect(page.locator(".rank")).to_have_text(["1", "2", "3", "4", "5", "6"])


def test_there_is_more_to_see(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", limit="3"))
    expect(_names(page)).to_have_count(3)
    page.get_by_role("button", name="Show more").click()
    expect(_names(page)).to_have_count(12)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_period_and_scope_are_chosen_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    page.get_by_role("radio", name="Week").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(NOVEMBER)).to_be_visible()
    expect(page.get_by_role("radio", name="Month")).to_be_focused()
    expect(page.get_by_role("radio", name="Month")).to_be_checked()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Friends")).to_be_focused()
    expect(_names(page)).to_have_count(6)


def test_a_board_that_was_chosen_moves_too(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", periods="week,day", scopes="everybody,friends"))
    expect(_me(page)).to_be_visible()
    page.get_by_role("radio", name="Friends").check(force=True)
    expect(_names(page)).to_have_count(6)
    listening(site, page)
    site.earn("ben", 2_000)
    expect(_names(page).first).to_have_text("Ben Okafor")


def test_attributes_leave_no_choice(page: Page, site: Site) -> None:
    page.goto(site.element(ELEMENT, "ada", periods="month", scope="language", language="de",
                           scopes="language"))  # fmt: skip
    expect(page.get_by_text(NOVEMBER)).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(0)


def test_friends_are_ranked_by_what_they_did(page: Page, site: Site) -> None:
    boards = "exercises_done,reading_time"
    page.goto(site.element(ELEMENT, "ada", boards=boards, username="ada", periods="week"))
    expect(page.get_by_role("columnheader").last).to_have_text("Exercises")
    expect(_me(page)).to_contain_text("Ada Lindqvist")
    page.get_by_role("radio", name="Reading").check(force=True)
    expect(page.get_by_role("columnheader").last).to_have_text("Reading")
    expect(_me(page).locator(".score")).to_contain_text("hr")
    axe(page)


def test_a_class_is_for_those_who_are_in_it(windows: Windows, site: Site) -> None:
    ben, ada = windows.open(), windows.open()
    ben.goto(site.element(ELEMENT, "ben", scope="cohort", cohort="1"))
    expect(ben.get_by_role("radio", name="Class")).to_be_checked()
    expect(_names(ben)).to_have_count(5)
    windows.expect("status of 403")
    ada.goto(site.element(ELEMENT, "ada", scope="cohort", cohort="1"))
    expect(ada.get_by_role("alert")).to_have_text("You may not see this.")
    ada.get_by_role("radio", name="Friends").check(force=True)
    expect(_me(ada)).to_be_visible()


def test_a_board_that_is_refused_does_not_silence_the_others(windows: Windows, site: Site) -> None:
    page = windows.open()
    windows.expect("status of 403")
    ours = f'<{ELEMENT} session="{site.session("ada")}"'
    both = f'{ours} scope="cohort" cohort="1"></{ELEMENT}>{ours} id="good"></{ELEMENT}>'
    page.goto(site.page(both, modules=("/gamify/components/leaderboard.js",)))
    expect(page.get_by_role("alert")).to_have_text("You may not see this.")
    expect(page.locator("#good .name").nth(1)).to_have_text("Goran Petrović")
    listening(site, page)
    site.earn("ben", 500)
    expect(page.locator("#good .name").nth(1)).to_have_text("Ben Okafor")


def test_equals_share_a_rank_and_names_stay_text(page: Page, site: Site, answers: Answers) -> None:
    name = "<img src=x onerror=alert(1)>"
    entries = [_entry("one", 1, 9, name), _entry("two", 2, 5), _entry("three", 2, 5)]
    answers.reply(page, BOARD, body=_page_of(entries))
    page.goto(site.element(ELEMENT, "ada"))
    expect(page.get_by_text(name)).to_be_visible()
    expect(page.locator("td:first-child")).to_have_text(["1", "2shared", "2shared"])
    expect(page.get_by_text("You are not on this board yet.")).to_be_visible()


def test_an_empty_board_invites(page: Page, site: Site) -> None:
    assert change(site.app, delete(BoardScore))
    page.goto(site.element(ELEMENT, "ada"))
    expect(page.get_by_text("Be the first!")).to_be_visible()
    expect(page.get_by_role("radio", name="Week")).to_be_checked()
    axe(page)


def test_what_fails_may_be_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, BOARD, 500)
    page.goto(site.element(ELEMENT, "ada"))
    expect(page.get_by_role("alert")).to_have_text("Something went wrong at our end.")
    axe(page)
    answers.stop(page, BOARD)
    page.get_by_role("button", name="Try again").click()
    expect(_me(page)).to_be_visible()


def test_a_board_stays_while_the_newer_one_cannot_be_had(
    page: Page, site: Site, answers: Answers
) -> None:
    page.goto(site.element(ELEMENT, "ada"))
    expect(_me(page)).to_be_visible()
    listening(site, page)
    answers.reply(page, BOARD, 503)
    with page.expect_response(lambda answer: answer.status == 503):
        site.earn("ben", 500)
    expect(_me(page)).to_be_visible()
    answers.stop(page, BOARD)
    site.earn("ben", 1)
    expect(_names(page).nth(1)).to_have_text("Ben Okafor")


def test_it_fits_a_phone_in_the_dark(windows: Windows, site: Site) -> None:
    page = windows.open(width=360, color_scheme="dark")
    page.goto(site.element(ELEMENT, "chi", theme="auto", limit="5"))
    expect(_me(page)).to_be_visible()
    fits(page)
    axe(page)


def test_it_reads_from_right_to_left(narrow: Page, site: Site) -> None:
    narrow.goto(site.element(ELEMENT, "ada", lang="ar"))
    expect(_me(narrow)).to_be_visible()
    starts, ends = narrow.locator(ELEMENT).evaluate(
        """(element) => [...element.shadowRoot.querySelector(".me").cells]
            .map((cell) => cell.getBoundingClientRect().x).filter((_, place) => place !== 1)"""
    )
    assert starts > ends
    fits(narrow)
    axe(narrow)


def _names(page: Page) -> Locator:
    return page.locator(".name")


def _me(page: Page) -> Locator:
    return page.locator('tr[aria-current="true"]')


def _entry(username: str, rank: int, score: int, name: str | None = None) -> dict[str, Any]:
    user = {"name": name or username, "username": username, "avatar": None}
    return {"user": user, "rank": rank, "score": score, "is_me": False}


def _page_of(entries: list[dict[str, Any]]) -> dict[str, Any]:
    period = {"kind": "week", "starts": "2026-11-16", "ends": "2026-11-22"}
    return {"name": "EXP", "period": period, "entries": entries, "next_cursor": None, "me": None}
