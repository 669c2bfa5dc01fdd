"""Made activity logs, and what they must come to: counted by naive oracles, not by the product."""

from __future__ import annotations

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

COLUMNS = ("event_id", "learner", "timezone", "occurred_at_utc", "kind", "amount")

#: The kinds of a log and the metrics they move.
METRICS = {
    "word_translated": "TRANSLATED_WORDS",
    "exercise_correct": "CORRECT_EXERCISES",
    "article_read": "READ_ARTICLES",
    "audio_lesson_completed": "COMPLETED_AUDIO_LESSONS",
}
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Apia")
FAR_APART = (*ZONES, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Honolulu")

Pair = tuple[str, str]


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


def daily_log(seed: int, days: int = 45, learners: int = 9) -> list[Activity]:
    """A log of learners who practise on most of their local dates, over the Apia date line."""
    chance = random.Random(seed)
    log = []
    for number in range(learners):
        zone = FAR_APART[number % len(FAR_APART)]
        for day in range(days):
            for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
                clock = datetime.combine(
                    date(2011, 12, 10) + timedelta(days=day),
                    time(chance.randrange(24), chance.randrange(60)),
                    ZoneInfo(zone),
                )
                at = clock.astimezone(UTC).replace(tzinfo=None)
                log.append((at, f"learner_{number:03}", zone, chance.choice(list(METRICS))))
    return [
        Activity(f"{seed}-{number}", learner, zone, at.isoformat(), kind, "1")
        for number, (at, learner, zone, kind) in enumerate(sorted(log))
    ]


def pairs_of(log: Iterable[Activity]) -> list[Pair]:
    """Every two of the learners, but the first and the last, in no special order."""
    learners = sorted({line.learner for line in log})
    pairs = [*combinations(learners, 2)]
    pairs.remove((learners[0], learners[-1]))
    return [
        (other, one) if number % 2 else (one, other) for number, (one, other) in enumerate(pairs)
    ]


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


def write_friends(path: Path, pairs: Iterable[Pair]) -> Path:
    """Write pairs of learners as CSV."""
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("learner_a", "learner_b"), *pairs])
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


def shuffled_within_48_hours(log: Sequence[Activity], seed: int, times: int = 1) -> list[Activity]:
    """Every line so often, each up to 48 hours late."""
    chance = random.Random(seed)

    def arrival(line: Activity) -> datetime:
        late = timedelta(hours=chance.uniform(0, 48))
        return datetime.fromisoformat(line.occurred_at_utc) + late

    arrivals = [(arrival(line), line.event_id, line) for line in log for _ in range(times)]
    return [line for _at, _id, line in sorted(arrivals)]


@dataclass(frozen=True, slots=True)
class StreakSeen:
    """What the log says of a learner's streak, by the definition, date after date."""

    practice_days: int
    longest: int
    longest_end: date
    at_last_day: int
    last_day: date


def streaks(log: Iterable[Activity]) -> dict[str, StreakSeen]:
    """Learner → streak."""
    dates, zones = _lives(log)
    found = {}
    for learner, practised in dates.items():
        run = longest = 0
        day, longest_end = min(practised), date.min
        while day <= max(practised):
            if day in practised:
                run += 1
            elif run and exists(day, zones[learner]):
                run = 0
            if run > longest:
                longest, longest_end = run, day
            day += timedelta(days=1)
        found[learner] = StreakSeen(len(practised), longest, longest_end, run, max(practised))
    return found


def friend_streaks(
    log: Iterable[Activity], pairs: Iterable[Pair]
) -> dict[Pair, tuple[int, date | None]]:
    """Pair → the longest friend streak and its last date."""
    dates, zones = _lives(log)
    return {pair: _shared(pair, dates, zones) for pair in pairs}


def _shared(
    pair: Pair, dates: dict[str, set[date]], zones: dict[str, str]
) -> tuple[int, date | None]:
    shared = dates[pair[0]] & dates[pair[1]]
    run, longest, longest_end = 0, 0, None
    for number in range((max(shared) - min(shared)).days + 1 if shared else 0):
        day = min(shared) + timedelta(days=number)
        if day in shared:
            run += 1
        elif run and any(day not in dates[one] and exists(day, zones[one]) for one in pair):
            run = 0
        if run > longest:
            longest, longest_end = run, day
    return longest, longest_end


def _lives(log: Iterable[Activity]) -> tuple[dict[str, set[date]], dict[str, str]]:
    """Learner → the local dates with an event, and the zone."""
    dates: dict[str, set[date]] = defaultdict(set)
    zones = {}
    for line in log:
        at = datetime.fromisoformat(line.occurred_at_utc).replace(tzinfo=UTC)
        dates[line.learner].add(at.astimezone(ZoneInfo(line.timezone)).date())
        zones[line.learner] = line.timezone
    return dates, zones


@cache
def exists(day: date, zone: str) -> bool:
    """Whether any quarter of an hour of the world falls on `day` in the zone."""
    begin = datetime.combine(day, time(), UTC) - timedelta(days=1)
    quarters = (begin + timedelta(minutes=15 * number) for number in range(3 * 96))
    return any(at.astimezone(ZoneInfo(zone)).date() == day for at in quarters)
