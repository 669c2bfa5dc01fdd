"""What is stored is what the ledger says, in every zone, in whatever order practice comes to light.

Each example has learners of its own, on one host for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, select, text, update
from sqlalchemy.orm import Session

from tests.activity import Activity, friend_streaks, streaks
from tests.integration.learners import DANISH, GERMAN, Learners, User, UserLanguage, at_time
from tests.servers import Server
from tests.unit.test_streak_rules import places
from zeeguu_gamify import clock, practice
from zeeguu_gamify.models import OVERALL, Friendship, Streak
from zeeguu_gamify.streaks import ledger, pairs, rows
from zeeguu_gamify.streaks.bridges import give_freezes

HOUR = timedelta(hours=1)

#: From the last to the first place where a date begins, and those in between that are odd.
FAR_APART = (
    "Pacific/Pago_Pago", "Pacific/Honolulu", "America/St_Johns", "Europe/Berlin",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati",
)  # fmt: skip

zones = st.sampled_from(sorted(available_timezones()))
far_apart = st.sampled_from(FAR_APART)
#: Hours and minutes from one practice to the next: mostly about a day.
pauses = st.lists(
    st.one_of(st.integers(60, 2400), st.integers(1080, 1740)).map(lambda n: timedelta(minutes=n)),
    min_size=1,
    max_size=14,
)
thorough = settings(max_examples=60)


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def school(request: pytest.FixtureRequest) -> Iterator[Learners]:
    """A host with languages, for all examples."""
    url = "sqlite://"
    if request.param == "mariadb":
        server: Server = request.getfixturevalue("mariadb")
        url = server.new_database()
    learners = Learners(url)
    yield learners
    learners.close()


def instants_at(day: date, pauses: Sequence[timedelta]) -> list[datetime]:
    """Practices (UTC) from five days before `day` on."""
    start = datetime.combine(day, datetime.min.time()) - timedelta(days=5)
    return [start + sum(pauses[:number], timedelta()) for number in range(len(pauses) + 1)]


def stored(school: Learners, user_id: int) -> list[tuple[Any, ...]]:
    """All that is stored of a learner's streaks, but whose, and which instant of the last date."""
    table = Streak.__table__
    found = school.rows(
        select(table).where(table.c.user_id == user_id).order_by(table.c.language_id)
    )
    studied = select(UserLanguage).where(UserLanguage.user_id == user_id)
    of_host = school.rows(studied.order_by(UserLanguage.language_id))
    columns = "daily_streak", "max_streak", "max_streak_date"
    return [
        *(tuple(row)[1:] for row in found),
        *(tuple(getattr(row, name) for name in columns) for row in of_host),
        *sorted(school.days(user_id)),
        *sorted(school.bridges(user_id).items()),
    ]


def practise_late(
    school: Learners, user_id: int, lived: Sequence[tuple[datetime, str]], now: datetime
) -> None:
    """Practise at instants of the past, each in its zone, in the order given."""
    with at_time(now):
        for at, zone in lived:
            with school.transaction() as session:
                practice(session, user_id, at=at, zone=zone)


@thorough
@given(place=places, pauses=pauses, chance=st.randoms(use_true_random=False))
def test_in_any_zone_and_order_a_streak_is_what_a_walk_from_date_to_date_finds(
    school: Learners, place: tuple[str, date], pauses: list[timedelta], chance: Random
) -> None:
    zone, day = place
    instants = instants_at(day, pauses)
    live, late = school.studying(zone), school.studying(zone)
    school.practise(live, *instants)
    shuffled = [(at, zone) for at in (*instants, *instants)]
    chance.shuffle(shuffled)
    practise_late(school, late, shuffled, instants[-1] + HOUR)

    log = [Activity("", "ada", zone, at.isoformat(), "", "") for at in instants]
    expected = streaks(log)["ada"]
    for user_id in (live, late):
        days = [day for day, _ in school.days(user_id)]
        assert len(days) == len(set(days)) == expected.practice_days
        for language_id in (OVERALL, GERMAN):
            row = school.streak(user_id, language_id)
            assert (row.longest, row.longest_end) == (expected.longest, expected.longest_end)
            assert (row.current, row.last_date) == (expected.at_last_day, expected.last_day)
    assert stored(school, live) == stored(school, late)


@thorough
@given(
    day=st.dates(date(2025, 1, 1), date(2028, 12, 31)), pauses=pauses, chance=st.randoms(),
    before=zones, after=zones, moved=st.integers(0, 14),
)  # fmt: skip
def test_a_journey_in_any_order_of_arrival_is_the_same(
    school: Learners, day: date, pauses: list[timedelta], chance: Random,
    before: str, after: str, moved: int,
) -> None:  # fmt: skip
    dated: dict[date, tuple[datetime, str]] = {}
    for number, at in enumerate(instants_at(day, pauses)):
        zone = after if number >= moved else before
        dated.setdefault(clock.local_date(at, zone), (at, zone))
    lived = sorted(dated.values())
    live, late = school.studying(before), school.studying(before)
    for at, zone in lived:
        school.change(update(User).where(User.id == live).values(timezone=zone))
        school.practise(live, at)
    shuffled = [*lived, *lived]
    chance.shuffle(shuffled)
    practise_late(school, late, shuffled, lived[-1][0] + HOUR)
    assert stored(school, live) == stored(school, late)


#: What happens next: to whom, what, how much later.
happenings = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(
            st.tuples(st.just("practise"), st.sampled_from((GERMAN, DANISH))),
            st.tuples(st.just("practise"), st.just(GERMAN)),
            st.tuples(st.just("practise late"), st.integers(1, 120)),
            st.tuples(st.just("get freezes"), st.integers(1, 3)),
            st.tuples(st.just("travel"), far_apart),
        ),
        st.integers(0, 20).map(lambda hours: hours * HOUR),
    ),
    min_size=8,
    max_size=40,
)


def happen(school: Learners, user_id: int, what: str, how: Any, now: datetime) -> None:
    """Let it happen to the user at `now` (UTC)."""
    with at_time(now), school.transaction() as session:
        if what == "practise":
            practice(session, user_id, how)
        elif what == "practise late":
            practice(session, user_id, at=now - how * HOUR)
        elif what == "get freezes":
            give_freezes(session, user_id, how, "a present")
        else:
            session.execute(update(User).where(User.id == user_id).values(timezone=how))


@thorough
@given(happenings=happenings, homes=st.tuples(far_apart, far_apart, far_apart))
def test_whatever_happens_what_is_stored_is_what_the_ledger_says(
    school: Learners, happenings: list[Any], homes: tuple[str, ...]
) -> None:
    now = datetime(2026, 3, 20, 12)
    users = [school.studying(zone) for zone in homes]
    for one, other in combinations(users, 2):
        school.befriend(one, other, now)
    for who, (what, how), later in happenings:
        now += later
        happen(school, users[who], what, how, now)
    for user_id in users:
        assert_recount_changes_nothing(school, user_id)


def assert_recount_changes_nothing(school: Learners, user_id: int) -> None:
    """Counting the streaks and friend streaks of a learner anew gives what is there."""
    with Session(school.engine) as session:
        before = rows.locked(session, user_id)
        if before:
            friends = friendships(session, user_id)
            known = ledger.read(session, user_id)
            assert ledger.recount(session, user_id, known, before) == before
            pairs.rebuild(session, user_id, known.life(), before[OVERALL])
            assert friendships(session, user_id) == friends
            assert_host_has_the_same(session, user_id, before)
        session.rollback()


def friendships(session: Session, user_id: int) -> list[Row[Any]]:
    """The rows of the user's friendships, without when they were last updated."""
    table = Friendship.__table__
    columns = [column for column in table.c if column.name != "friend_streak_last_updated"]
    mine = (table.c.user_a_id == user_id) | (table.c.user_b_id == user_id)
    return list(session.execute(select(*columns).where(mine).order_by(table.c.id)))


def assert_host_has_the_same(session: Session, user_id: int, streaks: Any) -> None:
    studied = session.scalars(select(UserLanguage).where(UserLanguage.user_id == user_id))
    for row in studied:
        if row.language_id in streaks:
            streak = streaks[row.language_id]
            assert row.daily_streak == streak.current
            assert row.max_streak >= streak.longest  # what a freeze had saved, it keeps


@thorough
@given(
    pauses=st.tuples(pauses, pauses), homes=st.tuples(far_apart, far_apart),
    day=st.one_of(st.just(date(2026, 3, 29)), st.dates(date(2025, 1, 1), date(2028, 12, 31))),
    chance=st.randoms(),
)  # fmt: skip
def test_a_friend_streak_is_what_a_walk_from_date_to_date_finds(
    school: Learners, pauses: tuple[list[timedelta], ...], homes: tuple[str, str], day: date,
    chance: Random,
) -> None:  # fmt: skip
    lived = [(at, side) for side in (0, 1) for at in instants_at(day, pauses[side])]
    begin, end = min(lived)[0], max(lived)[0] + HOUR
    live = [school.studying(zone) for zone in homes]
    late = [school.studying(zone) for zone in homes]
    friends = [school.befriend(one, other, begin) for one, other in (live, late)]
    for at, side in sorted(lived):
        school.practise(live[side], at)
    chance.shuffle(lived)
    for at, side in lived:
        practise_late(school, late[side], [(at, homes[side])], end)

    log = [Activity("", str(side), homes[side], at.isoformat(), "", "") for at, side in lived]
    expected = friend_streaks(log, [("0", "1")])["0", "1"]
    columns = (
        "friend_streak", "friend_streak_date", "max_friend_streak", "max_friend_streak_date",
        "a_since", "a_from", "a_last", "a_bridged", "b_since", "b_from", "b_last", "b_bridged",
    )  # fmt: skip
    found = [tuple(getattr(school.friendship(key), name) for name in columns) for key in friends]
    assert found[0] == found[1]
    assert found[0][2:4] == expected


@thorough
@given(missed=st.integers(0, 5), owned=st.integers(0, 4), zone=zones)
def test_as_many_missed_dates_as_there_are_freezes_do_no_harm(
    school: Learners, missed: int, owned: int, zone: str
) -> None:
    user_id = school.studying(zone)
    first = datetime(2026, 6, 10, 12)
    if owned:
        school.give(user_id, owned, first)
    school.practise(user_id, first, first + timedelta(days=1))
    back = first + timedelta(days=2 + missed)
    school.practise(user_id, back)
    assert school.streak(user_id).current == (3 if missed <= owned else 1)
    assert school.freezes(user_id) == owned - min(missed, owned)
    assert len(school.bridges(user_id)) == min(missed, owned)


@thorough
@given(place=places, pauses=pauses)
def test_no_local_date_is_credited_twice(
    school: Learners, place: tuple[str, date], pauses: list[timedelta]
) -> None:
    zone, day = place
    user_id = school.learner(zone)
    before, dates = 0, set()
    for at in instants_at(day, pauses):
        outcome = school.practise(user_id, at)
        local = clock.local_date(at, zone)
        if local in dates:
            assert outcome.streak is None
        else:
            assert outcome.streak in (1, before + 1)
            before = outcome.streak
        dates.add(local)
    count = "SELECT COUNT(*) FROM practice_day WHERE user_id = :user_id"
    with school.engine.connect() as connection:
        assert connection.execute(text(count), {"user_id": user_id}).scalar() == len(dates)
