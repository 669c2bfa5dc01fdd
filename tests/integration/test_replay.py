"""A log replayed comes to exact numbers, in any order, any batch size, however often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from csv import DictReader
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.activity import (
    METRICS,
    Activity,
    doubled_and_shuffled,
    made_log,
    read_log,
    totals,
    write_log,
)
from zeeguu_gamify.demo import create_app
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.mount import current_mount

HEADER = "event_id,learner,timezone,occurred_at_utc,kind,amount\n"
GOOD = "a,ada,Europe/Berlin,2020-01-01T10:00:00,word_translated,7\n"


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The demo host, empty, on each backend."""
    monkeypatch.setenv("DEMO_DATABASE_URI", database_url)
    app = create_app()
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
    """The counts that `flask gamify replay --json` ends with."""
    counts: dict[str, Any] = json.loads(run(app, "gamify", "replay", str(path), "--json", *options))
    return counts


def metrics(app: Flask) -> dict[tuple[str, str], int]:
    """(learner, metric) → value, as the database has it."""
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


def assert_exact(app: Flask, log: list[Activity]) -> None:
    """The totals are the oracle's, and the badges those that follow."""
    expected = dict(totals(log))
    assert metrics(app) == expected
    assert held(app) == earned(expected)


@pytest.mark.core
def test_totals_and_badges_are_those_of_the_oracle(app: Flask, tmp_path: Path) -> None:
    log = made_log(seed=1)
    counts = replay(app, write_log(tmp_path / "log.csv", log))
    assert counts == {"applied": len(log), "duplicate": 0, "rejected": 0, "rejections": []}
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
    assert metrics(app) == {("ada", "TRANSLATED_WORDS"): 14}


@pytest.mark.sqlite_only
def test_a_log_without_a_column_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("event_id,learner\na,ada\n")
    result = app.test_cli_runner().invoke(args=["gamify", "replay", str(path)])
    assert result.exit_code == 1
    assert "The log has no column amount, kind, occurred_at_utc, timezone" in result.output


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


@pytest.mark.xdist_group("activity_log")
def test_the_real_log_gives_exactly_the_expected_totals(
    app: Flask, activity_log: Path, tmp_path: Path
) -> None:
    log = read_log(activity_log)
    counts = replay(app, activity_log)
    assert (counts["applied"], counts["rejected"]) == (len(log), 0)
    assert metrics(app) == expected_totals(activity_log)
    assert_exact(app, log)
    mixed = write_log(tmp_path / "mixed.csv", doubled_and_shuffled(log, seed=5))
    assert replay(app, mixed)["duplicate"] == 2 * len(log)
    assert_exact(app, log)


@pytest.mark.xdist_group("activity_log")
def test_the_real_log_doubled_and_shuffled_gives_the_same(
    app: Flask, activity_log: Path, tmp_path: Path
) -> None:
    log = read_log(activity_log)
    mixed = write_log(tmp_path / "mixed.csv", doubled_and_shuffled(log, seed=6))
    assert replay(app, mixed)["applied"] == len(log)
    assert metrics(app) == expected_totals(activity_log)
    assert_exact(app, log)


def expected_totals(activity_log: Path) -> dict[tuple[str, str], int]:
    """The totals that came with the log, in the file beside it."""
    name = activity_log.name.replace("activity_", "expected_").replace(".csv.gz", ".csv")
    with (activity_log.parent / name).open(newline="") as stream:
        return {
            (row["learner"], metric): int(row[kind])
            for row in DictReader(stream)
            for kind, metric in METRICS.items()
            if int(row[kind])
        }
