"""The context of events: what each may tell beside its amount, and the check of what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from zeeguu_gamify.errors import BadInput, ConfigError

#: What a fact may be, and how that is called.
KINDS: Mapping[type, str] = {
    str: "text", int: "whole number", float: "number", bool: "truth value", date: "date",
    datetime: "point in time",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContextField:
    """A fact that an event tells, e.g. `ContextField("score", int, "points reached")`.

    An optional fact may be left out or be None.
    """

    name: str
    kind: type  #: one of `KINDS`
    meaning: str = ""
    required: bool = False

    def takes(self, value: object) -> bool:
        """Whether `value` is of the kind; a bool is no number, an instant no date."""
        if value is None:
            return not self.required
        if self.kind is float and type(value) is int:
            return True
        if isinstance(value, (bool, datetime)):
            return type(value) is self.kind
        return isinstance(value, self.kind)


def check_declared(event: str, fields: Sequence[ContextField]) -> None:
    """Raise ConfigError for a fact that is declared twice or is of no kind we know."""
    if len({field.name for field in fields}) < len(fields):
        raise ConfigError(f"{event}: two facts of its context have the same name; rename one.")
    for field in fields:
        if field.kind not in KINDS:
            kinds = ", ".join(kind.__name__ for kind in KINDS)
            raise ConfigError(f"{event}: {field.name} of its context must be one of {kinds}.")


def check_context(event: str, fields: Sequence[ContextField], context: Mapping[str, Any]) -> None:
    """Raise BadInput, naming event and fact, for what is missing, of another kind or not declared.

    An event that declares no context takes any.
    """
    declared = {field.name: field for field in fields}
    for name in context.keys() - declared.keys():
        close = get_close_matches(str(name), declared, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(declared)}"
        raise BadInput(f"context: {event} has no {name!r}{hint}")
    for field in fields:
        if field.required and field.name not in context:
            raise BadInput(f"context: {event} needs {field.name!r}")
        if not field.takes(context.get(field.name)):
            raise BadInput(
                f"context: {field.name!r} of {event} must be a {KINDS[field.kind]}, "
                f"not {context[field.name]!r}"
            )
