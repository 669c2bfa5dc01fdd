"""The daily goals; a route of our own."""

from __future__ import annotations

from typing import Any

from flask import g

from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, OwnQuery, gives, takes
from zeeguu_gamify.endpoints.schemas.goals import TodaySchema
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.goals.day import Today, today
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("goals")


# ---------------------------------------------------------------------------
@blueprint.route("/daily_goals", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(TodaySchema())
def daily_goals(_query: dict[str, Any]) -> Today:
    """The goals of the user's present date, and how far the user is; none on most hosts."""
    mount = current_mount()
    return today(mount.db.session, mount, g.user_id)
