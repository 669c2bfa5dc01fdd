"""`gamify.after`: events for hosts that fire nothing."""

from __future__ import annotations

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Event, ToEvent, emit_batch
from zeeguu_gamify.mount import Mount, mount_of
from zeeguu_gamify.transaction import log


def watch(app: Flask) -> None:
    """Look at every response of `app`; costs a dictionary look-up where nothing is asked for."""

    def look(response: Response) -> Response:
        mount = mount_of(app)
        rules = mount.after.get(request.endpoint or "", ()) if mount else ()
        if mount and rules and response.status_code // 100 == 2:
            for to_event in rules:
                _emit(mount, to_event, response)
        return response

    app.after_request(look)


def _emit(mount: Mount, to_event: ToEvent, response: Response) -> None:
    """Emit in a session of our own: the host's is over. Whatever fails is logged, not shown."""
    try:
        found = to_event(response)
        events = [found] if isinstance(found, Event) else list(found or ())
        if events:
            with Session(mount.db.engine) as session:
                emit_batch(session, events)
                session.commit()
    except Exception:
        log.exception("The events of %s are lost", request.endpoint)
