"""Events as JSON tells them: {"event": "quiz.completed", "at": "2026-03-01T22:00"}."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.context import check_context
from zeeguu_gamify.errors import BadInput, UnknownEvent
from zeeguu_gamify.events import Event, EventType, whole_number
from zeeguu_gamify.models import Mechanism

KEYS = ("event", "at", "amount", "value", "event_id", "object_id", "context")

#: How JSON writes what it has no type for.
_PARSERS: Mapping[type, Callable[[str], date]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def event_of(told: Any, user_id: int, events: Mapping[str, EventType]) -> Event:
    """An event from its JSON; raises BadInput or UnknownEvent."""
    if not isinstance(told, dict):
        raise BadInput("an event is an object with the key 'event'")
    for key in told.keys() - set(KEYS):
        close = get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(KEYS)}"
        raise BadInput(f"{key!r} is no key of an event; {hint}")
    name = told.get("event")
    kind = events.get(name) if isinstance(name, str) else None
    if kind is None:
        raise UnknownEvent(name, events)
    value = told.get("value")
    if value is not None:
        whole_number("value", value, at_least=0)
    elif kind.metric and kind.moves is Mechanism.GAUGE:
        raise BadInput(f"value: {kind.name} sets a gauge and needs its value")
    return Event(
        name=kind.name,
        user_id=user_id,
        amount=whole_number("amount", told.get("amount", 1), at_least=1),
        value=value,
        event_id=told.get("event_id"),
        object_id=told.get("object_id"),
        at=_instant(told.get("at")),
        context=_context(kind, told.get("context", {})),
    )


def _instant(text: Any) -> datetime | None:
    """UTC, or with an offset of its own."""
    if text is None:
        return None
    try:
        return clock.to_utc(datetime.fromisoformat(text))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(f"at: {text!r} is not an ISO instant") from error


def _context(kind: EventType, told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise BadInput(f"context: {told!r} is not an object")
    kinds = {field.name: field.kind for field in kind.context}
    context = {name: _parsed(name, kinds.get(name), value) for name, value in told.items()}
    if kind.context:
        check_context(kind.name, kind.context, context)
    return context


def _parsed(name: str, kind: type | None, value: Any) -> Any:
    parse = _PARSERS.get(kind) if kind else None
    if parse is None or not isinstance(value, str):
        return value
    try:
        return parse(value)
    except ValueError as error:
        raise BadInput(f"context: {name}: {value!r} is not an ISO date or instant") from error
