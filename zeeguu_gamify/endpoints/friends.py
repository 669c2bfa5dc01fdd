"""Friends and friend requests (docs/contract.md §1.6, §1.7), and their older names."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import fields
from sqlalchemy import Row
from sqlalchemy.orm import Session

from zeeguu_gamify.endpoints import people as shown
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import friends as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import BadInput, Forbidden, NotFound
from zeeguu_gamify.friends import friendships, people, requests
from zeeguu_gamify.friends.blocks import visible_user_id
from zeeguu_gamify.friends.count import are_friends
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import languages

blueprint = GamifyBlueprint("friends")

STRANGER = "You can only view friends of yourself or your friends."
YOURSELF = "cannot send friend request to yourself"


# ---------------------------------------------------------------------------
@blueprint.route("/my_friends", methods=["GET"])
@blueprint.route("/get_friends", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.FriendSchema(many=True))
def my_friends() -> list[dict[str, Any]]:
    """The user's friends, with their languages and the streaks that both share."""
    return _friends(g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/friends_of/<username>", methods=["GET"])
@blueprint.route("/get_friends/<username>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.FriendOfSchema(many=True))
def friends_of(username: str) -> list[dict[str, Any]]:
    """The friends of the user or of a friend; an unknown user has none."""
    mount = current_mount()
    session = mount.db.session
    user_id = visible_user_id(session, mount, g.user_id, username)
    if user_id is None:
        return []
    if not are_friends(session, g.user_id, user_id):
        raise Forbidden(STRANGER)
    return _friends(user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/get_number_of_received_friend_requests", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(fields.Integer())
def get_number_of_received_friend_requests() -> int:
    """How many requests wait for the user's answer: a bare number."""
    return requests.count_received(current_mount().db.session, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/get_received_friend_requests", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.ReceivedRequestSchema(many=True))
def get_received_friend_requests() -> list[dict[str, Any]]:
    """The requests that wait for the user's answer, the newest first."""
    mount = current_mount()
    return [_request(row) for row in requests.received(mount.db.session, mount, g.user_id)]


# ---------------------------------------------------------------------------
@blueprint.route("/get_sent_friend_requests", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.RequestSchema(many=True))
def get_sent_friend_requests() -> list[dict[str, Any]]:
    """The user's own requests that wait for an answer, the newest first."""
    mount = current_mount()
    return [_request(row) for row in requests.sent(mount.db.session, mount, g.user_id)]


# ---------------------------------------------------------------------------
@blueprint.route("/send_friend_request", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.ReceiverSchema(), "json")
@gives(schemas.RequestSchema())
def send_friend_request(body: dict[str, Any]) -> dict[str, Any]:
    """Ask somebody to be friends."""
    return committed(_send, g.user_id, _receiver(body))


def _send(session: Session, mount: Mount, sender_id: int, receiver_id: int) -> dict[str, Any]:
    request_id = requests.send(session, mount, sender_id, receiver_id)
    return _request(requests.one(session, mount, request_id))


# ---------------------------------------------------------------------------
@blueprint.route("/delete_friend_request", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.ReceiverSchema(), "json")
@gives(schemas.SuccessSchema())
def delete_friend_request(body: dict[str, Any]) -> dict[str, bool]:
    """Take one's own request back; no success if there was none."""
    unknown = NotFound("User not found")
    receiver_id = shown.user_id_called(body.get("receiver_username"), g.user_id, unknown)
    return {"success": committed(_withdraw, g.user_id, receiver_id)}


# ---------------------------------------------------------------------------
@blueprint.route("/accept_friend_request", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.SenderSchema(), "json")
@gives(schemas.FriendshipSchema())
def accept_friend_request(body: dict[str, Any]) -> dict[str, Any] | None:
    """Become friends with somebody who has asked."""
    return committed(_accept, g.user_id, _sender(body))


def _accept(session: Session, mount: Mount, user_id: int, sender_id: int) -> dict[str, Any] | None:
    requests.accept(session, mount, user_id, sender_id)
    friend = people.by_id(session, mount, [sender_id], user_id)[sender_id]
    return shown.friendship(mount, friend, user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/reject_friend_request", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.SenderSchema(), "json")
@gives(schemas.SuccessSchema())
def reject_friend_request(body: dict[str, Any]) -> dict[str, bool]:
    """Refuse a request; no success if there was none."""
    return {"success": committed(_withdraw, _sender(body), g.user_id)}


def _withdraw(session: Session, _mount: Mount, sender_id: int, receiver_id: int) -> bool:
    return requests.withdraw(session, sender_id, receiver_id)


# ---------------------------------------------------------------------------
@blueprint.route("/unfriend", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.ReceiverSchema(), "json")
@gives(schemas.SuccessSchema())
def unfriend(body: dict[str, Any]) -> dict[str, bool]:
    """End a friendship; no success if there was none."""
    return {"success": committed(friendships.unfriend, g.user_id, _receiver(body))}


def _receiver(body: dict[str, Any]) -> int:
    return _other(body.get("receiver_username"), "receiver", requests.NO_RECEIVER)


def _sender(body: dict[str, Any]) -> int:
    return _other(body.get("sender_username"), "sender", "Sender user not found")


def _other(username: str | None, role: str, unknown: str) -> int:
    """The id of the other user of a request; raises BadInput with the contract's messages."""
    if not username:
        raise BadInput(f"Missing {role} username")
    user_id = shown.user_id_called(username, g.user_id, BadInput(unknown))
    if user_id == g.user_id:
        raise BadInput(YOURSELF)
    return user_id


def _friends(user_id: int) -> list[dict[str, Any]]:
    """Somebody's friends as the user of this request may see them: two statements."""
    mount = current_mount()
    session = mount.db.session
    rows = people.friends_of(session, mount, user_id, g.user_id)
    zones = {row.user_id: mount.host.zone_from(row.user_id, row.zone) for row in rows}
    studied = languages.of_users(session, mount, zones)
    return [
        {
            **shown.card(row),
            "friendship": shown.friendship(mount, row, g.user_id),
            "languages": studied and studied[row.user_id],
        }
        for row in rows
    ]


def _request(row: Row[Any]) -> dict[str, Any]:
    sender = {"name": row.sender_name, "username": row.sender_username}
    return {
        "sender": {**sender, "avatar": people.avatar(row)},
        "receiver": {"name": row.receiver_name, "username": row.receiver_username},
        "created_at": row.created_at,
    }
