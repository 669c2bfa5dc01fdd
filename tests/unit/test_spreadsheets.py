"""No cell of a CSV is a formula, whatever the spreadsheet takes for what stands between cells."""

from __future__ import annotations

import csv
import io

import pytest

from zeeguu_gamify.spreadsheets import harmless, lines

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＠x", "|calc", "%x")
#: Before what begins a formula; spreadsheets pass over it, or drop it.
BEFORE = ("", " ", "\t", "\r", "\n", "\u00a0", "\u3000", "\ufeff", "\u200b", "\0", '"', " \t ")
#: What ends a cell: to us a comma, to some Excel a semicolon, to LibreOffice also a tab.
BETWEEN = (";", "\t", "\n", "\r\n", '";')
PASSED_OVER = ' \t\r\n"\u00a0\u3000\ufeff\u200b\0'


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_with_a_formula_by_whatever_it_is_split(formula: str) -> None:
    for before in BEFORE:
        for text in (before + formula, *(f"x{end}{before}{formula}" for end in BETWEEN)):
            line = lines([["ada", text]]).replace("\0", "")
            for delimiter in ",;\t":
                for row in csv.reader(io.StringIO(line, newline=""), delimiter=delimiter):
                    for cell in row:
                        assert not cell.lstrip(PASSED_OVER).startswith(formula), (text, delimiter)


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("", "Ada", "a-b", "1 = 1", "x, -1", "Ada; Ben", 'say "hi"', "Zoë\nBen", "'x"):
        assert harmless(text) == text
    assert lines([["Ada", -5, None]]) == "Ada,-5,\r\n"
    assert harmless(None) == ""
