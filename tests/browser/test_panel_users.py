"""The panel's pages about users, simulations, work and classes, in a browser."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from tests.browser import test_panel
from tests.browser.axe import axe, fits
from tests.browser.site import Site
from tests.browser.test_panel import OUTAGE, PANEL, empty, entered, says, without
from tests.browser.windows import NARROW, WIDE, Windows
from zeeguu_gamify.admin.changes import CHANGES
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.models import UserBadge

#: Path → what its heading says. {user} is the id of Ben, who has some of everything, but little
#: enough for axe to be quick; of the seasons, 5 is settled and 6 is open.
PAGES = {
    "users": "Users",
    "users/{user}": "ben",
    "users/{user}/log": "ben",
    "users/{user}/changes": "ben",
    "users/{user}/progress": "ben",
    "users/{user}/streaks": "ben",
    "users/{user}/ledger": "ben",
    "users/{user}/friends": "ben",
    "users/{user}/purchases": "ben",
    "users/{user}/inbox": "ben",
    "explain": "Why (not)?",
    "explain?user=ada&badge=friends_2": "Why (not)?",
    "explain?user=ada&event=article.read&amount=500": "Why (not)?",
    "simulate?user=ada": "Simulator",
    "rule-change?badge=friends_1": "Rule change",
    "backfills": "Backfills",
    "backfills/all 1": "Backfill all 1",
    "seasons": "Seasons",
    "seasons/5": "exp, week",
    "seasons/6": "exp, week",
    "rewards": "Rewards",
    "purchases": "Purchases",
    "webhooks": "Webhooks",
    "webhooks/1": "https://school.example/hooks",
    "clients": "Clients",
    "jobs": "Jobs",
    "jobs/holders": "holders",
    "parked": "Parked messages",
    "amnesties": "Amnesties",
    "classes": "Classes",
    "classes/1": "German for the curious",
    "audit/1": "backfill.start",
    "change/award.grant?user=ada": "Grant a badge",
    "change/backfill.start": "Backfill badges",
}
#: Path → what it says when there is nothing on it.
EMPTY = {
    "users?q=nobody": "Nothing is left when it is filtered like that.",
    "users/{user}": "This user holds no badge.",
    "users/{user}/log": "Nothing was granted to or revoked from this user.",
    "users/{user}/changes": "Nobody has changed anything about this user in the panel.",
    "users/{user}/progress": "This user has begun nothing.",
    "users/{user}/streaks": "This user has not practised yet.",
    "users/{user}/ledger": "Nothing was given or spent.",
    "users/{user}/friends": "This user has no friends yet.",
    "users/{user}/purchases": "This user has bought nothing.",
    "users/{user}/inbox": "This user was told nothing in the app.",
    "explain?user=ada&event=tournament.won": "No badge listens to that.",
    "seasons": "No season has been opened.",
    "jobs/holders": "It has not run in the last 30 days.",
    "webhooks/1": "Nothing has been sent to it.",
    "classes/1": "Nobody is in this class yet.",
    "classes": "There are no classes.",
}
#: Path → what it says of what is not there.
MISSING = {
    **{path.replace("{user}", "99"): "There is no user 99." for path in PAGES if "/{user}" in path},
    "backfills/all 2": "There is no such backfill, or it was done long ago.",
    "seasons/99": "There is no season 99.",
    "webhooks/99": "There is no endpoint 99.",
    "jobs/holder": "holders",
    "classes/99": "There is no such class.",
    "audit/99": "There is no such line in the audit log.",
    "change/badge.grant": "There is no change called badge.grant.",
    "change/events.resume": "Events are not paused.",
    "users?after=x": "after: not one that this list has given.",
}
#: Path → a table that it cannot do without.
TABLES = {
    "users": "user_profile",
    "users/{user}": "user_badge",
    "users/{user}/log": "badge_award_log",
    "users/{user}/changes": "admin_audit",
    "users/{user}/progress": "user_badge_progress",
    "users/{user}/streaks": "streak",
    "users/{user}/ledger": "ledger_entry",
    "users/{user}/friends": "friendship",
    "users/{user}/purchases": "reward_redemption",
    "users/{user}/inbox": "inbox_message",
    "explain?user=ada": "user_badge",
    "backfills": "job_run",
    "seasons": "season",
    "rewards": "reward",
    "purchases": "reward_redemption",
    "webhooks": "webhook_endpoint",
    "clients": "event_client",
    "jobs": "job_run",
    "jobs/holders": "job_run",
    "parked": "outbox_message",
    "amnesties": "amnesty",
    "classes": "cohort",
}
#: Form → what makes no sense in it; and of all forms of changes.
FORMS = {
    "explain": {"user": "nobody"},
    "simulate": {"user": "ada", "events": "[not JSON"},
    "rule-change": {"badge": "frends_1", "threshold": "3"},
}
NONSENSE = {
    "user": "nobody", "badge": "frends_1", "client": "nobody", "events": "articel.read",
    "id": "99", "code": "A cup?", "title": "Tea", "kind": "tea", "amount": "1", "cost": "5",
    "starts_at": "2026-12-01T00:00", "ends_at": "2026-11-01T00:00", "url": "ftp://school.example",
    "since": "2026-11-10T00:00", "until": "2026-11-09T00:00", "day": "2026-12-01",
    "job": "holder", "redemption": "99", "period": "all 2", "hours": "1",
}  # fmt: skip


def visit(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.url}{PANEL}{path.format(user=site.user_id('ben'))}")


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
def test_every_page_can_be_used_by_everybody(
    worked: Site, windows: Windows, width: int, scheme: str
) -> None:
    page = entered(windows, width, color_scheme=scheme)
    for path, heading in PAGES.items():
        visit(page, worked, path)
        expect(page.locator("h1")).to_contain_text(heading)
        axe(page)
        fits(page)


def test_pages_without_data_can_be_too(worked: Site, windows: Windows) -> None:
    empty(
        worked, "user_badge", "badge_award_log", "user_badge_progress", "practice_day", "streak",
        "ledger_entry", "friendship", "reward_redemption", "inbox_message", "season_standing",
        "season", "job_run", "webhook_delivery", "user_cohort_map", "user_profile",
        "admin_audit",
    )  # fmt: skip
    page = entered(windows, color_scheme="dark")
    for path, said in EMPTY.items():
        if path == "classes":
            empty(worked, "teacher_cohort_map", "cohort")
        visit(page, worked, path)
        expect(page.get_by_text(said)).to_be_visible()
        axe(page)
        fits(page)


def test_a_page_whose_subject_is_not_there_says_so(worked: Site, windows: Windows) -> None:
    windows.expect("status of 40[04]")
    page = entered(windows, NARROW)
    for path, said in MISSING.items():
        visit(page, worked, path)
        says(page, said)
    axe(page)  # all but what is said comes from one template


def test_a_page_whose_table_is_not_there_says_so(worked: Site, windows: Windows) -> None:
    windows.expect("status of 503")
    page = entered(windows, color_scheme="dark")
    for path, table in TABLES.items():
        with without(worked, table):
            visit(page, worked, path)
        says(page, OUTAGE)
    axe(page)


def test_a_form_with_nonsense_in_it_says_what_is_wrong(worked: Site, windows: Windows) -> None:
    """Of the changes that ask for the same, one."""
    page = entered(windows, NARROW, color_scheme="dark")
    names = {it.form: name for name, it in CHANGES.items() if it.form is not PanelForm}
    for path, given in (FORMS | {f"change/{name}": NONSENSE for name in names.values()}).items():
        page.goto(f"{worked.url}{PANEL}{path}?{urlencode(given)}")
        page.locator("main form button").click()
        says(page, "")
        axe(page)


def test_a_secret_is_shown_once_to_everybody(site: Site, windows: Windows) -> None:
    page = entered(windows, NARROW, color_scheme="dark")
    visit(page, site, "change/client.add?client=grader&events=exercise.correct")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_label("Why?").fill("for the school")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Keep it now: it is not shown again.")).to_be_visible()
    axe(page)
    fits(page)


@pytest.mark.parametrize(
    "listed",
    [
        [*test_panel.PAGES, *PAGES],
        [*test_panel.MISSING, *test_panel.TABLES, *MISSING, *TABLES, *FORMS],
    ],
    ids=["with data", "failing"],
)
def test_no_page_is_left_out(site: Site, listed: list[str]) -> None:
    """What can be read, but for files and for what scripts ask for."""
    routes = site.app.url_map
    pages = {
        rule.endpoint
        for rule in routes.iter_rules()
        if rule.endpoint.startswith("gamify_admin.")
        and "GET" in (rule.methods or ())
        and not rule.endpoint.endswith(("_csv", ".backfill_progress", ".nowhere", ".static"))
    }
    paths = [PANEL + path.split("?")[0].format(user=1) for path in listed]
    assert pages == {routes.bind("").match(path)[0] for path in paths}


def test_a_moderator_finds_a_learner_and_takes_a_badge_back(site: Site, windows: Windows) -> None:
    page = entered(windows, NARROW)
    page.goto(f"{site.url}{PANEL}users")
    page.get_by_label("User", exact=True).fill("ad")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="ada", exact=True).click()
    page.get_by_role("link", name="Revoke").first.click()
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_text("What it has paid is taken back.")).to_be_visible()
    axe(page)
    fits(page)
    page.get_by_label("Why?").fill("by mistake")
    page.get_by_role("button", name="Revoke a badge").click()
    expect(page.get_by_role("status")).to_contain_text("is revoked from ada.")
    expect(page.get_by_role("link", name="Lift").first).to_be_visible()


def test_the_simulator_tells_what_events_would_bring(site: Site, windows: Windows) -> None:
    page = entered(windows)
    visit(page, site, "simulate?user=ada")
    with site.app.app_context():
        before = len(db.session.execute(select(UserBadge.id)).all())
    page.get_by_label("Play these events").fill('{"event": "article.read", "amount": 5000}')
    page.get_by_role("button", name="Simulate").click()
    expect(page.get_by_role("heading", name="This would happen to ada")).to_be_visible()
    expect(page.locator(".timeline li").first).to_contain_text("article.read")
    axe(page)
    fits(page)
    with site.app.app_context():
        assert len(db.session.execute(select(UserBadge.id)).all()) == before


def test_a_rule_change_says_who_gains(site: Site, windows: Windows) -> None:
    page = entered(windows, NARROW)
    visit(page, site, "rule-change?badge=read_articles_5")
    page.get_by_label("Threshold").fill("900")
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_text("Nothing was written.", exact=True).first).to_be_visible()
    axe(page)
    fits(page)


def test_a_backfill_is_begun_and_followed_to_its_end(site: Site, windows: Windows) -> None:
    page = entered(windows)
    visit(page, site, "change/backfill.start")
    page.get_by_label("Badge", exact=True).fill("friends_1")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_label("Why?").fill("a new badge")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Progress done")).to_be_visible()
    expect(page.get_by_text("users looked at")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel it")).to_be_hidden()
    axe(page)
    fits(page)


def test_a_teacher_sees_the_class_and_nothing_else(site: Site, windows: Windows) -> None:
    windows.expect("status of 404")
    with site.app.app_context():
        vera = User.id == site.user_id("vera")
        db.session.execute(update(User).where(vera).values(is_admin=False))
        db.session.commit()
    page = windows.open("vera", NARROW)
    page.goto(f"{site.url}{PANEL}classes")
    page.locator("td a").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    axe(page)
    fits(page)
    page.goto(f"{site.url}{PANEL}users")
    expect(page.locator("h1")).to_have_text("Not Found")
