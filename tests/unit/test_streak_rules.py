"""The rules of streaks, friend streaks and journeys, against walks from date to date."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.activity import exists
from zeeguu_gamify import clock
from zeeguu_gamify.models import BridgeKind
from zeeguu_gamify.streaks import calendar, chain
from zeeguu_gamify.streaks.chain import Run
from zeeguu_gamify.streaks.display import Side, friend_streak_shown, is_alive
from zeeguu_gamify.streaks.shared import Life, SharedRun, longest, shared_runs
from zeeguu_gamify.streaks.travel import Stay, explained

DAY = timedelta(days=1)

#: Zone and date where the calendar has a seam: a date that never was, or a short or long one.
SEAMS = (
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Kanton", date(1994, 12, 31)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("America/New_York", date(2028, 2, 29)),
    ("UTC", date(2028, 2, 29)),
)
zones = st.sampled_from(sorted(available_timezones()))
dates = st.dates(date(1990, 1, 1), date(2035, 12, 31))
places = st.one_of(st.sampled_from(SEAMS), st.tuples(zones, dates))
thoroughly = settings(max_examples=400)
some_days = st.sets(st.integers(-12, 12))


@given(places, st.integers(-3, 3))
def test_a_date_exists_iff_it_is_lived_at_some_instant(place: tuple[str, date], days: int) -> None:
    zone, day = place[0], place[1] + timedelta(days=days)
    assert calendar.exists(day, zone) == exists(day, zone)


@given(places)
def test_before_and_after_are_the_nearest_dates_that_exist(place: tuple[str, date]) -> None:
    zone, day = place
    for neighbour, step in ((calendar.before, -DAY), (calendar.after, DAY)):
        walk = day + step
        while not exists(walk, zone):
            walk += step
        assert neighbour(day, zone) == walk


def test_the_dates_that_never_were() -> None:
    for zone, day in SEAMS[:5]:
        assert not calendar.exists(day, zone)
    assert calendar.between(date(2011, 12, 28), date(2012, 1, 1), "Pacific/Apia") == [
        date(2011, 12, 29),
        date(2011, 12, 31),
    ]


@given(zones, st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)))
def test_a_date_that_somebody_lives_exists(zone: str, at: datetime) -> None:
    assert calendar.exists(clock.local_date(at, zone), zone)


def walked(practised: set[date], bridges: Mapping[date, bool], zone: str) -> list[Run]:
    """The runs, by walking from date to date."""
    found: list[Run] = []
    run: Run | None = None
    for day in span(practised | bridges.keys()):
        if day in practised and run is None:
            run = Run(start=day, last=day, count=1, covered_to=day)
            found.append(run)
        elif run and (day in practised or day in bridges):
            if not exists(day - DAY, zone):
                run.bridged = day - DAY
            if day not in practised:
                run.bridged = day
            if day in practised or bridges[day]:
                run.last, run.count = day, run.count + 1
            run.covered_to = day
        elif exists(day, zone):
            run = None
    return found


def span(days: AbstractSet[date]) -> list[date]:
    """All dates from the first to the last."""
    first, last = min(days, default=date.max), max(days, default=date.min)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@thoroughly
@given(places, some_days, st.dictionaries(st.integers(-12, 12), st.booleans()))
def test_runs_are_what_a_walk_from_date_to_date_finds(
    place: tuple[str, date], practised: set[int], bridged: dict[int, bool]
) -> None:
    zone, day = place
    lived = {day + timedelta(days=number) for number in practised}
    lived = {date for date in lived if exists(date, zone)}
    bridges = {day + timedelta(days=number): repair for number, repair in bridged.items()}
    bridges = {date: repair for date, repair in bridges.items() if exists(date, zone)}
    found = chain.runs(dict.fromkeys(lived, zone), bridges)
    assert found == walked(lived, bridges, zone)
    best = chain.longest(found)
    assert (best.count if best else 0) == max((run.count for run in found), default=0)
    if best:  # the first of those
        assert all(run.count < best.count for run in found[: found.index(best)])


@thoroughly
@given(places, some_days)
def test_a_run_breaks_iff_a_whole_existing_date_was_missed(
    place: tuple[str, date], practised: set[int]
) -> None:
    zone, day = place
    lived = sorted(
        date for number in practised if exists(date := day + timedelta(days=number), zone)
    )
    runs = chain.runs(dict.fromkeys(lived, zone), {})
    starts = {run.start for run in runs}
    for one, later in pairwise(lived):
        gap = [one + timedelta(days=n) for n in range(1, (later - one).days)]
        assert (later in starts) == any(exists(missed, zone) for missed in gap)


def test_a_bridge_adds_nothing_and_a_repair_a_day() -> None:
    days = dict.fromkeys((date(2026, 1, 1), date(2026, 1, 3)), "UTC")
    (frozen,) = chain.runs(days, {date(2026, 1, 2): False})
    (repaired,) = chain.runs(days, {date(2026, 1, 2): True})
    assert (frozen.count, repaired.count) == (2, 3)
    assert frozen.bridged == repaired.bridged == date(2026, 1, 2)


def test_a_bridge_in_the_void_begins_no_run() -> None:
    days = dict.fromkeys((date(2026, 1, 1), date(2026, 1, 5)), "UTC")
    bridges = {date(2026, 1, 3): False, date(2026, 1, 4): True}
    assert [run.count for run in chain.runs(days, bridges)] == [1, 1]


@thoroughly
@given(
    places, st.sampled_from(("UTC", "Pacific/Apia", "Pacific/Honolulu")),
    some_days, some_days, some_days, some_days,
)  # fmt: skip
def test_shared_runs_are_what_a_walk_from_date_to_date_finds(
    place: tuple[str, date],
    other_zone: str,
    one: set[int],
    other: set[int],
    one_bridged: set[int],
    other_bridged: set[int],
) -> None:
    zone, middle = place
    both = (zone, other_zone)

    def dated(numbers: set[int], zone: str) -> set[date]:
        found = {middle + timedelta(days=number) for number in numbers}
        return {day for day in found if exists(day, zone)}

    practised = [dated(one, zone), dated(other, other_zone)]
    bridged = [dated(one_bridged, zone), dated(other_bridged, other_zone)]
    expected: list[SharedRun] = []
    alive = False
    for number in range(-12, 13):
        day = middle + timedelta(days=number)
        if all(day in dates for dates in practised):
            if alive:
                expected[-1].last, expected[-1].count = day, expected[-1].count + 1
            else:
                expected.append(SharedRun(day, day, 1))
            alive = True
        elif any(
            day not in practised[side] | bridged[side] and exists(day, both[side])
            for side in (0, 1)
        ):
            alive = False
    ada, ben = (
        Life.of(dict.fromkeys(practised[side], both[side]), bridged[side]) for side in (0, 1)
    )
    found = shared_runs(ada, ben)
    assert found == shared_runs(ben, ada) == expected
    best = longest(found)
    assert (best.count if best else 0) == max((run.count for run in expected), default=0)


def test_dates_that_were_taken_over_count_until_the_run_breaks() -> None:
    given_ = [date(2026, 1, day) for day in (1, 2, 3)]
    zones_ = {date(2026, 1, day): "UTC" for day in (3, 4, 6)}
    life = Life.of(zones_, ())
    assert [(run.start, run.count) for run in shared_runs(life, life, given_)] == [
        (date(2026, 1, 1), 4),
        (date(2026, 1, 6), 1),
    ]


@given(places, st.integers(0, 4), st.integers(0, 23))
def test_a_streak_is_alive_until_a_whole_existing_date_was_missed(
    place: tuple[str, date], days: int, hour: int
) -> None:
    zone, covered_to = place
    at = datetime.combine(covered_to, datetime.min.time()) + timedelta(days=days, hours=hour)
    today = clock.local_date(at, zone)
    missed = [covered_to + n * DAY for n in range(1, max((today - covered_to).days, 0))]
    assert is_alive(covered_to, zone, at) == (not any(exists(day, zone) for day in missed))


FIRST = date(2026, 1, 1)


def side(zone: str, *covered: date | None) -> Side:
    return Side(zone, FIRST, covered[0] if covered else FIRST)


@pytest.mark.parametrize(
    ("at", "alive"),
    [
        (datetime(2026, 1, 2, 9, 59), True),  # Kiritimati's 2nd ends at 10:00 UTC
        (datetime(2026, 1, 2, 10, 0), False),
    ],
)
def test_a_friend_streak_lives_while_the_next_date_of_both_is_not_over(
    at: datetime, alive: bool
) -> None:
    sides = (side("Pacific/Kiritimati"), side("Pacific/Pago_Pago"))
    assert friend_streak_shown(5, FIRST, sides, at) == (5 if alive else 0)


@pytest.mark.parametrize(
    ("at", "alive"),
    [
        (datetime(2026, 1, 3, 10, 59), True),  # Pago Pago's 2nd ends at 11:00 UTC
        (datetime(2026, 1, 3, 11, 0), False),
    ],
)
def test_who_has_practised_waits_for_the_other(at: datetime, alive: bool) -> None:
    sides = (side("Pacific/Kiritimati", FIRST + DAY), side("Pacific/Pago_Pago"))
    assert friend_streak_shown(5, FIRST, sides, at) == (5 if alive else 0)


def test_a_friend_streak_that_never_was_is_not_shown() -> None:
    sides = (Side("UTC", None, None), Side("UTC", None, None))
    assert friend_streak_shown(0, None, sides, datetime(2026, 1, 1)) == 0
    assert friend_streak_shown(3, FIRST, sides, datetime(2026, 1, 1)) == 3


def stay(zone: str, day: int, hour: int) -> tuple[date, Stay]:
    """A practice at a local time of January 2026."""
    at = datetime(2026, 1, day, hour, tzinfo=ZoneInfo(zone))
    utc = clock.to_utc(at)
    return at.date(), Stay(zone, utc, utc)


LOS_ANGELES, SYDNEY, BERLIN, PARIS = (
    "America/Los_Angeles", "Australia/Sydney", "Europe/Berlin", "Europe/Paris",
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "later", "found"),
    [
        (stay(LOS_ANGELES, 5, 21), stay(SYDNEY, 7, 9), {date(2026, 1, 6)}),
        (stay(SYDNEY, 5, 21), stay(LOS_ANGELES, 6, 9), set()),  # nothing was missed
        (stay(LOS_ANGELES, 5, 4), stay(SYDNEY, 7, 23), set()),  # 48 hours apart
        (stay(LOS_ANGELES, 5, 21), stay(SYDNEY, 8, 9), set()),  # two dates missed
        (stay(BERLIN, 5, 23), stay(PARIS, 7, 1), set()),  # the same clocks
        (stay(LOS_ANGELES, 5, 21), stay(LOS_ANGELES, 7, 1), set()),  # no journey
        (stay("Pacific/Pago_Pago", 5, 20), stay("Pacific/Kiritimati", 7, 9), {date(2026, 1, 6)}),
    ],
)
def test_a_journey_explains_the_one_date_that_it_swallowed(
    one: tuple[date, Stay], later: tuple[date, Stay], found: set[date]
) -> None:
    assert explained(dict((one, later)), {}) == found


def test_journeys_explain_one_date_in_seven_days() -> None:
    stays = dict(
        (
            stay(LOS_ANGELES, 5, 21), stay(SYDNEY, 7, 9), stay(LOS_ANGELES, 8, 21),
            stay(SYDNEY, 10, 9), stay(SYDNEY, 11, 9), stay(LOS_ANGELES, 12, 21),
            stay(SYDNEY, 14, 9),
        )
    )  # fmt: skip
    assert explained(stays, {}) == {date(2026, 1, 6), date(2026, 1, 13)}
    known = {date(2026, 1, 9): BridgeKind.TRAVEL}
    assert explained(stays, known) == set()  # what was explained once stays so


def test_a_freeze_is_not_needed_for_a_date_that_a_journey_explains() -> None:
    stays = dict((stay(LOS_ANGELES, 5, 21), stay(SYDNEY, 7, 9)))
    for kind, found in ((BridgeKind.FREEZE, {date(2026, 1, 6)}), (BridgeKind.AMNESTY, set())):
        assert explained(stays, {date(2026, 1, 6): kind}) == found


def test_a_practice_whose_instant_is_not_known_is_no_journey() -> None:
    (day, _), later = stay(LOS_ANGELES, 5, 21), stay(SYDNEY, 7, 9)
    assert explained({day: Stay(LOS_ANGELES, None, None), later[0]: later[1]}, {}) == set()
