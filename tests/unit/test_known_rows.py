"""What a process remembers of rows is bounded."""

from __future__ import annotations

from zeeguu_gamify.mount import KnownRows


def test_rows_are_remembered_and_forgotten() -> None:
    rows = KnownRows(10)
    rows.add((1, 2))
    assert (1, 2) in rows
    assert (2, 1) not in rows
    rows.discard((1, 2))
    rows.discard((1, 2))
    assert (1, 2) not in rows


def test_when_full_it_starts_anew() -> None:
    rows = KnownRows(3)
    for user in range(100):
        rows.add((user, 1))
        assert (user, 1) in rows
        assert sum((user, 1) in rows for user in range(100)) <= 3
