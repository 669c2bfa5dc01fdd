"""The badge endpoints (docs/contract.md §1.9), their older names and the second version (§1.13)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import g
from marshmallow import fields

from zeeguu_gamify.badges import explain, shelf
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, OwnQuery, gives, takes
from zeeguu_gamify.endpoints.schemas import badges as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, limited, requires_session
from zeeguu_gamify.errors import Forbidden, NotFound
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.friends.blocks import visible_user_id
from zeeguu_gamify.friends.count import are_friends
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("badges")

STRANGER = "You can only view badges for yourself or your friends."
NO_SUCH_BADGE = "There is no such badge."


# ---------------------------------------------------------------------------
@blueprint.route("/badges/count_unseen", methods=["GET"])
@blueprint.route("/badges/count_not_shown", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(fields.Integer())
def count_unseen() -> int:
    """How many badges the user has not seen yet: a bare number."""
    return shelf.count_unseen(current_mount().db.session, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/badges/mark_all_seen", methods=["POST"])
@blueprint.route("/badges/update_not_shown", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.UpdatedSchema())
def mark_all_seen() -> dict[str, bool]:
    """The user has seen all badges."""
    session = current_mount().db.session
    shelf.mark_all_seen(session, g.user_id)
    session.commit()
    return {"updated": True}


# ---------------------------------------------------------------------------
@blueprint.route("/my_badges", methods=["GET"])
@blueprint.route("/badges", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("badges")
@gated
@gives(schemas.CategorySchema(many=True))
def my_badges() -> list[dict[str, Any]]:
    """All families with all levels and the user's progress."""
    return _my_shelf()


def _my_shelf() -> list[dict[str, Any]]:
    mount = current_mount()
    return shelf.own_shelf(mount.db.session, mount, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/badges", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(schemas.GallerySchema(many=True))
def gallery(_query: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as `/my_badges` with codes, colours and rarity, in the reader's language."""
    return _my_shelf()


# ---------------------------------------------------------------------------
@blueprint.route("/friend_badges/<username>", methods=["GET"])
@blueprint.route("/badges/<username>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.FriendCategorySchema(many=True))
def friend_badges(username: str) -> list[dict[str, Any]]:
    """The badges that the user or a friend holds; an unknown user has none."""
    mount = current_mount()
    session = mount.db.session
    user_id = visible_user_id(session, mount, g.user_id, username)
    if user_id is None:
        return []
    if not are_friends(session, g.user_id, user_id):
        raise Forbidden(STRANGER)
    return shelf.friends_shelf(session, mount, user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/api/v2/badges", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.CatalogQuery(), "query")
@gives(schemas.CatalogBadgeSchema(many=True))
def catalog(query: dict[str, Any]) -> list[Any]:
    """Every badge that can be earned."""
    families = current_mount().live.families
    wanted = query.get("family")
    return [
        badge
        for family in families
        if wanted in (None, family.metric)
        for badge in family.badges
        if badge.is_grantable
    ]


# ---------------------------------------------------------------------------
@blueprint.route("/badges/<code>/explain", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(schemas.ExplanationSchema())
def explain_badge(_query: dict[str, Any], code: str) -> explain.Explanation:
    """Why the user holds a badge or does not, and what is missing; of a hidden one, if held."""
    mount = current_mount()
    badge = mount.live.by_code.get(code)
    if badge is None:
        raise NotFound(NO_SUCH_BADGE)
    [found] = explain.explain(mount.db.session, mount, g.user_id, [badge])
    if badge.hidden and found.standing is not explain.Standing.HELD:
        raise NotFound(NO_SUCH_BADGE)
    return found


# ---------------------------------------------------------------------------
@blueprint.route("/api/v2/users/<int:user_id>/badges", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(schemas.UnlockedBadgeSchema(many=True))
def unlocked(_query: dict[str, Any], user_id: int) -> list[dict[str, Any]]:
    """The badges that the user or a friend holds, the newest first; of others nothing is told."""
    mount = current_mount()
    session = mount.db.session
    if user_id > MAX_INT or not are_friends(session, g.user_id, user_id):
        raise Forbidden(STRANGER)
    return [
        {**asdict(badge), "unlocked_at": grant.achieved_at}
        for badge, grant in shelf.unlocked(session, mount, user_id)
    ]
