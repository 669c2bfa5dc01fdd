"""Replaying a log, against bare upserts of the same rows in the same batches."""

from __future__ import annotations

import csv
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy

from benchmarks.host import host
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.replay import COLUMNS, Replay, open_log

ROUNDS = 5
BATCH = 500
KINDS = {
    "word_translated": 1,
    "exercise_correct": 2,
    "audio_lesson_completed": 3,
    "article_read": 6,
}
UPSERT = (
    "INSERT INTO user_badge_progress (user_id, badge_category_id, value) VALUES (%s, %s, %s) "
    "ON DUPLICATE KEY UPDATE value = value + VALUES(value)"
)


def run() -> list[str]:
    """The table of this benchmark."""
    with _log() as path, host() as (_app, db):
        ours, bare = [], []
        for number in range(ROUNDS):
            ours.append(_replay(db, path, f"round {number}"))
            bare.append(_upserts(db, path))
        rows = sum(1 for _ in _rows(path))
    ratio = statistics.median(bare) / statistics.median(ours)
    return [
        f"Replay of {rows} log lines in batches of {BATCH} (MariaDB, durable disk)",
        f"  {'bare upserts':<46} {rows / statistics.median(bare):>9,.0f}/s  1.00",
        f"  {'flask gamify replay':<46} {rows / statistics.median(ours):>9,.0f}/s  {ratio:.2f}",
    ]


def _replay(db: SQLAlchemy, path: Path, source: str) -> float:
    start = time.perf_counter()
    Replay(db.session(), current_mount(), source, BATCH).run(path)
    return time.perf_counter() - start


def _upserts(db: SQLAlchemy, path: Path) -> float:
    """The same rows, parsed as we do, but nothing known of ids, learners, badges or doubles."""
    driver: Any = db.engine.raw_connection()
    cursor = driver.cursor()
    cursor.execute("SELECT username, id FROM user")
    ids = dict(cursor.fetchall())
    start = time.perf_counter()
    for number, row in enumerate(_rows(path), start=1):
        cursor.execute(UPSERT, (ids[row["learner"]], KINDS[row["kind"]], row["amount"]))
        if number % BATCH == 0:
            driver.commit()
    driver.commit()
    taken = time.perf_counter() - start
    driver.close()
    return taken


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with open_log(path) as stream:
        yield from csv.DictReader(stream)


class _log:
    """The log named by GAMIFY_ACTIVITY_LOG, or else a made one of about its size."""

    def __enter__(self) -> Path:
        given = os.environ.get("GAMIFY_ACTIVITY_LOG")
        self._made = None if given else tempfile.NamedTemporaryFile("w", suffix=".csv", newline="")
        if self._made is None:
            return Path(str(given))
        writer = csv.writer(self._made)
        writer.writerow(COLUMNS)
        writer.writerows(_made_up())
        self._made.flush()
        return Path(self._made.name)

    def __exit__(self, *_error: object) -> None:
        if self._made is not None:
            self._made.close()


def _made_up() -> Iterator[tuple[object, ...]]:
    chance = random.Random(1)
    at = datetime(2020, 1, 1)
    for number in range(19_000):
        at += timedelta(seconds=chance.randrange(1, 20_000))
        learner = f"learner_{chance.randrange(120):03}"
        kind, amount = chance.choice(list(KINDS)), chance.randrange(1, 30)
        yield number, learner, "Europe/Berlin", at.isoformat(), kind, amount
