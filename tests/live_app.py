"""A host for the tests of the live stream under real servers; told by the environment what it is.

`session` is the id of the user: what is shown here has nothing to do with logging in.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from tests.hosts import db_of, mount_host, mount_on
from tests.servers import SECONDS
from zeeguu_gamify import emit
from zeeguu_gamify.delivery import frames, hub, outbox
from zeeguu_gamify.endpoints import stream


def make() -> Flask:
    """The host over `LIVE_DATABASE`, with `LIVE_REDIS` if there is one."""
    frames.HEARTBEAT = float(os.environ.get("LIVE_HEARTBEAT", "0.2"))
    stream.SEND_SECONDS = 0.5
    hub.PATIENCE = SECONDS  # each process hears the others before its first client is ready
    config = {
        "GAMIFY_PUBLISHER": True,
        "GAMIFY_REDIS_URL": os.environ.get("LIVE_REDIS", ""),
        "GAMIFY_REDIS_TIMEOUT": SECONDS,
        "GAMIFY_STREAM_LIMIT": int(os.environ.get("LIVE_LIMIT", "4")),
    }
    app = mount_host(os.environ["LIVE_DATABASE"], config=config, requires_session=_user_by_id)
    app.add_url_rule("/", view_func=_about)
    app.add_url_rule("/happen", view_func=_happen, methods=["POST"])
    if "LIVE_AWAKE" in os.environ:  # the publisher runs before the server forks
        with app.app_context():
            mount_on(app).wake()
    return app


def serve() -> None:
    """Serve by Werkzeug's threaded server, on port `LIVE_PORT`."""
    make().run(port=int(os.environ["LIVE_PORT"]), threaded=True)


def _user_by_id(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        g.user_id = int(request.args["session"])
        return view(*args, **kwargs)

    return run


def _about() -> ResponseReturnValue:
    return jsonify(streams=mount_on(current_app).hub.streams)


def _happen() -> ResponseReturnValue:
    """Let an event happen to a user, or owe so many messages of so many bytes."""
    session, asked = db_of(current_app).session(), request.args
    user_id = int(asked["user"])
    if "bytes" in asked:
        payload = {"text": "x" * int(asked["bytes"])}
        for _ in range(int(asked["times"])):
            outbox.put(session, mount_on(current_app), "friend.removed", payload, user_id=user_id)
    else:
        emit(session, asked["event"], user_id=user_id, amount=int(asked["amount"]))
    session.commit()
    return jsonify(committed=time.monotonic())


if __name__ == "__main__":
    serve()
