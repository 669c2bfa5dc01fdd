"""What the user has, where it came from, and what it buys."""

from __future__ import annotations

from typing import Any

from flask import g

from zeeguu_gamify import clock
from zeeguu_gamify.economy import statement
from zeeguu_gamify.economy.redeem import Redemption, redeem
from zeeguu_gamify.economy.rewards import Offers, offers
from zeeguu_gamify.endpoints import cursors
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, OwnQuery, gives, refuses, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import economy as schemas
from zeeguu_gamify.endpoints.schemas.seasons import MOST
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, limited, requires_session
from zeeguu_gamify.models import Asset
from zeeguu_gamify.mount import Mount, current_mount

blueprint = GamifyBlueprint("economy")


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/profile", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("userProfile")
@gated
@takes(OwnQuery(), "query")
@gives(schemas.GameProfileSchema())
def game_profile(_query: dict[str, Any]) -> statement.Standing:
    """The EXP, level, coins and freezes of the user."""
    mount = current_mount()
    return statement.standing(mount.db.session(), mount, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/rewards", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("rewards")
@gated
@takes(OwnQuery(), "query")
@gives(schemas.RewardsSchema())
def rewards(_query: dict[str, Any]) -> Offers:
    """What is to be had for coins now, sold out or not."""
    return offers(current_mount().db.session(), g.user_id, clock.now())


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/rewards/<code>/redeem", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("redeemReward")
@gated
@takes(schemas.PurchaseSchema(), "json_or_form")
@gives(schemas.RedemptionSchema())
@refuses(409, "Not to be had, not affordable, not at this cost, or the key stands for another")
def redeem_reward(purchase: dict[str, Any], code: str) -> Redemption:
    """Buy a reward; 409 when it is not to be had or not affordable, and nothing is deducted."""
    return buy(g.user_id, code, purchase)


def buy(user_id: int, code: str, purchase: dict[str, Any]) -> Redemption:
    """What `purchase`, loaded by `PurchaseSchema`, buys; committed."""
    return committed(_redeem, user_id, code, purchase)


def _redeem(
    session: Any, _mount: Mount, user_id: int, code: str, purchase: dict[str, Any]
) -> Redemption:
    key, cost = purchase.get("idempotency_key"), purchase.get("cost")
    return redeem(session, user_id, code, key=key, cost=cost)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/ledger", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.LedgerQuery(), "query")
@gives(schemas.LedgerSchema())
def ledger(query: dict[str, Any]) -> dict[str, Any]:
    """Where it came from and went, the newest first."""
    limit, name = min(query["limit"], MOST), f"ledger:{query.get('asset', '')}"
    cursor = query.get("cursor")
    before = None if cursor is None else cursors.unpack(name, cursor)[0]
    rows = statement.entries(
        current_mount().db.session(),
        g.user_id,
        asset=Asset[query["asset"].upper()] if "asset" in query else None,
        before=before,
        limit=limit + 1,
    )
    more = len(rows) > limit
    return {
        "entries": rows[:limit],
        "next_cursor": cursors.pack(name, (rows[limit - 1].id, g.user_id)) if more else None,
        "limit": limit,
        "limit_capped": query["limit"] > limit,
    }
