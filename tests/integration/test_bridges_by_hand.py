"""Repairs and amnesties: dates that people of the service give back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.integration.learners import DANISH, GERMAN, Learners, NewLearners, at_time
from zeeguu_gamify import GamifyError, repair
from zeeguu_gamify.models import LedgerEntry

#: A Monday, at noon UTC.
MONDAY = datetime(2026, 3, 2, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
AMNESTY = ("amnesty", "--from", "2026-03-03T09:00", "--to", "2026-03-03T17:00", "--reason", "fire")


@pytest.fixture
def ada(learners: Learners) -> int:
    """She practised on Sunday and Monday."""
    user_id = learners.studying()
    learners.practise(user_id, MONDAY - DAY, MONDAY)
    return user_id


def mend(learners: Learners, user_id: int, day: date, at: datetime) -> int | None:
    with at_time(at), learners.transaction() as session:
        return repair(session, user_id, day, "asked for by mail").streak


def test_a_repaired_date_counts(learners: Learners, ada: int) -> None:
    learners.run(at=MONDAY + 2 * DAY)
    assert mend(learners, ada, TUESDAY, MONDAY + 2 * DAY) == 3
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (3, 3)
    learners.practise(ada, MONDAY + 2 * DAY)
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (4, 4)


def test_it_counts_only_in_languages_that_were_alive_the_day_before(
    learners: Learners, ada: int
) -> None:
    learners.practise(ada, MONDAY + 2 * DAY, language_id=DANISH)
    mend(learners, ada, TUESDAY, MONDAY + 2 * DAY)
    assert learners.daily(ada) == {GERMAN: 3, DANISH: 1}
    assert learners.streak(ada).current == 4


def test_it_joins_the_run_before_to_the_run_after_and_what_that_reaches_is_granted(
    learners: Learners, ada: int
) -> None:
    for number in range(2, 6):
        learners.practise(ada, MONDAY + number * DAY)
    assert learners.gauge(ada) == 4
    mend(learners, ada, TUESDAY, MONDAY + 5 * DAY)
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (7, 7)
    assert learners.badges(ada) == ["streak_days_1"]


def test_two_missed_dates_are_repaired_one_after_the_other(learners: Learners, ada: int) -> None:
    late = MONDAY + 3 * DAY
    with pytest.raises(GamifyError, match="no run was alive on 2026-03-03, the day before"):
        mend(learners, ada, WEDNESDAY, late)
    mend(learners, ada, TUESDAY, late)
    assert mend(learners, ada, WEDNESDAY, late) == 4


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (date(2026, 3, 2), "2026-03-02 was practised"),
        (WEDNESDAY, "2026-03-04 is not over for user"),
        (date(2027, 1, 1), "2027-01-01 is not over for user"),
        (date(2026, 2, 20), "no run was alive on 2026-02-19"),
        (date(1, 1, 2), "no run was alive on 0001-01-01"),
        (date.min, "there is none before 0001-01-01"),
    ],
)
def test_what_was_not_missed_is_not_repaired(
    learners: Learners, ada: int, day: date, message: str
) -> None:
    with pytest.raises(GamifyError, match=message):
        mend(learners, ada, day, MONDAY + 2 * DAY)
    assert learners.bridges(ada) == {}


def test_it_is_not_repaired_twice(learners: Learners, ada: int) -> None:
    mend(learners, ada, TUESDAY, MONDAY + 2 * DAY)
    with pytest.raises(GamifyError, match="2026-03-03 is repaired already"):
        mend(learners, ada, TUESDAY, MONDAY + 2 * DAY)


def test_a_freeze_that_was_used_for_the_date_is_given_back(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    learners.run(at=MONDAY + 2 * DAY)
    assert mend(learners, ada, TUESDAY, MONDAY + 2 * DAY) == 3
    assert (learners.bridges(ada), learners.freezes(ada)) == ({TUESDAY: "repair"}, 1)


def test_a_friend_streak_goes_on_over_a_repaired_date_which_is_not_a_shared_one(
    learners: Learners, ada: int
) -> None:
    ben = learners.studying()
    friends = learners.befriend(ada, ben, MONDAY - DAY)
    learners.practise(ben, MONDAY - DAY, MONDAY, MONDAY + DAY)
    learners.run(at=MONDAY + 2 * DAY)
    mend(learners, ada, TUESDAY, MONDAY + 2 * DAY)
    learners.practise(ben, MONDAY + 2 * DAY)
    learners.practise(ada, MONDAY + 2 * DAY)
    assert learners.friendship(friends).friend_streak == 3


def test_by_command(learners: Learners, ada: int) -> None:
    command = ("streaks", "repair", str(ada), "2026-03-03")
    at = MONDAY + 2 * DAY
    assert "Missing option '--reason'" in learners.cli(*command, at=at, fails=True)
    done = learners.cli(*command, "--reason", "we lost it", at=at)
    assert done == f"2026-03-03 is repaired; the streak of user {ada} is 3 now.\n"
    assert "is repaired already" in learners.cli(*command, "--reason", "x", at=at, fails=True)
    nobody = ("streaks", "repair", "nobody", "2026-03-03", "--reason", "x")
    assert "Unknown user: 'nobody'" in learners.cli(*nobody, at=at, fails=True)


@pytest.mark.core
def test_an_amnesty_bridges_every_local_date_that_the_outage_touched(learners: Learners) -> None:
    """Nine to five UTC on Tuesday began on Monday in Honolulu, ended on Wednesday in Auckland."""
    here, west, east = (
        learners.studying(zone) for zone in ("UTC", "Pacific/Honolulu", "Pacific/Auckland")
    )
    learners.practise(here, MONDAY)
    learners.practise(west, MONDAY - DAY)
    learners.practise(east, MONDAY - DAY)
    at = MONDAY + 2 * DAY
    learners.run(at=at)
    assert [learners.daily(user_id)[GERMAN] for user_id in (here, west, east)] == [0, 0, 0]
    assert "the way back is `flask gamify amnesty undo 1`" in learners.cli(*AMNESTY, at=at)
    assert learners.bridges(here) == {TUESDAY: "amnesty"}
    assert learners.bridges(west) == {date(2026, 3, 2): "amnesty", TUESDAY: "amnesty"}
    assert learners.bridges(east) == {TUESDAY: "amnesty", WEDNESDAY: "amnesty"}
    assert [learners.daily(user_id)[GERMAN] for user_id in (here, west, east)] == [1, 1, 1]
    assert [learners.gauge(user_id) for user_id in (here, west, east)] == [1, 1, 1]


def test_what_broke_meanwhile_is_healed(learners: Learners, ada: int) -> None:
    learners.practise(ada, MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    assert learners.daily(ada)[GERMAN] == 2
    printed = learners.cli(*AMNESTY, at=MONDAY + 3 * DAY)
    assert "1 users, 1 dates bridged, 0 freezes refunded" in printed
    assert (learners.daily(ada)[GERMAN], learners.gauge(ada)) == (4, 4)
    assert learners.streak(ada).started == date(2026, 3, 1)


def test_who_was_not_alive_the_day_before_gets_nothing(learners: Learners) -> None:
    ada, ben = learners.studying(), learners.studying()
    learners.practise(ada, MONDAY - DAY)
    learners.practise(ben, MONDAY, MONDAY + DAY)
    printed = learners.cli(*AMNESTY, at=MONDAY + 2 * DAY)
    assert "0 users, 0 dates bridged" in printed
    assert learners.bridges(ada) == learners.bridges(ben) == {}


def test_a_date_of_today_may_still_be_practised_and_then_counts(
    learners: Learners, ada: int
) -> None:
    learners.cli(*AMNESTY, at=MONDAY + DAY + 6 * HOUR)
    assert learners.bridges(ada) == {TUESDAY: "amnesty"}
    learners.practise(ada, MONDAY + DAY + 7 * HOUR)
    assert learners.daily(ada)[GERMAN] == 3
    learners.run(at=MONDAY + 2 * DAY)
    assert learners.daily(ada)[GERMAN] == 3


def test_freezes_are_refunded_and_undone_used_again(learners: Learners, ada: int) -> None:
    learners.give(ada, 1, MONDAY)
    learners.run(at=MONDAY + 2 * DAY)
    before = learners.everything()
    printed = learners.cli(*AMNESTY, at=MONDAY + 2 * DAY)
    assert "1 users, 0 dates bridged, 1 freezes refunded" in printed
    assert (learners.bridges(ada), learners.freezes(ada)) == ({TUESDAY: "amnesty"}, 1)
    learners.cli("amnesty", "undo", "1", at=MONDAY + 2 * DAY)
    assert learners.everything() == before
    entries = learners.rows(select(LedgerEntry.amount).order_by(LedgerEntry.id))
    assert [entry.amount for entry in entries] == [1, -1, 1, -1]


def test_undone_everything_is_as_it_was(learners: Learners) -> None:
    """But for what was longest: what was reached stays reached, so here that is long ago."""
    ada, ben = learners.studying(), learners.studying("Europe/Berlin")
    friends = learners.befriend(ada, ben, MONDAY - 20 * DAY)
    for number in (*range(-20, -10), -1, 0, 2):
        learners.practise(ada, MONDAY + number * DAY)
        learners.practise(ben, MONDAY + number * DAY)
    learners.practise(ben, MONDAY + 2 * DAY)
    before = learners.everything()
    learners.cli(*AMNESTY, at=MONDAY + 2 * DAY)
    assert (learners.daily(ada)[GERMAN], learners.friendship(friends).friend_streak) == (3, 3)
    learners.cli("amnesty", "undo", "1", at=MONDAY + 2 * DAY)
    assert learners.everything() == before
    assert "(undone 2026-03-04" in learners.cli("amnesty", "list")


def test_a_date_that_two_outages_touched_stays_bridged_for_the_other(
    learners: Learners, ada: int
) -> None:
    evening = (
        "amnesty", "--from", "2026-03-03T20:00", "--to", "2026-03-03T21:00", "--reason", "flood",
    )  # fmt: skip
    at = MONDAY + 2 * DAY
    learners.cli(*AMNESTY, at=at)
    learners.cli(*evening, at=at)
    learners.cli("amnesty", "undo", "1", at=at)
    assert learners.bridges(ada) == {TUESDAY: "amnesty"}
    learners.cli("amnesty", "undo", "2", at=at)
    assert learners.bridges(ada) == {}


def test_the_same_again_changes_nothing(learners: Learners, ada: int) -> None:
    at = MONDAY + 2 * DAY
    learners.cli(*AMNESTY, at=at)
    everything = learners.everything()
    assert "was done before" in learners.cli(*AMNESTY, at=at)
    assert learners.everything() == everything
    assert learners.cli("amnesty", "list").count("fire") == 1


def test_a_dry_run_says_whom_it_would_reach(learners: Learners, ada: int) -> None:
    at = MONDAY + 2 * DAY
    printed = learners.cli(*AMNESTY, "--dry-run", at=at)
    assert "(dry run): 1 users, 1 dates bridged, 0 freezes refunded" in printed
    assert learners.bridges(ada) == {}
    assert learners.cli("amnesty", "list") == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", "2026-03-03T09:00"), "needs --from, --to and --reason"),
        (("--from", "2026-03-03T09:00", "--to", "2026-03-03T09:00", "--reason", "x"), "after from"),
        (("--from", "2026-03-03T09:00", "--to", "2026-03-05T09:00", "--reason", "x"), "the future"),
        (("--from", "2026-01-03T09:00", "--to", "2026-03-03T09:00", "--reason", "x"), "31 days"),
        (("--from", "2026-03-03T09:00", "--to", "2026-03-03T10:00", "--reason", " "), "reason"),
        (
            (
                "--from",
                "Tuesday",
            ),
            "does not match the format",
        ),
        (("undo", "99"), "There is no amnesty 99."),
    ],
)
def test_what_is_no_outage_is_refused(
    learners: Learners, options: tuple[str, ...], message: str
) -> None:
    assert message in learners.cli("amnesty", *options, at=MONDAY + 2 * DAY, fails=True)


def test_streaks_that_are_not_open_yet_are_not_forgotten(learners: Learners) -> None:
    ada = learners.learner()
    learners.study(ada, daily_streak=5, last_practiced=MONDAY)
    refused = learners.cli(*AMNESTY, at=MONDAY + 2 * DAY, fails=True)
    assert "run `flask gamify streaks open` first" in refused


def test_where_the_host_owns_the_streaks_nothing_is_bridged(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    ada = learners.studying()
    learners.practise(ada, MONDAY)
    at = MONDAY + 2 * DAY
    command = ("streaks", "repair", str(ada), "2026-03-03", "--reason", "x")
    for refused in (command, AMNESTY):
        assert "The host owns the streaks" in learners.cli(*refused, at=at, fails=True)
