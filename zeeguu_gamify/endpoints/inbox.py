"""What the user was told in the app, and how the user wishes to be told."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from zeeguu_gamify.endpoints import cursors
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, OwnQuery, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.language import language
from zeeguu_gamify.endpoints.schemas import inbox as schemas
from zeeguu_gamify.endpoints.schemas.seasons import MOST
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.inbox import messages, preferences, words
from zeeguu_gamify.inbox.preferences import Wish
from zeeguu_gamify.mount import Mount, current_mount

blueprint = GamifyBlueprint("inbox")


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/inbox", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.InboxQuery(), "query")
@gives(schemas.InboxSchema())
def inbox(query: dict[str, Any]) -> dict[str, Any]:
    """What the user was told, the newest first, and how much of it is unseen."""
    mount = current_mount()
    session = mount.db.session()
    kind, unseen = query.get("kind"), query["unseen"]
    limit, name = min(query["limit"], MOST), f"inbox:{kind or ''}:{unseen}"
    cursor = query.get("cursor")
    rows = messages.page(
        session,
        mount,
        g.user_id,
        kind=kind,
        unseen=unseen,
        before=None if cursor is None else cursors.unpack(name, cursor)[0],
        limit=limit + 1,
    )
    more = len(rows) > limit
    return {
        "unseen": messages.count_unseen(session, g.user_id),
        "messages": [_shown(mount, row) for row in rows[:limit]],
        "next_cursor": cursors.pack(name, (rows[limit - 1].id, g.user_id)) if more else None,
        "limit": limit,
        "limit_capped": query["limit"] > limit,
    }


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/inbox/seen", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.SeenSchema(), "json")
@gives(schemas.UnseenSchema())
def see_inbox(seen: dict[str, Any]) -> dict[str, int]:
    """The user has seen these messages; how many are left unseen. What is seen already stays so."""
    return committed(_see, g.user_id, seen)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/inbox/<int:message_id>", methods=["DELETE"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(schemas.UnseenSchema())
def dismiss_message(_query: dict[str, Any], message_id: int) -> dict[str, int]:
    """Do not show this message again; how many are left unseen."""
    return committed(_dismiss, g.user_id, message_id)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/inbox/preferences", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(OwnQuery(), "query")
@gives(schemas.PreferencesSchema())
def inbox_preferences(_query: dict[str, Any]) -> dict[str, Wish]:
    """How the user wishes to be told of each kind."""
    return preferences.read(current_mount().db.session(), g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/inbox/preferences", methods=["PUT"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.PreferencesChangeSchema(), "json")
@gives(schemas.PreferencesSchema())
def change_inbox_preferences(changes: dict[str, dict[str, bool]]) -> dict[str, Wish]:
    """Change how the user is told of the kinds that are named, from now on."""
    return committed(_change, g.user_id, changes)


def _shown(mount: Mount, row: Any) -> dict[str, Any]:
    data = words.data_of(mount.texts, language(), row)
    text = words.text_of(mount.texts, language(), row.kind, data)
    return {**row._mapping, "data": data, "text": text}


def _see(session: Session, _mount: Mount, user_id: int, seen: dict[str, Any]) -> dict[str, int]:
    messages.see(session, user_id, **seen)
    return {"unseen": messages.count_unseen(session, user_id)}


def _dismiss(session: Session, _mount: Mount, user_id: int, message_id: int) -> dict[str, int]:
    if not (message_id <= schemas.MAX_ID and messages.dismiss(session, user_id, message_id)):
        raise NotFound(f"You have no message {message_id}.")
    return {"unseen": messages.count_unseen(session, user_id)}


def _change(
    session: Session, _mount: Mount, user_id: int, changes: dict[str, dict[str, bool]]
) -> dict[str, Wish]:
    preferences.write(session, user_id, changes)
    return preferences.read(session, user_id)
