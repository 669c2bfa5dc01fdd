"""Avatars: what there is, and one's own (docs/contract.md §2)."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from zeeguu_gamify import avatars
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import avatar as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.mount import Mount, current_mount

blueprint = GamifyBlueprint("avatar")


# ---------------------------------------------------------------------------
@blueprint.route("/avatar_options", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.AvatarOptionsSchema())
def avatar_options() -> dict[str, Any]:
    """What an avatar may be made of."""
    return {
        "image_names": avatars.IMAGE_NAMES,
        "character_colors": avatars.CHARACTER_COLORS,
        "background_colors": avatars.BACKGROUND_COLORS,
        "default": avatars.DEFAULT,
    }


# ---------------------------------------------------------------------------
@blueprint.route("/user_avatar", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.AvatarSchema())
def user_avatar() -> avatars.Avatar:
    """The user's avatar; null is what the user has not chosen."""
    return avatars.of_user(current_mount().db.session, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/user_avatar", methods=["PUT"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.AvatarChangesSchema(), "json")
@gives(schemas.AvatarSchema())
def change_user_avatar(changes: dict[str, str]) -> avatars.Avatar:
    """Change what is given of the user's avatar; the rest stays."""
    return committed(_change, changes)


def _change(session: Session, _mount: Mount, changes: dict[str, str]) -> avatars.Avatar:
    avatars.save(session, g.user_id, changes)
    return avatars.of_user(session, g.user_id)
