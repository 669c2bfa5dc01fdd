"""The panel's pages about users, simulations, work and classes, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from tests.browser.axe import axe, fits
from tests.browser.site import NOW, Site
from tests.browser.test_panel import PANEL, entered
from tests.browser.windows import NARROW, WIDE, Windows
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.economy.rewards import save
from zeeguu_gamify.models import (
    AdminAudit,
    Amnesty,
    EventClient,
    OutboxMessage,
    RedemptionStatus,
    Reward,
    RewardRedemption,
    UserBadge,
    WebhookDelivery,
    WebhookEndpoint,
)

#: Path → what its heading says; {user} is Ada's id.
PAGES = {
    "users": "Users",
    "users/{user}": "ada",
    "users/{user}/log": "ada",
    "users/{user}/progress": "ada",
    "users/{user}/streaks": "ada",
    "users/{user}/ledger": "ada",
    "users/{user}/friends": "ada",
    "users/{user}/purchases": "ada",
    "users/{user}/inbox": "ada",
    "explain": "Why (not)?",
    "explain?user=ada&badge=friends_2": "Why (not)?",
    "explain?user=ada&event=article.read&amount=500": "Why (not)?",
    "simulate?user=ada": "Simulator",
    "rule-change?badge=friends_1": "Rule change",
    "backfills": "Backfills",
    "seasons": "Seasons",
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
    "change/award.grant?user=ada": "Grant a badge",
    "change/backfill.start": "Backfill badges",
}


@pytest.fixture
def worked(site: Site) -> Site:
    """The site with something on each list of what an admin works on."""
    ada = site.user_id("ada")
    with site.app.app_context():
        save(db.session(), "tea", name="A cup of tea", kind="tea", cost=20, stock=3)
        reward = db.session.execute(select(Reward.id).where(Reward.code == "tea")).scalar_one()
        url, topics, error = "https://school.example/hooks", ["badge.earned"], "Bad Gateway"
        for row in (
            WebhookEndpoint(
                id=1, url=url, topics=topics, secrets=[], created_at=NOW, failing_since=NOW
            ),
            WebhookDelivery(
                endpoint_id=1, message_id="msg_1", topic="badge.earned", payload={},
                created_at=NOW, attempts=9, status=502, error=error,
            ),
            RewardRedemption(
                user_id=ada, reward_id=reward, cost=20, status=RedemptionStatus.GRANTED,
                redeemed_at=NOW,
            ),
            OutboxMessage(
                user_id=ada, topic="badge.earned", payload={}, created_at=NOW, due_at=claims.NEVER,
                error=error,
            ),
            EventClient(name="grader", events=["exercise.correct"], secrets=[], created_at=NOW),
            Amnesty(from_utc=NOW, to_utc=NOW, reason="a flood", actor="vera", created_at=NOW),
            AdminAudit(
                actor_id=site.user_id("vera"), at=NOW, form_id="1", action="backfill.start",
                subject="all 1", reason="a new badge",
            ),
        ):  # fmt: skip
            db.session.add(row)
            db.session.flush()
        db.session.commit()
    return site


def visit(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.url}{PANEL}{path.format(user=site.user_id('ada'))}")


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
def test_every_page_can_be_used_by_everybody(
    worked: Site, windows: Windows, width: int, scheme: str
) -> None:
    """Every page at both widths; axe, which takes its time, sees each at one of them."""
    page = entered(windows, width, color_scheme=scheme)
    for number, (path, heading) in enumerate(PAGES.items()):
        visit(page, worked, path)
        expect(page.locator("h1")).to_contain_text(heading)
        fits(page)
        if number % 2 == (width == WIDE):
            axe(page)


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
