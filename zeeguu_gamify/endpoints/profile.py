"""Profiles, search, blocks and one's own account (docs/contract.md §1.3, §1.5, §1.8)."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import Row
from sqlalchemy.orm import Session

from zeeguu_gamify.accounts import settings
from zeeguu_gamify.endpoints import people as shown
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, gives_ok, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import profile as schemas
from zeeguu_gamify.endpoints.schemas.friends import FoundSchema, SuccessSchema
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.friends import blocking, blocks, people
from zeeguu_gamify.friends import search as searching
from zeeguu_gamify.mount import Mount, current_mount

blueprint = GamifyBlueprint("profile")

UNKNOWN_FRIEND = "Not friends with this user or user not found."


# ---------------------------------------------------------------------------
@blueprint.route("/get_friend_details/<username>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.ProfileSchema())
def get_friend_details(username: str) -> dict[str, Any]:
    """The profile of anybody, and what is between them and the user."""
    mount = current_mount()
    session = mount.db.session
    user_id = shown.user_id_called(username, g.user_id, NotFound(UNKNOWN_FRIEND))
    row = people.by_id(session, mount, [user_id], g.user_id).get(user_id)
    if row is None:  # the account has gone in this moment
        raise NotFound(UNKNOWN_FRIEND)
    profile = {
        "name": row.name,
        "username": row.username,
        "created_at": row.created_at,
        "user_avatar": people.avatar(row),
    }
    relation = _relation(mount, row)
    return {**profile, "friendship": relation} if relation else profile


def _relation(mount: Mount, row: Row[Any]) -> dict[str, Any] | None:
    """The friendship with the user of this request, else the request between them, else None."""
    if friendship := shown.friendship(mount, row, g.user_id):
        return {**friendship, "is_accepted": True}
    if request := shown.asked(row):
        return {
            "sender_username": request["sender"]["username"],
            "receiver_username": request["receiver"]["username"],
            "friend_streak": 0,
            "friend_streak_last_updated": None,
            "is_accepted": False,
            "created_at": request["created_at"],
        }
    return None


# ---------------------------------------------------------------------------
@blueprint.route("/search_users", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.SearchQuery(), "query")
@gives(FoundSchema(many=True))
def search_users(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Up to 20 people by username or whole name, the likeliest first."""
    mount = current_mount()
    found = searching.search(mount.db.session, mount, g.user_id, query["query"])
    return [
        {
            **shown.card(row),
            "friendship": shown.friendship(mount, row, g.user_id),
            "friend_request": shown.asked(row),
        }
        for row in found
    ]


# ---------------------------------------------------------------------------
@blueprint.route("/update_account", methods=["PUT"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.AccountSchema(), "json_or_form")
@gives_ok
def update_account(form: dict[str, Any]) -> None:
    """Change one's username and avatar: all that is given, or nothing."""
    committed(_update_account, form)


def _update_account(session: Session, _mount: Mount, form: dict[str, Any]) -> None:
    settings.update_account(session, g.user_id, form)


# ---------------------------------------------------------------------------
@blueprint.route("/block_user", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.UsernameSchema(), "json")
@gives(SuccessSchema())
def block_user(body: dict[str, Any]) -> dict[str, bool]:
    """Let somebody see nothing of the user any more; no success if it was so already."""
    other_id = shown.user_id_called(_username(body), g.user_id, NotFound(blocking.UNKNOWN))
    return {"success": committed(blocking.block, g.user_id, other_id)}


# ---------------------------------------------------------------------------
@blueprint.route("/unblock_user", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.UsernameSchema(), "json")
@gives(SuccessSchema())
def unblock_user(body: dict[str, Any]) -> dict[str, bool]:
    """Take a block back, which restores nothing; no success if there was none."""
    other_id = shown.user_id_called(_username(body), g.user_id, NotFound(blocking.UNKNOWN))
    return {"success": committed(_unblock, other_id)}


def _unblock(session: Session, _mount: Mount, other_id: int) -> bool:
    return blocks.remove(session, g.user_id, other_id)


def _username(body: dict[str, Any]) -> str:
    username = body.get("username")
    if not username:
        raise BadInput("Missing username")
    return str(username)


# ---------------------------------------------------------------------------
@blueprint.route("/blocked_users", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.BlockedSchema(many=True))
def blocked_users() -> list[dict[str, Any]]:
    """Whom the user has blocked, the latest first."""
    mount = current_mount()
    rows = blocking.blocked(mount.db.session, mount, g.user_id)
    return [{**shown.card(row), "blocked_at": row.blocked_at} for row in rows]
