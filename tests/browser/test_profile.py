"""<gamify-profile> in a browser."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select, update

from tests.browser.axe import axe, fits
from tests.browser.site import Site
from tests.browser.windows import Answers, Windows, listening
from tests.hosts import change, engine_of
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.models import Reward, RewardRedemption, UserProfile

PROFILE = "/gamify/profile"
REDEEM = "**/gamify/rewards/freeze/redeem*"
LAST_YEAR = datetime(2025, 11, 20)
XSS = "<img src=x onerror=alert(1)>"
GOAL = {
    "code": "words", "name": "Look up ten words", "description": "Tap them.",
    "event": "word.translated", "count": 10, "exp": 20, "value": 4, "done": False,
}  # fmt: skip
REACHED = {**GOAL, "code": "read", "name": "Read", "count": 1, "value": 1, "done": True}


@pytest.fixture(autouse=True)
def _known(site: Site) -> None:
    _give(site, exp=14_152, coins=100, freezes=0)


@pytest.fixture
def shop(site: Site) -> Site:
    """Freezes are to be had, one mug, and a trip that she cannot afford."""
    with site.app.app_context():
        session = db.session()
        freezes = {"kind": "freezes", "amount": 2, "description": "For two days off."}
        rewards.save(session, "freeze", name="Two freezes", cost=30, **freezes)
        rewards.save(session, "mug", name="Mug", kind="mug", cost=10, stock=0)
        rewards.save(session, "trip", name="Trip", kind="trip", cost=900, stock=3)
        session.commit()
    return site


def test_the_level_and_what_one_has_are_shown(page: Page, shop: Site) -> None:
    page.goto(shop.element("gamify-profile", "ada"))
    ring = page.get_by_role("progressbar", name="Level 17")
    expect(ring).to_have_attribute("aria-valuenow", "14152")
    expect(ring).to_have_attribute("aria-valuemax", "15300")
    expect(page.get_by_text("14,152 EXP", exact=True)).to_be_visible()
    expect(page.get_by_text("1,148 EXP to level 18")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="100 coins")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="0 freezes")).to_be_visible()
    axe(page)


def test_on_the_last_level_the_ring_is_full(page: Page, site: Site, answers: Answers) -> None:
    last = site.client("ada").get(PROFILE).get_json() | {"next_level_at": None}
    answers.reply(page, PROFILE, body=last)
    page.goto(site.element("gamify-profile", "ada"))
    expect(page.get_by_text("The highest level there is")).to_be_visible()
    expect(page.locator(".done")).to_have_attribute("stroke-dasharray", "100 100")


def test_it_follows_what_one_earns(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-profile", "ada"))
    expect(page.get_by_text("14,152 EXP", exact=True)).to_be_visible()
    listening(site, page)
    site.earn("ada", 48)
    expect(page.get_by_text("14,200 EXP", exact=True)).to_be_visible()


def test_a_reward_is_bought_once_one_has_said_yes(page: Page, shop: Site) -> None:
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).press("Enter")
    dialog = page.get_by_role("dialog", name="Get “Two freezes”?")
    expect(dialog).to_contain_text("You will have 70 coins left.")
    expect(dialog.get_by_role("button", name="Not now")).to_be_focused()
    axe(page)
    dialog.get_by_role("button", name="Yes, get it").dblclick()
    expect(dialog.page.get_by_role("dialog", name="It’s yours!")).to_be_visible()
    axe(page)
    expect(page.get_by_role("listitem").filter(has_text="2 freezes").first).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(_redeem(page)).to_be_focused()
    expect(page.get_by_text("70 coins", exact=True)).to_be_visible()
    assert _bought(shop) == ["freeze"]


def test_who_says_no_buys_nothing(page: Page, shop: Site) -> None:
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).click()
    page.get_by_role("button", name="Not now").click()
    expect(_redeem(page)).to_be_focused()
    _redeem(page).click()
    page.keyboard.press("Escape")
    expect(_redeem(page)).to_be_focused()
    assert _bought(shop) == []


def test_a_purchase_shows_in_the_other_elements_of_the_page(page: Page, shop: Site) -> None:
    """In those of the same learner alone, and not in one that has gone."""
    asked: list[str] = []
    ada, ben = (f'session="{shop.session(name)}"' for name in ("ada", "ben"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(
        shop.page(
            f"<gamify-profile {ada}></gamify-profile>"
            f"<gamify-profile id=other {ada}></gamify-profile>"
            f"<gamify-streak {ada}></gamify-streak><gamify-streak {ben}></gamify-streak>"
            f"<gamify-streak id=gone {ada}></gamify-streak>",
            modules=("/gamify/components/profile.js", "/gamify/components/streak.js"),
        )
    )
    expect(page.locator("gamify-streak[state=ready]")).to_have_count(3)
    gone = page.locator("#gone").evaluate_handle(
        """(element) => {
            element.remove();
            element.refresh = () => { element.heard = true; };
            return element;
        }"""
    )
    _redeem(page).first.click()
    asked.clear()
    page.get_by_role("button", name="Yes, get it").click()
    expect(page.locator("gamify-streak").first).to_contain_text("2 freezes in store")
    expect(page.locator("#other .has")).to_contain_text("2 freezes")
    assert len([url for url in asked if "/practice_calendar" in url]) == 1
    assert not gone.evaluate("(element) => element.heard")


def test_what_one_cannot_have_says_why(page: Page, shop: Site) -> None:
    page.goto(shop.element("gamify-profile", "ada"))
    expect(_row(page, "Mug")).to_contain_text("Sold out")
    expect(_row(page, "Trip")).to_contain_text("800 coins missing")
    expect(_row(page, "Trip")).to_contain_text("3 left")
    expect(page.get_by_role("button")).to_have_count(1)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        ({"coins": 12}, "18 coins missing"),
        ({"stock": 0}, "Sold out"),
        ({"cost": 101}, "The price has changed to 101 coins. 1 coin missing"),
        ({"ends_at": LAST_YEAR}, "No longer to be had"),
    ],
)
def test_what_has_changed_meanwhile_is_said(
    meanwhile: dict[str, Any], why: str, page: Page, shop: Site, windows: Windows
) -> None:
    windows.expect("status of 409")
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).click()
    _happens(shop, meanwhile)
    page.get_by_role("button", name="Yes, get it").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text(why)
    axe(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert _bought(shop) == []


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "The price has changed to 45 coins."),
        ("de", "Der Preis hat sich auf 45 Münzen geändert."),
        ("ar", "تغيّر السعر إلى"),
    ],
)
def test_at_a_new_price_one_is_asked_again_before_anything_is_paid(
    lang: str, says: str, page: Page, shop: Site, windows: Windows
) -> None:
    windows.expect("status of 409")
    page.goto(shop.element("gamify-profile", "ada", lang=lang))
    _row(page, "Two freezes").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    _happens(shop, {"cost": 45})
    dialog.get_by_role("button").last.click()
    expect(dialog.get_by_role("alert")).to_contain_text(says)
    expect(dialog.locator(".price")).to_contain_text(re.compile("45|٤٥"))
    expect(dialog.get_by_role("button").first).to_be_focused()
    axe(page)
    assert _bought(shop) == []
    dialog.get_by_role("button").last.click()
    expect(dialog.locator(".tick")).to_be_visible()
    assert _paid(shop) == [45]


def test_who_was_asked_again_may_say_no(page: Page, shop: Site, windows: Windows) -> None:
    windows.expect("status of 409")
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).click()
    _happens(shop, {"cost": 20})
    page.get_by_role("button", name="Yes, get it").click()
    expect(page.get_by_role("dialog")).to_contain_text("You will have 80 coins left.")
    page.get_by_role("button", name="Not now").click()
    expect(_redeem(page)).to_be_focused()
    expect(_row(page, "Two freezes")).to_contain_text("20 coins")
    assert _bought(shop) == []


def test_a_refusal_that_comes_late_does_not_get_into_another_dialog(
    page: Page, shop: Site, answers: Answers, windows: Windows
) -> None:
    windows.expect("status of 409")
    _happens(shop, {"stock": 2}, "mug")
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).click()
    refusal = answers.hang(page, "/gamify/rewards/freeze/redeem")
    _happens(shop, {"cost": 45})
    page.get_by_role("button", name="Yes, get it").click()
    page.keyboard.press("Escape")
    _row(page, "Mug").get_by_role("button").click()
    refusal.let_go()
    expect(_row(page, "Two freezes")).to_contain_text("45 coins")
    expect(page.get_by_role("dialog", name="Get “Mug”?")).to_be_visible()
    assert page.get_by_role("alert").count() == 0


def test_a_purchase_whose_answer_was_lost_is_not_paid_twice(
    page: Page, shop: Site, windows: Windows
) -> None:
    windows.expect("ERR_FAILED")
    page.goto(shop.element("gamify-profile", "ada"))
    _redeem(page).click()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(REDEEM, lose)
    page.get_by_role("button", name="Yes, get it").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("There is no connection.")
    assert _bought(shop) == ["freeze"]
    page.unroute(REDEEM)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog", name="It’s yours!")).to_be_visible()
    assert _bought(shop) == ["freeze"]
    expect(page.get_by_text("70 coins", exact=True)).to_be_attached()


def test_the_goals_of_the_day(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, "/daily_goals", body={"local_date": "2026-11-20", "goals": [GOAL, REACHED]})
    page.goto(site.element("gamify-profile", "ada"))
    goals = page.get_by_role("region", name="Today’s goals")
    expect(goals).to_contain_text("1 of 2")
    expect(goals.get_by_role("listitem").first).to_contain_text("4 of 10")
    expect(goals.get_by_role("listitem").first).to_contain_text("+20 EXP")
    expect(goals.get_by_role("listitem").last).to_contain_text("Reached")
    axe(page)


def test_where_nothing_is_to_be_had_there_is_no_shop(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-profile", "kiri"))
    expect(page.get_by_role("progressbar", name="Level")).to_be_visible()
    expect(page.get_by_role("region")).to_have_count(0)
    axe(page)


def test_what_fails_may_be_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, PROFILE, 503)
    page.goto(site.element("gamify-profile", "ada"))
    expect(page.get_by_role("alert")).to_contain_text("busy")
    axe(page)
    answers.stop(page, PROFILE)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("14,152 EXP", exact=True)).to_be_visible()


def test_it_says_that_it_loads(page: Page, site: Site, answers: Answers) -> None:
    hanging = answers.hang(page, PROFILE)
    page.goto(site.element("gamify-profile", "ada"))
    expect(page.locator('gamify-profile[state="loading"] [aria-busy]')).to_contain_text("Loading")
    axe(page)
    hanging.let_go()
    expect(page.get_by_text("14,152 EXP", exact=True)).to_be_visible()


def test_texts_stay_text(page: Page, shop: Site, answers: Answers) -> None:
    _happens(shop, {"name": XSS, "description": XSS})
    goal = {**GOAL, "name": XSS, "description": XSS}
    answers.reply(page, "/daily_goals", body={"local_date": "2026-11-20", "goals": [goal]})
    page.goto(shop.element("gamify-profile", "ada"))
    expect(page.get_by_role("heading", name=XSS)).to_have_count(2)
    page.get_by_role("button", name="Redeem").click()
    expect(page.get_by_role("dialog", name=f"Get “{XSS}”?")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_it_fits_a_phone_in_the_dark(windows: Windows, shop: Site) -> None:
    page = windows.open(width=360, color_scheme="dark")
    page.goto(shop.element("gamify-profile", "ada", theme="auto"))
    expect(_redeem(page)).to_be_visible()
    fits(page)
    axe(page)


def test_rewards_need_more_room_in_large_letters(windows: Windows, shop: Site) -> None:
    page = windows.open(width=700)
    page.goto(shop.element("gamify-profile", "ada"))
    rewards = page.get_by_role("region", name="Rewards").get_by_role("listitem")
    expect(rewards).to_have_count(3)
    columns = []
    for size in ("100%", "200%"):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        boxes = [reward.bounding_box() for reward in rewards.all()]
        columns.append(len({box["x"] for box in boxes if box}))
    assert columns == [2, 1]


def test_it_reads_from_right_to_left(narrow: Page, shop: Site, answers: Answers) -> None:
    answers.reply(narrow, "/daily_goals", body={"local_date": "2026-11-20", "goals": [GOAL]})
    narrow.goto(shop.element("gamify-profile", "ada", lang="ar"))
    ring = narrow.get_by_role("progressbar").first.bounding_box()
    words = narrow.locator(".exp").bounding_box()
    assert ring
    assert words
    assert ring["x"] > words["x"]
    expect(narrow.get_by_text("\u200e+20 ")).to_be_visible()  # else the sign comes after
    fits(narrow)
    axe(narrow)


def _redeem(page: Page) -> Locator:
    return page.get_by_role("button", name="Redeem Two freezes")


def _row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


def _give(site: Site, **columns: Any) -> None:
    mine = update(UserProfile).where(UserProfile.user_id == site.user_id("ada"))
    assert change(site.app, mine.values(columns))


def _happens(site: Site, meanwhile: dict[str, Any], code: str = "freeze") -> None:
    """Change what Ada has, or the reward that is to be had: the freezes, or another."""
    if "coins" in meanwhile:
        _give(site, **meanwhile)
    else:
        reward = update(Reward).where(Reward.code == code)
        assert change(site.app, reward.values(meanwhile))


def _bought(site: Site) -> list[str]:
    """The codes of what Ada has bought."""
    return _read(site, Reward.code)


def _paid(site: Site) -> list[int]:
    """What Ada has paid for each."""
    return _read(site, RewardRedemption.cost)


def _read(site: Site, column: Any) -> list[Any]:
    wanted = (
        select(column)
        .join_from(Reward, RewardRedemption, RewardRedemption.reward_id == Reward.id)
        .where(RewardRedemption.user_id == site.user_id("ada"))
    )
    with engine_of(site.app).connect() as connection:
        return list(connection.execute(wanted).scalars())
