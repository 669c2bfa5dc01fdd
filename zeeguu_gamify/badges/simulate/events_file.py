"""Events to play, from JSON lines: {"event": "quiz.completed", "at": "2026-03-01T22:00"}."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from zeeguu_gamify.errors import BadInput, GamifyError
from zeeguu_gamify.event_json import event_of
from zeeguu_gamify.events import Event, EventType


def read_events(
    lines: Iterable[str | bytes], user_id: int, events: Mapping[str, EventType]
) -> Iterator[Event]:
    """The events of the lines, for one user. Any instant may be named, be it in the future.

    Raises BadInput, naming line and field.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield event_of(json.loads(line), user_id, events)
        except ValueError as error:  # also what is not UTF-8, or a number without end
            raise BadInput(f"line {number}: this is not JSON: {error}") from error
        except GamifyError as error:
            raise BadInput(f"line {number}: {error.message}") from error
