"""Tables for spreadsheets: CSV in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

#: Excel reads UTF-8 only if it begins with this.
BOM = "\ufeff"
#: What a cell that is a formula begins with, to Excel and its like.
_FORMULA = r"[=+\-@＝＋－＠|%]"
#: What they pass over before it, or drop.
_PASSED_OVER = r"[\s\"\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*"
#: Where a cell may begin, whatever they take for what stands between cells: in half of Europe it is
#: a semicolon, and a quote within a cell does not hold together what follows.
_BEGINNING = r"(?:^|(?<=[;\t\r\n]))"
_DANGER = re.compile(rf"{_BEGINNING}(?={_PASSED_OVER}{_FORMULA})|^(?=\s)")


def harmless(text: str | None) -> str:
    """`text` as a cell, or several, that no spreadsheet takes for a formula."""
    return _DANGER.sub("'", text or "")


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """`rows` as CSV; texts are made harmless, numbers and times stay what they are."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
