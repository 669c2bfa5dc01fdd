"""Tables for spreadsheets: CSV in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

#: Excel reads UTF-8 only if it begins with this.
BOM = "\ufeff"
#: A cell that begins so is a formula to Excel and its like; they skip blanks before it.
FORMULA = tuple("=+-@＝＋－＠|%")


def harmless(text: str | None) -> str:
    """`text` as a cell that no spreadsheet takes for a formula."""
    text = text or ""
    return f"'{text}" if text.startswith(FORMULA) or text[:1].isspace() else text


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """`rows` as CSV; texts are made harmless, numbers and times stay what they are."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
