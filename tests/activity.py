"""Made activity logs, and what they must come to: counted by a naive oracle, not by the product."""

from __future__ import annotations

import csv
import gzip
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

COLUMNS = ("event_id", "learner", "timezone", "occurred_at_utc", "kind", "amount")

#: The kinds of a log and the metrics they move.
METRICS = {
    "word_translated": "TRANSLATED_WORDS",
    "exercise_correct": "CORRECT_EXERCISES",
    "article_read": "READ_ARTICLES",
    "audio_lesson_completed": "COMPLETED_AUDIO_LESSONS",
}
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Apia")


@dataclass(frozen=True, slots=True)
class Activity:
    """A line of a log."""

    event_id: str
    learner: str
    timezone: str
    occurred_at_utc: str
    kind: str
    amount: str


def made_log(seed: int, size: int = 1500, learners: int = 12) -> list[Activity]:
    """A log of `size` lines, the same for the same seed."""
    chance = random.Random(seed)
    at = datetime(2011, 12, 20)
    log = []
    for number in range(size):
        at += timedelta(seconds=chance.randrange(1, 40_000))
        learner = chance.randrange(learners)
        log.append(
            Activity(
                event_id=f"{seed}-{number}",
                learner=f"learner_{learner:03}",
                timezone=ZONES[learner % len(ZONES)],
                occurred_at_utc=at.isoformat(),
                kind=chance.choice(list(METRICS)),
                amount=str(chance.choice((1, 1, 1, 4, 25, 90))),
            )
        )
    return log


def read_log(path: Path) -> list[Activity]:
    """The lines of a log of the disk."""
    with gzip.open(path, "rt", newline="") as stream:
        return [Activity(**row) for row in csv.DictReader(stream)]


def write_log(path: Path, log: Iterable[Activity]) -> Path:
    """Write a log as CSV."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([getattr(line, column) for column in COLUMNS] for line in log)
    return path


def totals(log: Iterable[Activity]) -> Counter[tuple[str, str]]:
    """(learner, metric) → total, each event counted once."""
    once = {line.event_id: line for line in log}
    found: Counter[tuple[str, str]] = Counter()
    for line in once.values():
        found[line.learner, METRICS[line.kind]] += int(line.amount)
    return found


def doubled_and_shuffled(log: Sequence[Activity], seed: int) -> list[Activity]:
    """Every line twice, in any order within its UTC day."""
    chance = random.Random(seed)
    keyed = [(line.occurred_at_utc[:10], chance.random(), line) for line in (*log, *log)]
    return [line for _day, _order, line in sorted(keyed, key=lambda item: item[:2])]
