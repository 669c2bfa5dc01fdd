"""Once a year each user is told of it, on the user's own date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, update

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    badges,
    change,
    engine_of,
    mount_on,
    progress,
    receipts,
)
from zeeguu_gamify import Catalog, HostMap, tenure
from zeeguu_gamify.badges.anniversaries import anniversary, years
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.host import Group
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.testing import statements

_runs = count()


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host with badges for one, two and four years."""
    return new_host(catalog=Catalog((*FAMILIES, tenure((1, 2, 4)))))


def joined(app: Flask, user_id: int, at: datetime, zone: str | None = None) -> None:
    """Let the user have joined then (UTC)."""
    there = update(User).where(User.id == user_id)
    change(app, there.values(created_at=at, timezone=zone))


def tell(app: Flask, at: datetime) -> str:
    """Run the job as of an instant; its summary."""
    job = schedule.job_called("anniversaries")
    with time_machine.travel(at, tick=False):
        found = runner.run(mount_on(app), job, at, f"run {next(_runs)}")
    assert found is not None
    return found.summary


def tenure_of(app: Flask, user_id: int = ADA) -> int:
    """TENURE_YEARS."""
    return progress(app, user_id).get("TENURE_YEARS", 0)


@pytest.mark.parametrize(
    ("since", "today", "expected"),
    [
        ("2024-02-29", "2025-02-27", 0),
        ("2024-02-29", "2025-02-28", 1),
        ("2024-02-29", "2028-02-28", 3),
        ("2024-02-29", "2028-02-29", 4),
        ("2024-02-28", "2028-02-28", 4),
        ("2024-03-01", "2025-02-28", 0),
        ("2024-03-01", "2024-03-01", 0),
    ],
)
def test_who_joined_on_29_february_has_the_day_on_the_28th_of_other_years(
    since: str, today: str, expected: int
) -> None:
    assert years(date.fromisoformat(since), date.fromisoformat(today)) == expected


def test_29_february_comes_round_in_leap_years() -> None:
    since = date(2024, 2, 29)
    assert [anniversary(since, year).isoformat() for year in (2025, 2028)] == [
        "2025-02-28", "2028-02-29",
    ]  # fmt: skip


@pytest.mark.core
def test_it_is_told_on_the_users_own_date_and_once(host: Flask) -> None:
    """Joined on 1 March in Auckland, where it was still 28 February in UTC."""
    joined(host, ADA, datetime(2023, 2, 28, 12), "Pacific/Auckland")
    assert tell(host, datetime(2025, 2, 28, 10, 45)) == "0 anniversaries"
    assert tell(host, datetime(2025, 2, 28, 11)) == "1 anniversaries"
    assert (tenure_of(host), badges(host)) == (2, ["tenure_years_1", "tenure_years_2"])
    assert tell(host, datetime(2025, 2, 28, 11, 15)) == "0 anniversaries"
    assert tell(host, datetime(2025, 3, 1, 15)) == "0 anniversaries"
    assert receipts(host) == 1
    assert tell(host, datetime(2026, 2, 28, 11)) == "1 anniversaries"
    assert tenure_of(host) == 3


def test_a_leap_day_is_told_on_28_february_and_in_leap_years_on_the_29th(host: Flask) -> None:
    joined(host, ADA, datetime(2024, 2, 29, 9))
    told = [
        day
        for year in (2025, 2026, 2027, 2028)
        for day in (date(year, 2, 27) + timedelta(days=n) for n in range(4))
        if tell(host, datetime.combine(day, datetime.min.time())) == "1 anniversaries"
    ]
    assert [str(day) for day in told] == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    assert (tenure_of(host), badges(host)[-1]) == (4, "tenure_years_3")


def test_a_day_on_which_nobody_ran_it_is_made_good(host: Flask) -> None:
    joined(host, ADA, datetime(2023, 3, 1, 12))
    joined(host, BEN, datetime(2023, 2, 27, 12))
    assert tell(host, datetime(2025, 3, 3, 23)) == "1 anniversaries"
    assert (tenure_of(host), tenure_of(host, BEN)) == (2, 0)


def test_the_day_of_joining_is_none_and_who_has_no_date_has_none(host: Flask) -> None:
    joined(host, ADA, datetime(2025, 3, 1, 12))
    assert tell(host, datetime(2025, 3, 1, 13)) == "0 anniversaries"


def test_users_are_found_by_sets(host: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many users those are looked at who joined about this day of some year."""
    monkeypatch.setattr("zeeguu_gamify.badges.anniversaries.USERS", 7)
    at = datetime(2020, 1, 1)
    rows = [
        {"id": 100 + n, "username": f"u{n}", "name": "x", "created_at": at + timedelta(days=5 * n)}
        for n in range(146)
    ]
    change(host, insert(User).values(rows))
    with statements(engine_of(host)) as ran:
        assert tell(host, datetime(2025, 1, 1, 12)) == "2 anniversaries"
    assert 1 <= sum("SELECT" in one and ".created_at >=" in one for one in ran) <= 3


@pytest.mark.sqlite_only
def test_a_host_without_dates_of_joining_has_no_anniversaries(new_host: MakeHost) -> None:
    host = new_host(host_map=HostMap(groups=frozenset({Group.ZONE})))
    assert tell(host, datetime(2025, 1, 1)) == ""
