"""Facts to suppose, as a person writes them: NAME=VALUE."""

from __future__ import annotations

from datetime import date

from zeeguu_gamify.badges.rules import DATES
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import MAX_INT, Metric
from zeeguu_gamify.mount import Mount


def read_fact(mount: Mount, text: str, field: str) -> tuple[str, int | date]:
    """NAME=VALUE; raises BadInput, or UnknownBadge for a name that is no metric.

    field: what errors call the place where it was written.
    """
    name, _, value = (part.strip() for part in text.partition("="))
    if name in DATES:
        try:
            return name, date.fromisoformat(value)
        except ValueError as error:
            raise BadInput(f"{field} {name}: {value!r} is not a date like 2026-03-01") from error
    if name not in (*mount.snapshot_fields, Metric.EXP):
        name = mount.catalog.metric_of(name)
    if not (value.isascii() and value.isdigit()) or int(value) > MAX_INT:
        raise BadInput(f"{field} {name}: {value!r} is not a whole number from 0 to {MAX_INT}")
    return name, int(value)
