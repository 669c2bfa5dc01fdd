"""Something for each list of what an admin works on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.browser.site import NOW, Site
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.economy.rewards import save
from zeeguu_gamify.jobs import orders
from zeeguu_gamify.jobs.orders import BACKFILL, Order
from zeeguu_gamify.models import (
    AdminAudit,
    Amnesty,
    EventClient,
    JobRun,
    JobState,
    OutboxMessage,
    RedemptionStatus,
    Reward,
    RewardRedemption,
    WebhookDelivery,
    WebhookEndpoint,
)


def leave_work(site: Site) -> None:
    """Write it; what is about one user is about Ben."""
    ben, hour = site.user_id("ben"), timedelta(hours=1)
    with site.app.app_context():
        orders.place(db.session(), Order(BACKFILL, "all 1"))
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
                user_id=ben, reward_id=reward, cost=20, status=RedemptionStatus.GRANTED,
                redeemed_at=NOW,
            ),
            OutboxMessage(
                user_id=ben, topic="badge.earned", payload={}, created_at=NOW, due_at=claims.NEVER,
                error=error,
            ),
            WebhookDelivery(
                endpoint_id=1, message_id="msg_2", topic="badge.earned", payload={},
                created_at=NOW, attempts=1, status=200, delivered_at=NOW,
            ),
            EventClient(name="grader", events=["exercise.correct"], secrets=[], created_at=NOW),
            EventClient(
                name="reader", events=["article.read"], secrets=[], created_at=NOW, disabled_at=NOW
            ),
            Amnesty(from_utc=NOW, to_utc=NOW, reason="a flood", actor="vera", created_at=NOW),
            AdminAudit(
                actor_id=site.user_id("vera"), at=NOW, form_id="1", action="backfill.start",
                subject="all 1", reason="a new badge",
            ),
            AdminAudit(
                actor_id=site.user_id("vera"), at=NOW, form_id="2", action="streak.repair",
                subject=f"2026-11-10 of user {ben}", user_id=ben, reason="a broken tram",
            ),
            JobRun(
                job=BACKFILL, period="all 1", state=JobState.RUNNING, holder="another",
                lease_until=NOW + hour, cursor=ben, started_at=NOW,
            ),
        ):  # fmt: skip
            db.session.add(row)
            db.session.flush()
        db.session.commit()
