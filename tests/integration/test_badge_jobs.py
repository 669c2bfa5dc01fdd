"""What the nightly jobs of badges do: counters by ledgers, holders, and what nobody needs goes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import count

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    badges,
    change,
    db_of,
    engine_of,
    mount_on,
    progress,
    receipts,
    send,
)
from tests.integration.learners import NewLearners
from zeeguu_gamify import Catalog, emit, tenure
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import (
    Badge,
    Friendship,
    JobRun,
    JobState,
    OutboxMessage,
    UserBadge,
    UserBadgeProgress,
)

NOW = datetime(2026, 3, 4)
DAY = timedelta(days=1)

_runs = count()


def run(app: Flask, name: str, at: datetime = NOW) -> str:
    """Run a job as of an instant; its summary."""
    with time_machine.travel(at, tick=False):
        found = runner.run(mount_on(app), schedule.job_called(name), at, f"run {next(_runs)}")
    assert found is not None
    return found.summary


def sweep(app: Flask, at: datetime = NOW) -> int:
    """Sweep everybody; how many counters were mended."""
    found = [run(app, "badges_sweep", at + night * DAY) for night in range(7)]
    return sum(int(one.split(", ")[2].split()[0]) for one in found)


def spoil(app: Flask, value: int) -> None:
    """Let all counters be wrong."""
    change(app, update(UserBadgeProgress).values(value=value))


@pytest.mark.core
def test_a_counter_is_never_less_than_its_receipts_come_to(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "word.translated", user_id=ADA, amount=30, event_id="1")
    emit(session, "word.translated", user_id=ADA, amount=90, event_id="2")
    emit(session, "article.read", user_id=BEN, event_id="3")
    send(host, "word_translated", times=5)
    session.commit()
    assert (sweep(host), progress(host)) == (0, {"TRANSLATED_WORDS": 125})
    spoil(host, 7)
    assert sweep(host, NOW + 7 * DAY) == 1
    assert (progress(host), progress(host, BEN)) == (
        {"TRANSLATED_WORDS": 120}, {"READ_ARTICLES": 7},
    )  # fmt: skip
    change(host, delete(UserBadgeProgress))
    assert sweep(host, NOW + 14 * DAY) == 2
    assert (progress(host), progress(host, BEN)) == (
        {"TRANSLATED_WORDS": 120}, {"READ_ARTICLES": 1},
    )  # fmt: skip
    send(host, "word_translated")
    session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 121}


@pytest.mark.core
def test_friends_are_counted_by_friendships(host: Flask) -> None:
    rows = [
        {"user_a_id": ADA, "user_b_id": BEN, "created_at": NOW, "deleted_at": NOW},
        {"user_a_id": ADA, "user_b_id": BEN, "created_at": NOW, "deleted_at": None},
    ]
    change(host, insert(Friendship).values([row | {"max_friend_streak": 0} for row in rows]))
    assert sweep(host) == 2
    assert (progress(host), badges(host)) == ({"FRIENDS": 1}, ["friends_1"])
    change(host, update(Friendship).values(deleted_at=NOW))
    sweep(host, NOW + 7 * DAY)
    assert (progress(host, BEN), badges(host, BEN)) == ({"FRIENDS": 0}, ["friends_1"])


def test_friends_that_the_host_keeps_elsewhere_are_left_alone(host: Flask) -> None:
    emit(db_of(host).session, "friendship.changed", user_id=ADA, value=4)
    emit(db_of(host).session, "streak.changed", user_id=ADA, value=9)
    db_of(host).session.commit()
    assert (sweep(host), progress(host)) == (0, {"FRIENDS": 4, "STREAK_DAYS": 9})


@pytest.mark.core
def test_streak_days_are_counted_by_streaks(new_learners: NewLearners) -> None:
    learners = new_learners(GAMIFY_SWEEP_NIGHTS=1)
    user, lapsed = learners.studying(), learners.studying()
    for learner in (user, lapsed):
        learners.practise(learner, *(NOW + day * DAY for day in range(8)))
    learners.practise(user, NOW + 8 * DAY, NOW + 9 * DAY)
    learners.change(update(UserBadgeProgress).values(value=3))
    learners.change(delete(UserBadge))
    told = learners.run("badges_sweep", at=NOW + 10 * DAY)
    assert told == "2 users looked at, 1 badges granted, 2 counters mended"
    assert (learners.gauge(user), learners.gauge(lapsed)) == (10, 0)
    assert (learners.badges(user), learners.badges(lapsed)) == (["streak_days_1"], [])


def test_tenure_is_counted_by_the_date_of_joining(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, tenure((1, 5)))))
    change(host, update(User).where(User.id == ADA).values(created_at=NOW - 800 * DAY))
    assert sweep(host) == 1
    assert (progress(host), badges(host)) == ({"TENURE_YEARS": 2}, ["tenure_years_1"])


def test_a_counter_that_moves_while_the_sweep_looks_is_left_to_the_next(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    emit(db_of(host).session, "word.translated", user_id=ADA, amount=30, event_id="1")
    send(host, "word_translated", times=5)
    db_of(host).session.commit()
    seen = {(ADA, mount_on(host).live.by_metric["TRANSLATED_WORDS"].id): 29}
    monkeypatch.setattr("zeeguu_gamify.badges.counters._values", lambda *_: seen)
    assert sweep(host) == 1
    assert progress(host) == {"TRANSLATED_WORDS": 35}


def holders(app: Flask, code: str = "translated_words_1") -> tuple[int, float | None]:
    """What the job has counted."""
    wanted = select(Badge.users_with_badge, Badge.share_active).where(Badge.code == code)
    with engine_of(app).connect() as connection:
        row = connection.execute(wanted).one()
    return row.users_with_badge, row.share_active


def learners_with(app: Flask, badge_id: int, first: int, number: int) -> None:
    """So many more users who hold a badge."""
    ids = range(first, first + number)
    change(app, insert(User).values([{"id": n, "username": f"u{n}", "name": "x"} for n in ids]))
    rows = [{"user_id": n, "badge_id": badge_id, "is_shown": True} for n in ids]
    change(app, insert(UserBadge).values(rows))


@pytest.mark.core
def test_holders_are_counted_without_the_revoked_and_shared_among_the_active(host: Flask) -> None:
    with time_machine.travel(NOW - DAY, tick=False):
        send(host, "word_translated", ADA, times=10)
        send(host, "article_read", BEN)
        db_of(host).session.commit()
    learners_with(host, 1, 100, 3)
    change(host, text("UPDATE user_badge SET revoked_at = achieved_at WHERE user_id = 102"))
    change(host, text("UPDATE user_badge SET revoked_at = '2026-03-01' WHERE user_id = 102"))
    assert run(host, "holders") == "35 badges, 35 changed, 0 wild"
    assert holders(host) == (3, 0.5)
    assert holders(host, "friends_1") == (0, 0.0)
    assert run(host, "holders") == "35 badges, 0 changed, 0 wild"
    assert run(host, "holders", NOW + 60 * DAY) == "35 badges, 35 changed, 0 wild"
    assert holders(host) == (3, None)


def test_other_processes_see_the_new_counts(host: Flask) -> None:
    learners_with(host, 1, 100, 3)
    run(host, "holders")
    mount = mount_on(host)
    mount.refresh(db_of(host).session())
    assert mount.live.by_code["translated_words_1"].users_with_badge == 3


def test_a_wild_change_is_an_alarm(host: Flask, caplog: pytest.LogCaptureFixture) -> None:
    learners_with(host, 1, 100, 30)
    assert run(host, "holders").endswith("0 wild")
    learners_with(host, 1, 200, 14)
    assert run(host, "holders").endswith("0 wild")
    change(host, text("DELETE FROM user_badge WHERE user_id < 125"))
    assert run(host, "holders").endswith("1 wild")
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert told == ["translated_words_1 had 44 holders and has 19 now: look why"]


def test_a_mass_award_of_what_nobody_had_is_an_alarm_unless_it_was_never_counted(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(NOW - DAY, tick=False):
        send(host, "article_read", BEN)
        db_of(host).session.commit()
    assert run(host, "holders").endswith("0 wild")
    learners_with(host, 1, 100, 11)
    assert run(host, "holders").endswith("1 wild")
    assert "translated_words_1 had 0 holders and has 11 now: look why" in caplog.text


def parked(app: Flask, created_at: datetime) -> None:
    """A message that nobody could deliver."""
    row = {
        "topic": "badge.earned", "payload": {}, "created_at": created_at,
        "due_at": datetime(9999, 1, 1), "attempts": 8,
    }  # fmt: skip
    change(app, insert(OutboxMessage).values(row))


@pytest.mark.core
def test_parked_messages_are_counted_and_dropped_in_the_end(host: Flask) -> None:
    parked(host, NOW - 31 * DAY)
    parked(host, NOW - 29 * DAY)
    assert run(host, "housekeeping").startswith("1 messages parked, 1 messages dropped, ")


def test_old_runs_ordered_by_hand_are_forgotten(host: Flask) -> None:
    for number, age in enumerate((29, 31)):
        row = {
            "job": "backfill", "period": str(number), "state": JobState.RUNNING, "holder": "x",
            "lease_until": NOW - age * DAY, "cursor": 7, "started_at": NOW,
        }  # fmt: skip
        change(host, insert(JobRun).values(row))
    assert "1 runs forgotten" in run(host, "housekeeping")


@pytest.mark.core
def test_receipts_are_kept_unless_asked_otherwise(new_host: MakeHost) -> None:
    host = new_host(config={"GAMIFY_RECEIPT_DAYS": 30})
    session = db_of(host).session

    def tell_all() -> None:
        emit(session, "word.translated", user_id=ADA, event_id="young", at=NOW - 20 * DAY)
        emit(session, "word.translated", user_id=ADA, object_id="thing")
        emit(session, "word.translated", user_id=ADA, event_id="old", at=NOW - 25 * DAY)

    with time_machine.travel(NOW - 19 * DAY, tick=False):
        tell_all()
        session.commit()
    assert run(host, "housekeeping").endswith("0 receipts pruned")
    assert run(host, "housekeeping", NOW + 6 * DAY).endswith("1 receipts pruned")
    assert receipts(host) == 2
    with time_machine.travel(NOW + 6 * DAY, tick=False):
        with pytest.raises(BadInput, match="is too late; receipts are kept for 30 days only"):
            tell_all()
        session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 3}


def test_without_the_setting_no_receipt_goes_and_no_event_is_late(host: Flask) -> None:
    emit(db_of(host).session, "word.translated", user_id=ADA, event_id="1", at=datetime(2011, 1, 1))
    db_of(host).session.commit()
    assert "pruned" not in run(host, "housekeeping", NOW + 4000 * DAY)
    assert receipts(host) == 1
