"""Pages of long lists: by the key of the last row, and never by counting them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import Session

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.mount import Mount

T = TypeVar("T")

#: So many rows are a page, and so many are read at once for a CSV.
ROWS, CSV_ROWS = 50, 1000

NOT_OURS = "after: not one that this list has given."
#: Cursors are shorter.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for."""

    session: Session
    mount: Mount
    filters: dict[str, str]  #: those that were set
    path: dict[str, Any]  #: what the path of the page says, e.g. the code of a badge

    def narrowed(
        self, found: Select[Any], name: str, column: ColumnElement[Any], kind: type[Enum]
    ) -> Select[Any]:
        """`found`, but only where `column` is the member of the enum that the filter names."""
        member = kind.__members__.get(self.filters.get(name, ""))
        return found if member is None else found.where(column == member)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list."""

    rows: Sequence[Any]
    next: str | None  #: the cursor at which it goes on; None at the end


class Source(Protocol):
    """Where the rows of a list come from."""

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        """The `size` rows behind the cursor; raises BadInput for one that is none of ours."""


#: A column, and what it must be equal to.
Equal = tuple[ColumnElement[Any], Any]


@dataclass(frozen=True, slots=True)
class BySelect:
    """Rows of a SELECT, in the order of `keys`, which are unique together and among its columns.

    An index should begin with `within` and the keys: then a page costs the same wherever it is.

    keys: whole numbers, instants and texts, never NULL.
    within: what all rows have the same, e.g. the id of a badge; say it here, not in the SELECT.
    """

    select: Callable[[Asked], Select[Any]]
    keys: tuple[ColumnElement[Any], ...]
    within: Callable[[Asked], Equal] | None = None
    newest_first: bool = True

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        """One statement, which reads a row more than it shows."""
        behind = None if cursor is None else self._behind(unpack(cursor))
        order = [key.desc() if self.newest_first else key.asc() for key in self.keys]
        wanted = self.select(asked)
        if self.within is not None:
            column, value = self.within(asked)
            behind = column == value if behind is None else self._tied(column, value, behind)
            order.insert(0, column.desc() if self.newest_first else column.asc())
        if behind is not None:
            wanted = wanted.where(behind)
        rows = asked.session.execute(wanted.order_by(*order).limit(size + 1)).all()
        if len(rows) <= size:
            return Page(rows, None)
        last = rows[size - 1]
        return Page(rows[:size], pack([getattr(last, _name(key)) for key in self.keys]))

    def _behind(self, values: list[Any]) -> ColumnElement[bool]:
        """SQL: that a row comes behind the one with these keys."""
        if len(values) != len(self.keys):
            raise BadInput(NOT_OURS)
        typed = [_typed(key, value) for key, value in zip(self.keys, values, strict=True)]
        return _beyond(self.keys, typed, descending=self.newest_first)

    def _tied(
        self, column: ColumnElement[Any], value: Any, behind: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """SQL: column = value AND behind.

        In words of a range: of a plain equality MariaDB reads all rows from the first page on.
        """
        low, high = (column >= value, column < value) if self.newest_first else (
            column <= value, column > value
        )  # fmt: skip
        return and_(low, or_(high, and_(column == value, behind)))


def _beyond(
    keys: Sequence[ColumnElement[Any]], values: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    """(a, b) < (x, y), in words of which an index that begins with a can make use."""
    key, value = keys[0], values[0]
    beyond: ColumnElement[bool] = key < value if descending else key > value
    if len(keys) == 1:
        return beyond
    tied = _beyond(keys[1:], values[1:], descending=descending)
    return and_(key <= value if descending else key >= value, or_(beyond, tied))


@dataclass(frozen=True, slots=True)
class InMemory:
    """Rows that are few, and here already, such as badges."""

    rows: Callable[[Asked], Sequence[Any]]

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        """From the place that the cursor names."""
        rows = self.rows(asked)
        start = 0 if cursor is None else _place(cursor)
        more = start + size < len(rows)
        return Page(rows[start : start + size], pack([start + size]) if more else None)


def _place(cursor: str) -> int:
    match unpack(cursor):
        case [int(place)] if place >= 0:
            return place
    raise BadInput(NOT_OURS)


def _name(key: ColumnElement[Any]) -> str:
    return str(getattr(key, "key", key))


def _typed(key: ColumnElement[Any], value: Any) -> Any:
    """The value of a cursor as its column has it."""
    try:
        if key.type.python_type is datetime:
            return datetime.fromisoformat(value)
        if key.type.python_type is str and type(value) is str:
            return value
        if key.type.python_type is int and type(value) is int and abs(value) < 2**63:
            return value
    except (TypeError, ValueError):
        pass
    raise BadInput(NOT_OURS)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def pack(values: Sequence[Any]) -> str:
    """The cursor behind the row with these keys."""
    text = json.dumps([_text(value) for value in values], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(cursor: str) -> list[Any]:
    """The keys of a cursor, of whatever type; raises BadInput."""
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        found = json.loads(urlsafe_b64decode(padded.encode()))
    except (ValueError, RecursionError) as error:
        raise BadInput(NOT_OURS) from error
    if not isinstance(found, list):
        raise BadInput(NOT_OURS)
    return found
