"""Times are naive UTC in whole seconds; dates are the user's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine

from zeeguu_gamify import clock

INDIA = timezone(timedelta(hours=5, minutes=30))


def test_now_is_naive_utc_in_whole_seconds() -> None:
    with time_machine.travel(datetime(2026, 1, 1, 23, 59, 59, 999_999, UTC), tick=False):
        assert clock.now() == datetime(2026, 1, 1, 23, 59, 59)


@pytest.mark.parametrize(
    ("given", "utc"),
    [
        (datetime(2026, 1, 1, 12, 0, 0, 900_000), datetime(2026, 1, 1, 12)),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12)),
        (datetime(2026, 1, 1, 2, 0, tzinfo=INDIA), datetime(2025, 12, 31, 20, 30)),
    ],
)
def test_an_instant_is_taken_to_utc(given: datetime, utc: datetime) -> None:
    assert clock.to_utc(given) == utc


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Pacific/Kiritimati", date(2026, 3, 29)),
        ("America/New_York", date(2026, 3, 28)),
        ("UTC", date(2026, 3, 28)),
        (None, date(2026, 3, 28)),
        ("", date(2026, 3, 28)),
        ("Mars/Olympus", date(2026, 3, 28)),
        ("../../etc/passwd", date(2026, 3, 28)),
        ("Europe", date(2026, 3, 28)),
    ],
)
def test_the_local_date_is_that_of_the_zone_and_else_of_utc(zone: str | None, local: date) -> None:
    assert clock.local_date(datetime(2026, 3, 28, 23, 30), zone) == local


@pytest.mark.parametrize(
    ("name", "known"), [("Europe/Berlin", True), ("UTC", True), ("Mars/Olympus", False)]
)
def test_a_zone_is_known_by_its_name(name: str, known: bool) -> None:
    assert clock.is_zone(name) is known
