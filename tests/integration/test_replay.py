"""A log replayed comes to exact numbers, in any order, any batch size, however often."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from csv import DictReader
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.activity import (
    METRICS,
    Activity,
    Pair,
    StreakSeen,
    daily_log,
    doubled_and_shuffled,
    friend_streaks,
    made_log,
    pairs_of,
    read_log,
    shuffled_within_48_hours,
    streaks,
    totals,
    write_friends,
    write_log,
)
from zeeguu_gamify import Catalog
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS, PRIZES
from zeeguu_gamify.demo import create_app
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.models import OVERALL, Friendship, PracticeDay, Streak
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.streaks import daily

HEADER = "event_id,learner,timezone,occurred_at_utc,kind,amount\n"
GOOD = "a,ada,Europe/Berlin,2020-01-01T10:00:00,word_translated,7\n"


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The demo host, empty, on each backend; its badges are those that the oracle knows."""
    monkeypatch.setenv("DEMO_DATABASE_URI", database_url)
    app = create_app(Catalog((*FAMILIES, *ONE_OFFS, *PRIZES)))
    run(app, "demo", "init", "--empty")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def run(app: Flask, *command: str) -> str:
    """What a command prints; it must succeed."""
    result = app.test_cli_runner().invoke(args=command)
    assert result.exit_code == 0, result.output
    return str(result.output)


def replay(app: Flask, path: Path, *options: str) -> dict[str, Any]:
    """The counts that `flask gamify replay --practice --json` ends with."""
    command = ("gamify", "replay", str(path), "--practice", "--json", *options)
    counts: dict[str, Any] = json.loads(run(app, *command))
    return counts


def metrics(app: Flask) -> dict[tuple[str, str], int]:
    """(learner, metric) → value, as the database has it; without what happens only once."""
    rows = db.session.execute(
        db.text(
            "SELECT u.username, c.metric, p.value FROM user_badge_progress p "
            "JOIN user u ON u.id = p.user_id JOIN badge_category c ON c.id = p.badge_category_id "
            "WHERE c.metric NOT LIKE 'ONE:%'"
        )
    )
    found = {(row[0], row[1]): row[2] for row in rows}
    db.session.rollback()
    return found


def seen_streaks(app: Flask, log: Iterable[Activity]) -> dict[str, StreakSeen]:
    """Learner → streak, as the database has it; at the last day as it showed at that instant."""
    last: dict[str, datetime] = {}
    for line in log:
        at = datetime.fromisoformat(line.occurred_at_utc)
        last[line.learner] = max(at, last.get(line.learner, at))
    rows = db.session.execute(select(Streak.__table__).where(Streak.language_id == OVERALL)).all()
    names = usernames()
    days = Counter(db.session.scalars(select(PracticeDay.user_id)))
    found = {
        names[row.user_id]: StreakSeen(
            practice_days=days[row.user_id],
            longest=row.longest,
            longest_end=row.longest_end,
            at_last_day=daily.current(db.session(), row.user_id, at=last[names[row.user_id]]),
            last_day=row.last_date,
        )
        for row in rows
    }
    db.session.rollback()
    return found


def seen_friend_streaks(app: Flask) -> dict[frozenset[str], tuple[int, date | None]]:
    """The two → the longest friend streak and its last date, as the database has it."""
    names = usernames()
    rows = db.session.execute(select(Friendship.__table__)).all()
    assert all(row.user_a_id < row.user_b_id and row.deleted_at is None for row in rows)
    found = {
        frozenset((names[row.user_a_id], names[row.user_b_id])): (
            row.max_friend_streak,
            row.max_friend_streak_date,
        )
        for row in rows
    }
    db.session.rollback()
    assert len(found) == len(rows)
    return found


def usernames() -> dict[int, str]:
    """Id → username."""
    user = current_mount().host.table("user").c
    return {row.id: row.username for row in db.session.execute(select(user.id, user.username))}


def held(app: Flask) -> set[tuple[str, str]]:
    """(learner, badge code) of every grant; a doubled row would fail here."""
    rows = db.session.execute(
        db.text(
            "SELECT u.username, b.code FROM user_badge g "
            "JOIN user u ON u.id = g.user_id JOIN badge b ON b.id = g.badge_id"
        )
    ).all()
    db.session.rollback()
    found = {(row[0], row[1]) for row in rows}
    assert len(found) == len(rows)
    return found


def earned(values: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
    """The badges that follow from `values`: every threshold that was reached."""
    catalog = current_mount().catalog
    follows = {
        (learner, badge.code)
        for (learner, metric), value in values.items()
        for badge in catalog.by_metric[metric].badges
        if badge.threshold <= value
    }
    readers = {learner for learner, metric in values if metric == "READ_ARTICLES"}
    return follows | {(reader, "first_article") for reader in readers}


def assert_exact(app: Flask, log: Sequence[Activity], pairs: Sequence[Pair] = ()) -> None:
    """Totals, streaks and friend streaks are the oracles', and the badges those that follow."""
    totalled, seen = dict(totals(log)), streaks(log)
    friends = Counter(chain.from_iterable(pairs))
    gauges = {(learner, "FRIENDS"): count for learner, count in friends.items()}
    peaks = dict(gauges)
    for learner, streak in seen.items():
        gauges[learner, "STREAK_DAYS"] = streak.at_last_day
        peaks[learner, "STREAK_DAYS"] = streak.longest
    assert metrics(app) == totalled | gauges
    assert held(app) == earned(totalled | peaks)
    assert seen_streaks(app, log) == seen
    shared = friend_streaks(log, pairs)
    assert seen_friend_streaks(app) == {frozenset(pair): shared[pair] for pair in pairs}


def test_unless_asked_to_a_replay_counts_for_badges_only(app: Flask, tmp_path: Path) -> None:
    log = made_log(seed=9, size=200)
    run(app, "gamify", "replay", str(write_log(tmp_path / "log.csv", log)), "--json")
    assert metrics(app) == totals(log)
    assert seen_streaks(app, log) == {}


def test_while_paused_a_replay_is_refused(app: Flask, tmp_path: Path) -> None:
    run(app, "gamify", "pause")
    path = write_log(tmp_path / "log.csv", made_log(seed=9, size=5))
    result = app.test_cli_runner().invoke(args=["gamify", "replay", str(path)])
    assert (result.exit_code, "run `flask gamify resume` first" in result.output) == (1, True)
    assert metrics(app) == {}


@pytest.mark.core
def test_totals_and_badges_are_those_of_the_oracle(app: Flask, tmp_path: Path) -> None:
    log = made_log(seed=1)
    counts = replay(app, write_log(tmp_path / "log.csv", log))
    assert counts == {
        "applied": len(log), "duplicate": 0, "rejected": 0, "befriended": 0, "rejections": [],
    }  # fmt: skip
    assert_exact(app, log)


def test_replayed_again_nothing_changes(app: Flask, tmp_path: Path) -> None:
    log = made_log(seed=2)
    path = write_log(tmp_path / "log.csv", log)
    replay(app, path)
    counts = replay(app, path)
    assert (counts["applied"], counts["duplicate"]) == (0, len(log))
    assert_exact(app, log)


@pytest.mark.parametrize("batch", ["1", "7", "5000"])
def test_doubled_and_shuffled_within_each_day_in_any_batch_size(
    app: Flask, tmp_path: Path, batch: str
) -> None:
    log = made_log(seed=3, size=300)
    mixed = doubled_and_shuffled(log, seed=3)
    counts = replay(app, write_log(tmp_path / "log.csv", mixed), "--batch", batch)
    assert (counts["applied"], counts["duplicate"]) == (len(log), len(log))
    assert_exact(app, log)


def test_a_run_that_was_cut_short_is_resumed_by_running_it_again(
    app: Flask, tmp_path: Path
) -> None:
    log = made_log(seed=4)
    replay(app, write_log(tmp_path / "half.csv", log[:700]))
    counts = replay(app, write_log(tmp_path / "whole.csv", log))
    assert (counts["applied"], counts["duplicate"]) == (len(log) - 700, 700)
    assert_exact(app, log)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",ada,UTC,2020-01-01T10:00:00,word_translated,1", "event_id is missing"),
        ("b,,UTC,2020-01-01T10:00:00,word_translated,1", "learner is missing"),
        ("b,ada,Mars/Base,2020-01-01T10:00:00,word_translated,1", "timezone: 'Mars/Base'"),
        ("b,ada,UTC,yesterday,word_translated,1", "occurred_at_utc: 'yesterday'"),
        ("b,ada,UTC,2999-01-01T10:00:00,word_translated,1", "is in the future"),
        ("b,ada,UTC,2020-01-01T10:00:00,word_translatd,1", "did you mean 'word_translated'?"),
        ("b,ada,UTC,2020-01-01T10:00:00,word_translated,0", "amount must be"),
        ("b,ada,UTC,2020-01-01T10:00:00,word_translated,-4", "amount must be"),
        ("b,ada,UTC,2020-01-01T10:00:00,word_translated,many", "amount must be"),
        (f"b,ada,UTC,2020-01-01T10:00:00,word_translated,{'9' * 4301}", "amount must be"),
        ("b,ada,UTC", "occurred_at_utc is missing"),
        ("b,ada,UTC,2020-01-01T10:00:00,word_translated,1,1", "too many columns"),
        (f"{'b' * 129},ada,UTC,2020-01-01T10:00:00,word_translated,1", "event_id must be"),
    ],
)
@pytest.mark.sqlite_only
def test_a_malformed_line_is_named_and_counted_and_the_rest_goes_on(
    app: Flask, tmp_path: Path, line: str, reason: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + GOOD + line + "\n" + GOOD.replace("a,", "c,", 1))
    counts = replay(app, path)
    assert (counts["applied"], counts["rejected"]) == (2, 1)
    (rejection,) = counts["rejections"]
    assert rejection.startswith("line 3: ")
    assert reason in rejection
    assert metrics(app)["ada", "TRANSLATED_WORDS"] == 14


@pytest.mark.sqlite_only
def test_a_log_without_a_column_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("event_id,learner\na,ada\n")
    result = app.test_cli_runner().invoke(args=["gamify", "replay", str(path)])
    assert result.exit_code == 1
    assert "The log has no column amount, kind, occurred_at_utc, timezone" in result.output


PACKED = gzip.compress((HEADER + GOOD).encode(), mtime=0)
UNREADABLE = {
    "latin.csv": (HEADER + GOOD.replace("ada", "Zoë")).encode("latin-1"),
    "cut.csv.gz": PACKED[:40],
    "damaged.csv.gz": PACKED[:20] + b"x" * 20,
    "text.csv.gz": HEADER.encode(),
    "endless.csv": f"{HEADER}{'x' * 200_000},".encode(),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.sqlite_only
def test_a_log_that_cannot_be_read_is_an_error_and_no_traceback(
    app: Flask, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(UNREADABLE[name])
    result = app.test_cli_runner().invoke(args=["gamify", "replay", str(path)])
    assert result.exit_code == 1
    assert f"Error: {name} cannot be read: " in result.output


@pytest.mark.sqlite_only
def test_a_log_may_begin_with_the_mark_of_a_spreadsheet(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8-sig")
    assert replay(app, path)["applied"] == 1


@pytest.mark.sqlite_only
def test_learners_are_made_through_the_host(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + GOOD)
    replay(app, path)
    user = current_mount().host.table("user").c
    language = current_mount().host.table("language").c
    learner = db.session.execute(
        select(user.username, user.timezone, language.code).join_from(
            user.id.table, language.id.table, language.id == user.learned_language_id
        )
    ).one()
    assert tuple(learner) == ("ada", "Europe/Berlin", "de")


@pytest.mark.core
def test_streaks_and_friend_streaks_are_those_of_the_oracle(app: Flask, tmp_path: Path) -> None:
    log = daily_log(seed=1)
    pairs = pairs_of(log)
    friends = write_friends(tmp_path / "friends.csv", pairs)
    counts = replay(app, write_log(tmp_path / "log.csv", log), "--friends", str(friends))
    assert (counts["applied"], counts["befriended"]) == (len(log), len(pairs))
    assert_exact(app, log, pairs)
    again = replay(app, tmp_path / "log.csv", "--friends", str(friends))
    assert again["duplicate"] == len(log)
    assert_exact(app, log, pairs)


@pytest.mark.parametrize("batch", ["1", "500"])
def test_events_up_to_48_hours_late_and_doubled_make_the_same_streaks(
    app: Flask, tmp_path: Path, batch: str
) -> None:
    log = daily_log(seed=2, days=30)
    pairs = pairs_of(log)
    friends = write_friends(tmp_path / "friends.csv", pairs)
    late = write_log(tmp_path / "log.csv", shuffled_within_48_hours(log, seed=2, times=2))
    counts = replay(app, late, "--friends", str(friends), "--batch", batch)
    assert (counts["applied"], counts["duplicate"]) == (len(log), len(log))
    assert_exact(app, log, pairs)


def test_a_log_in_any_order_makes_the_same_streaks(app: Flask, tmp_path: Path) -> None:
    log = daily_log(seed=3, days=20)
    pairs = pairs_of(log)
    friends = write_friends(tmp_path / "friends.csv", pairs)
    backwards = write_log(tmp_path / "log.csv", reversed(log))
    replay(app, backwards, "--friends", str(friends), "--batch", "1")
    assert_exact(app, log, pairs)


def test_who_become_friends_after_the_log_have_its_streaks_too(app: Flask, tmp_path: Path) -> None:
    log = daily_log(seed=4, days=20)
    pairs = pairs_of(log)
    path = write_log(tmp_path / "log.csv", log)
    replay(app, path)
    replay(app, path, "--friends", str(write_friends(tmp_path / "friends.csv", pairs)))
    assert_exact(app, log, pairs)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ada,", "learner_b is missing"),
        (",ada", "learner_a is missing"),
        ("ada", "learner_b is missing"),
        ("ada,ada", "'ada' is no friend of their own"),
        ("ada,nobody", "there is no learner 'nobody'"),
    ],
)
@pytest.mark.sqlite_only
def test_a_wrong_pair_is_named_and_counted_and_the_rest_goes_on(
    app: Flask, tmp_path: Path, line: str, reason: str
) -> None:
    log, friends = tmp_path / "log.csv", tmp_path / "friends.csv"
    log.write_text(HEADER + GOOD + GOOD.replace("a,ada", "b,ben"))
    friends.write_text(f"learner_a,learner_b\n{line}\nben,ada\nada,ben\n")
    counts = replay(app, log, "--friends", str(friends))
    assert (counts["applied"], counts["rejected"], counts["befriended"]) == (2, 1, 2)
    assert counts["rejections"] == [f"friends line 2: {reason}"]
    assert seen_friend_streaks(app) == {frozenset(("ada", "ben")): (1, date(2020, 1, 1))}


@pytest.mark.sqlite_only
def test_a_file_of_friends_without_a_column_is_refused(app: Flask, tmp_path: Path) -> None:
    log, friends = tmp_path / "log.csv", tmp_path / "friends.csv"
    log.write_text(HEADER + GOOD)
    friends.write_text("learner_a,friend\n")
    args = ["gamify", "replay", str(log), "--friends", str(friends)]
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 1
    assert "The file of friends has no column learner_b" in result.output


def beside(activity_log: Path, what: str) -> Path:
    """A file that came with the log, and says what it comes to."""
    name = activity_log.name.replace("activity", what).replace(".csv.gz", ".csv")
    return activity_log.parent / name


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(newline="") as stream:
        return list(DictReader(stream))


def test_the_real_log_comes_to_exactly_what_is_expected(app: Flask, activity_log: Path) -> None:
    friends = beside(activity_log, "expected_friends")
    log = read_log(activity_log)
    for applied in (len(log), 0):  # in order, and once more
        counts = replay(app, activity_log, "--friends", str(friends))
        assert (counts["applied"], counts["rejected"]) == (applied, 0)
        assert_as_expected(app, activity_log, log)


def test_the_real_log_late_and_doubled_comes_to_the_same(
    app: Flask, activity_log: Path, tmp_path: Path
) -> None:
    friends = beside(activity_log, "expected_friends")
    log = read_log(activity_log)
    late = write_log(tmp_path / "late.csv", shuffled_within_48_hours(log, seed=5, times=2))
    counts = replay(app, late, "--friends", str(friends), "--batch", "60")
    assert (counts["applied"], counts["duplicate"]) == (len(log), len(log))
    assert_as_expected(app, activity_log, log)


def assert_as_expected(app: Flask, activity_log: Path, log: Sequence[Activity]) -> None:
    """Everything is as the files beside the log have it, and as the oracles say."""
    found, learners = metrics(app), rows(beside(activity_log, "expected"))
    for row in learners:
        for kind, metric in METRICS.items():
            assert found.get((row["learner"], metric), 0) == int(row[kind])
    assert seen_streaks(app, log) == {
        row["learner"]: StreakSeen(
            practice_days=int(row["practice_days"]),
            longest=int(row["longest_streak"]),
            longest_end=date.fromisoformat(row["longest_streak_end"]),
            at_last_day=int(row["streak_at_last_day"]),
            last_day=date.fromisoformat(row["last_day"]),
        )
        for row in learners
    }
    friends = rows(beside(activity_log, "expected_friends"))
    assert seen_friend_streaks(app) == {
        frozenset((row["learner_a"], row["learner_b"])): (
            int(row["longest_friend_streak"]),
            date.fromisoformat(row["longest_end"]),
        )
        for row in friends
    }
    assert_exact(app, log, [(row["learner_a"], row["learner_b"]) for row in friends])
