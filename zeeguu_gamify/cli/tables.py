"""Rows for people, programs and spreadsheets, written as they come."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zeeguu_gamify.spreadsheets import harmless


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """CSV, line by line; a text that a spreadsheet would run is quoted by an apostrophe."""
    yield _line(columns)
    for row in rows:
        yield _line([_harmless(row[column]) for column in columns])


def _line(cells: Sequence[Any]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue()


def _harmless(cell: Any) -> Any:
    return harmless(cell) if isinstance(cell, str) else cell


def as_json_list(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON list, an item a line."""
    separator = "["
    for row in rows:
        yield separator + json.dumps(row, default=str)
        separator = ","
    yield "]" if separator == "," else "[]"
