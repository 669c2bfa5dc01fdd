"""The badges on a profile: their order, pins, rarity and tooltips; routes of our own."""

from __future__ import annotations

from typing import Any

from flask import g

from zeeguu_gamify.badges import profile
from zeeguu_gamify.endpoints.badges import STRANGER
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.language import language
from zeeguu_gamify.endpoints.schemas.badges import (
    PinSchema,
    ProfileBadgeSchema,
    ProfileQuery,
    UpdatedSchema,
)
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import Forbidden
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.friends.count import are_friends
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("profile_badges")


# ---------------------------------------------------------------------------
@blueprint.route("/api/v2/users/<int:user_id>/profile_badges", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(ProfileQuery(), "query")
@gives(ProfileBadgeSchema(many=True))
def profile_badges(query: dict[str, Any], user_id: int) -> list[dict[str, Any]]:
    """The badges of the user or a friend as the profile shows them: pinned and best ones first."""
    mount = current_mount()
    session = mount.db.session
    if user_id > MAX_INT or not are_friends(session, g.user_id, user_id):
        raise Forbidden(STRANGER)
    shown = profile.profile(session, mount, user_id, query.get("top"))
    tooltips = profile.tooltips(session, mount, user_id, shown, language())
    return [
        {
            "badge": it.badge,
            "context": it.context,
            "pinned": it.pinned,
            "unlocked_at": it.achieved_at,
            "holders": it.holders,
            "share_active": it.share_active,
            "tooltip": tooltip,
        }
        for it, tooltip in zip(shown, tooltips, strict=True)
    ]


# ---------------------------------------------------------------------------
@blueprint.route("/api/v2/badges/<code>/pin", methods=["PUT"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(PinSchema(), "json")
@gives(UpdatedSchema())
def pin_badge(body: dict[str, Any], code: str) -> dict[str, bool]:
    """Say where a badge of one's own stands on the profile, or take that back with null."""
    committed(profile.pin, g.user_id, code, body["position"])
    return {"updated": True}
