"""<gamify-badges> in a browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe, fits
from tests.browser.site import Site
from tests.browser.windows import Answers, Windows, listening

GALLERY = "/gamify/badges"
XSS = "<img src=x onerror=alert(1)>"


def test_families_show_their_levels_and_how_far_the_next_one_is(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    friends = _family(page, "Friends")
    expect(friends.get_by_role("button")).to_have_count(5)
    expect(friends.get_by_text("5 of 7 to “Lucky Seven”")).to_be_visible()
    expect(friends.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "5")
    expect(friends.get_by_role("button", name="Good Company, earned", exact=True)).to_be_visible()
    expect(friends.get_by_role("button", name="Lucky Seven, not earned yet")).to_be_visible()
    axe(page)


def test_badges_of_one_level_are_together(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada"))
    special = _family(page, "Special badges")
    expect(special.get_by_role("button")).to_have_count(11)
    expect(special.get_by_role("button", name="First article, earned")).to_be_visible()


def test_the_certificate_is_reached_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada"))
    badge = page.get_by_role("button", name="Steady Hand")
    badge.focus()
    expect(badge.locator(".tip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Steady Hand")
    expect(dialog).to_contain_text("You solved 250 exercises correctly.")
    expect(_fact(dialog, "Earned on")).to_contain_text("2026")
    expect(_fact(dialog, "Counted")).to_have_text("272 (250 needed)")
    expect(_fact(dialog, "Given")).to_have_text("automatically")
    expect(_fact(dialog, "Version of the rule")).to_have_text("1")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(badge).to_be_focused()


def test_and_by_touch(windows: Windows, site: Site) -> None:
    page = windows.open(width=360, has_touch=True)
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Warming Up").tap()
    dialog = page.get_by_role("dialog")
    expect(_fact(dialog, "Given")).to_be_visible()
    fits(page)
    page.touchscreen.tap(5, 5)
    expect(dialog).to_be_hidden()


def test_what_is_not_held_says_how_far_it_is(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Exercise Expert").click()
    dialog = page.get_by_role("dialog", name="Exercise Expert")
    expect(dialog).to_contain_text("Solve 5000 exercises correctly.")
    expect(_fact(dialog, "So far")).to_have_text("1,937 of 5,000")


def test_a_badge_of_several_conditions_lists_them(page: Page, site: Site, answers: Answers) -> None:
    conditions: list[dict[str, Any]] = [
        {"text": "FRIENDS is at least 3", "metric": "FRIENDS", "value": 5, "passed": True},
        {"text": "FRIENDS is below 3", "metric": "FRIENDS", "value": 5, "passed": False},
        {"text": "the local hour is at least 22", "metric": None, "value": 9, "passed": False},
    ]
    answer = {
        "standing": "not earned",
        "conditions": [{**condition, "wanted": 3} for condition in conditions],
        "grants": [],
    }
    answers.reply(page, "/badges/correct_exercises_4/explain", body=answer)
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Exercise Expert").click()
    dialog = page.get_by_role("dialog")
    expect(_fact(dialog, "Friends")).to_have_text("5 (3 needed)")
    expect(_fact(dialog, "FRIENDS is below 3")).to_have_text("still to do")
    expect(_fact(dialog, "the local hour is at least 22")).to_have_text("still to do")


def test_a_medal_that_was_won_more_than_once_names_its_seasons(
    page: Page, site: Site, answers: Answers
) -> None:
    contexts = ("exp:month:2026-10-01", "exp:week:2026-10-26", "2026")
    won = {"achieved_at": "2026-11-02T12:10:00", "source": "auto", "certificate": {}}
    grants = [{"context": context, "revoked_at": None, **won} for context in contexts]
    answers.reply(page, "/explain", body={"standing": "held", "conditions": [], "grants": grants})
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Exercise Expert").click()
    terms = page.get_by_role("dialog").get_by_role("term")
    expect(terms).to_have_text(["Times earned", "2026", "26 Oct – 1 Nov 2026", "October 2026"])


def test_a_certificate_that_cannot_be_had_may_be_asked_for_again(
    page: Page, site: Site, answers: Answers
) -> None:
    explain = "/badges/correct_exercises_2/explain"
    answers.reply(page, explain, 503)
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Steady Hand").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("busy")
    answers.stop(page, explain)
    dialog.get_by_role("button", name="Try again").click()
    expect(_fact(dialog, "Given")).to_have_text("automatically")


def test_what_is_new_is_marked_until_it_was_seen(page: Page, site: Site) -> None:
    ada = site.client("ada")
    assert ada.get("/badges/count_unseen").json == 2
    with page.expect_response("**/badges/mark_all_seen?*"):
        page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_text("New", exact=True)).to_have_count(2)
    assert ada.get("/badges/count_unseen").json == 0
    page.reload()
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    expect(page.get_by_text("New", exact=True)).to_have_count(0)


def test_what_nobody_has_looked_at_stays_new(page: Page, site: Site) -> None:
    ada = site.client("ada")
    page.goto(site.element("gamify-badges", "ada", hidden=""))
    expect(page.locator('gamify-badges[state="ready"]')).to_be_attached()
    page.wait_for_timeout(100)
    assert ada.get("/badges/count_unseen").json == 2
    with page.expect_response("**/badges/mark_all_seen?*"):
        page.evaluate("document.querySelector('gamify-badges').hidden = false")
    assert ada.get("/badges/count_unseen").json == 0


def test_a_badge_that_is_earned_appears_and_moves_no_focus(page: Page, site: Site) -> None:
    with page.expect_response("**/badges/mark_all_seen?*"):
        page.goto(site.element("gamify-badges", "ada"))
    machine = page.get_by_role("button", name="Polyglot Machine, not earned yet")
    machine.focus()
    listening(site, page)
    site.emit("ada", "word.translated", 100)
    machine = page.get_by_role("button", name="Polyglot Machine, earned, New")
    expect(machine).to_be_focused()
    expect(_family(page, "Translated words")).to_contain_text("All levels earned")


def test_a_hidden_badge_says_so(page: Page, site: Site, answers: Answers) -> None:
    families = site.client("ada").get(GALLERY).get_json()
    _badge(families, "friends_1")["hidden"] = True
    answers.reply(page, GALLERY, body=families)
    page.goto(site.element("gamify-badges", "ada"))
    page.get_by_role("button", name="Better Together").click()
    expect(page.get_by_role("dialog")).to_contain_text("A hidden badge")


def test_a_friend_shows_what_they_hold_and_nothing_else(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada", username="ben"))
    expect(page.get_by_text(f"{site.held('ben').split()[0]} badges", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_text("not earned yet")).to_have_count(0)
    page.get_by_role("button", name="Warming Up").click()
    expect(page.get_by_role("dialog")).to_contain_text("Earned on")
    page.keyboard.press("Escape")
    axe(page)
    assert site.client("ada").get("/badges/count_unseen").json == 2


def test_of_a_stranger_nothing_is_shown(page: Page, site: Site, windows: Windows) -> None:
    windows.expect("403")
    page.goto(site.element("gamify-badges", "ada", username="hana"))
    expect(page.get_by_role("alert")).to_have_text("You may not see this.")


def test_who_has_none_is_told_so(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, GALLERY, body=[])
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.locator('gamify-badges[state="empty"]')).to_contain_text("no badges here yet")
    axe(page)


def test_what_fails_may_be_tried_again(page: Page, site: Site, answers: Answers) -> None:
    answers.reply(page, GALLERY, 500)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_role("alert")).to_have_text("Something went wrong at our end.")
    axe(page)
    answers.stop(page, GALLERY)
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()


def test_an_expired_session_is_to_log_in(page: Page, site: Site, windows: Windows) -> None:
    windows.expect("401")
    page.goto(site.page("<gamify-badges session='gone'></gamify-badges>", modules=_MODULE))
    expect(page.get_by_role("alert")).to_have_text("Please log in again.")


def test_without_a_connection_it_says_so(page: Page, site: Site, windows: Windows) -> None:
    windows.expect("ERR_")
    page.route("**/gamify/badges?*", lambda route: route.abort())
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_role("alert")).to_have_text("There is no connection.")


def test_it_says_that_it_loads(page: Page, site: Site, answers: Answers) -> None:
    hanging = answers.hang(page, GALLERY)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.locator('gamify-badges[state="loading"] [aria-busy]')).to_contain_text("Loading")
    axe(page)
    hanging.let_go()
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()


def test_texts_stay_text(page: Page, site: Site, answers: Answers, windows: Windows) -> None:
    windows.expect("404")
    families = site.client("ada").get(GALLERY).get_json()
    badge = _badge(families, "friends_1")
    badge |= {"name": XSS, "achieved_description": XSS, "color": "red;}", "icon": XSS}
    next(it for it in families if it["family"] == "FRIENDS")["name"] = XSS
    answers.reply(page, GALLERY, body=families)
    page.goto(site.element("gamify-badges", "ada"))
    expect(page.get_by_role("heading", name=XSS)).to_be_visible()
    page.get_by_role("button", name=XSS).click()
    expect(page.get_by_role("dialog", name=XSS)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_badge_without_a_picture_gets_a_star(
    page: Page, site: Site, answers: Answers, windows: Windows
) -> None:
    windows.expect("404")
    families = site.client("ada").get(GALLERY).get_json()
    _badge(families, "friends_1")["icon"] = "nowhere.svg"
    _badge(families, "friends_2")["icon"] = None
    answers.reply(page, GALLERY, body=families)
    page.goto(site.element("gamify-badges", "ada"))
    for name in ("Better Together", "Good Company"):
        picture = page.get_by_role("button", name=name).locator(".picture")
        expect(picture).to_have_js_property(
            "src", f"{site.url}/gamify/components/art/badges/badge.svg"
        )


def test_pictures_may_be_the_hosts_own(page: Page, site: Site, windows: Windows) -> None:
    windows.expect("404")
    with page.expect_request(f"{site.url}/static/badges/friends.svg"):
        page.goto(site.element("gamify-badges", "ada", icons="/static/badges"))


def test_it_fits_a_phone_in_the_dark(windows: Windows, site: Site) -> None:
    page = windows.open(width=360, color_scheme="dark")
    page.goto(site.element("gamify-badges", "ada", theme="auto"))
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    fits(page)
    axe(page)


def test_progress_is_seen_in_the_few_colours_of_a_contrast_theme(
    windows: Windows, site: Site
) -> None:
    page = windows.open(forced_colors="active")
    page.goto(site.element("gamify-badges", "ada"))
    colour = "(element) => getComputedStyle(element).backgroundColor"
    bar = page.get_by_role("progressbar", name="Friends")
    assert bar.evaluate(colour) != bar.locator("i").evaluate(colour)


def test_it_reads_from_right_to_left(narrow: Page, site: Site) -> None:
    narrow.goto(site.element("gamify-badges", "ada", lang="ar"))
    expect(narrow.get_by_role("heading", name="الشارات", exact=True)).to_be_visible()
    first = narrow.get_by_role("button", name="Better Together").bounding_box()
    second = narrow.get_by_role("button", name="Good Company").bounding_box()
    assert first
    assert second
    assert first["x"] > second["x"]
    fits(narrow)
    axe(narrow)


def test_it_speaks_german(windows: Windows, site: Site) -> None:
    narrow = windows.open(width=320)
    narrow.goto(site.element("gamify-badges", "ada", lang="de"))
    expect(narrow.get_by_text(f"{site.held('ada').replace('of', 'von')} verdient")).to_be_visible()
    expect(narrow.get_by_text("1.937 von 5.000 bis")).to_be_visible()
    count = narrow.locator(".specials .chip").bounding_box()
    assert count
    assert count["height"] < 30  # one line


def test_a_language_that_nobody_translated_is_english(page: Page, site: Site) -> None:
    page.goto(site.element("gamify-badges", "ada", lang="fr"))
    expect(page.get_by_text(f"{site.held('ada')} earned")).to_be_visible()
    expect(page.locator("gamify-badges [lang]").first).to_have_attribute("lang", "en-GB")


def test_a_page_may_bring_a_language(page: Page, site: Site) -> None:
    page.goto(site.page("<div id='here'></div>"))
    page.evaluate(
        """async (session) => {
            const base = await import("/gamify/components/base.js");
            base.addMessages("fr", {"badges.count_of": "{n} sur {all}"});
            await import("/gamify/components/badges.js");
            const made = document.createElement("gamify-badges");
            made.session = session;
            made.lang = "fr";
            here.append(made);
        }""",
        site.session("ada"),
    )
    expect(page.get_by_text(site.held("ada").replace("of", "sur"))).to_be_visible()


def test_a_page_of_another_origin_may_use_it(page: Page, site: Site) -> None:
    here = site.element("gamify-badges", "ada", api=site.url)
    page.goto(here.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Steady Hand").click()
    expect(_fact(page.get_by_role("dialog"), "Given")).to_be_visible()


_MODULE = ("/gamify/components/badges.js",)


def _family(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.get_by_role("article").filter(has=heading)


def _fact(dialog: Locator, name: str) -> Locator:
    row = dialog.locator(".facts > div").filter(has=dialog.page.get_by_text(name, exact=True))
    return row.locator("dd")


def _badge(families: list[dict[str, Any]], code: str) -> dict[str, Any]:
    [found] = [it for family in families for it in family["badges"] if it["code"] == code]
    assert isinstance(found, dict)
    return found
