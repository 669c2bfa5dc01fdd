"""A live stream as text: server-sent events, a heartbeat between them, and an end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.subscription import LiveEvent, Subscription, Watch

#: After so many seconds without an event a comment is sent: only a write finds out who is gone.
HEARTBEAT = 5.0
#: Boards are told at most so often, in seconds; the first move of a quiet board at once.
MOVES_APART = 0.25
#: After so many seconds a stream ends; the client comes back, and its session is checked again.
LIFETIME = 300.0
#: A client that lost its stream comes back after so many milliseconds.
RETRY = 2000


def frames(subscription: Subscription, last_id: str, missed: Sequence[LiveEvent]) -> Iterator[str]:
    """The text of a stream, piece by piece: what was missed, then what comes, until it ends.

    last_id: where the client stands now, if nothing was missed. Ends also when the subscription
    is closed.
    """
    ends = clock.monotonic() + LIFETIME - subscription.user_id % 30  # not all at once
    beat, moves_from = 0.0, 0.0
    ready = LiveEvent("ready", "{}", missed[-1].id if missed else last_id)
    yield f"retry: {RETRY}\n\n" + "".join(map(_event, [*missed, ready]))
    seen, last_id = {event.id for event in missed}, ready.id
    while not subscription.is_closed and (present := clock.monotonic()) < ends:
        beat = present + HEARTBEAT
        events, moved = subscription.take(min(beat, ends), moves_from)
        text = []
        for event in events:
            if event.id not in seen:
                last_id = event.id or last_id
                text.append(_event(event, last_id))
        if moved:
            moves_from = clock.monotonic() + MOVES_APART
            text += [_event(_moved(watch), last_id) for watch in moved]
        yield "".join(text) or ":\n\n"


def _moved(watch: Watch) -> LiveEvent:
    about = {"board": watch.board, "period": watch.period, "scope": watch.scope}
    return LiveEvent("board.moved", json.dumps(about))


def _event(event: LiveEvent, last_id: str = "") -> str:
    """An event of the stream; one that is not kept repeats the id of the last that is."""
    return f"id: {event.id or last_id}\nevent: {event.name}\ndata: {event.data}\n\n"
