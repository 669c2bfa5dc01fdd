"""The live stream: what concerns the user, as it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request

from zeeguu_gamify.delivery.frames import frames
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives_other, takes
from zeeguu_gamify.endpoints.schemas.stream import StreamQuery
from zeeguu_gamify.endpoints.watches import watches
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("stream")

#: Nobody on the way may keep the stream back, pack it or store it.
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
#: A client that takes nothing for so many seconds is gone.
SEND_SECONDS = 20.0
#: Where servers keep the client's connection.
SOCKETS = ("gunicorn.socket", "werkzeug.socket")


# ---------------------------------------------------------------------------
@blueprint.route("/gamify/stream", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(StreamQuery(), "query")
@gives_other("text/event-stream")
def stream(query: dict[str, Any]) -> Response:
    """Server-sent events: own badges, friends, boards watched. May answer 503 with Retry-After.

    It ends after some minutes; a client comes back with the id of the last event it saw.
    """
    mount = current_mount()
    watched = watches(mount, g.user_id, query["boards"])
    mount.db.session.close()  # Redis may keep us waiting, but nobody for a connection
    subscription = mount.hub.open(g.user_id, watched)
    try:
        last_id = query.get("last_event_id") or request.headers.get("Last-Event-ID")
        text = frames(subscription, *mount.hub.resume(g.user_id, last_id))
    except BaseException:
        mount.hub.leave(subscription)
        raise
    response = Response(text, mimetype="text/event-stream", headers=HEADERS)
    response.call_on_close(lambda: mount.hub.leave(subscription))
    _limit_waiting(request.environ)
    return response


def _limit_waiting(environ: Mapping[str, Any]) -> None:
    """Do not wait for ever for a client that takes nothing: that would hold a thread."""
    for name in SOCKETS:
        if connection := environ.get(name):
            connection.settimeout(SEND_SECONDS)
