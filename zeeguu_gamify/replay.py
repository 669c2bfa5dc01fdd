"""Replay an activity log through `emit`, in batches that each commit."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput, GamifyError, Unknown, UnknownEvent
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.host import Group
from zeeguu_gamify.listeners import SIGNALS
from zeeguu_gamify.mount import Mount

#: The columns of a log; `kind` is the name of a signal of the host or of an event.
COLUMNS = ("event_id", "learner", "timezone", "occurred_at_utc", "kind", "amount")


@dataclass(slots=True)
class Counts:
    """What became of the lines of a log."""

    applied: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejections: list[str] = field(default_factory=list)  #: with their line numbers

    def reject(self, line: int, reason: str) -> None:
        """Count a line that could not be used."""
        self.rejected += 1
        self.rejections.append(f"line {line}: {reason}")

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """A well-formed line of a log."""

    number: int
    event_id: str
    learner: str
    zone: str
    at: datetime
    event: str
    amount: int


class Replay:
    """One run over a log. Running it again is safe: every event has an id and counts once."""

    def __init__(self, session: Session, mount: Mount, source: str, batch_size: int = 500) -> None:
        """`source` names who gave the event ids, e.g. the log's name."""
        if mount.create_user is None:
            raise GamifyError(
                "replay makes missing learners through the host: "
                "mount with create_user=(session, username, zone name) → user id."
            )
        mount.host.require(Group.NAMES)
        self.counts = Counts()
        self._session = session
        self._mount = mount
        self._create_user = mount.create_user
        self._source = source
        self._batch_size = batch_size
        self._ids: dict[str, int] = {}

    def run(self, path: Path, progress: Callable[[int], None] = lambda _lines: None) -> Counts:
        """Replay the log at `path` (CSV, may be gzipped); `progress` hears of finished lines."""
        with open_log(path) as stream:
            lines = self._lines(stream)
            while batch := list(islice(lines, self._batch_size)):
                self._apply([line for line in batch if line is not None])
                progress(len(batch))
        return self.counts

    def _lines(self, stream: IO[str]) -> Iterator[Line | None]:
        """Every line of the log; None for one that was rejected."""
        reader = csv.DictReader(stream)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise BadInput(f"The log has no column {', '.join(sorted(missing))}")
        for row in reader:
            try:
                yield _parse(reader.line_num, row, self._mount)
            except (BadInput, UnknownEvent) as error:
                self.counts.reject(reader.line_num, error.message)
                yield None

    def _apply(self, lines: list[Line]) -> None:
        """One batch in one transaction; if it cannot be applied as a whole, line by line."""
        try:
            self._emit(lines)
        except (BadInput, Unknown) as error:
            self._session.rollback()
            if len(lines) == 1:
                self.counts.reject(lines[0].number, error.message)
                return
            for line in lines:
                self._apply([line])

    def _emit(self, lines: list[Line]) -> None:
        ids = self._users(lines)
        outcomes = emit_batch(self._session, [self._event(line, ids) for line in lines])
        self._session.commit()
        self._ids |= ids
        duplicates = sum(outcome.replayed for outcome in outcomes)
        self.counts.duplicate += duplicates
        self.counts.applied += len(outcomes) - duplicates

    def _event(self, line: Line, ids: dict[str, int]) -> Event:
        return Event(
            name=line.event,
            user_id=ids.get(line.learner) or self._ids[line.learner],
            amount=line.amount,
            event_id=line.event_id,
            source=self._source,
            at=line.at,
        )

    def _users(self, lines: list[Line]) -> dict[str, int]:
        """Ids of the learners not seen before: looked up at once, made where missing."""
        zones = {line.learner: line.zone for line in lines if line.learner not in self._ids}
        if not zones:
            return {}
        user = self._mount.host.table("user").c
        found = self._session.connection().execute(
            select(user.username, user.id).where(user.username.in_(zones))
        )
        ids = {row.username: row.id for row in found}
        for learner in zones.keys() - ids.keys():
            ids[learner] = self._create_user(self._session, learner, zones[learner])
        return ids


def _parse(number: int, row: dict[str, str | None], mount: Mount) -> Line:
    """A line as it must be; raises BadInput or UnknownEvent."""
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:  # csv's key for surplus fields
        raise BadInput("too many columns")
    for name, value in values.items():
        if not value:
            raise BadInput(f"{name} is missing")
    kind = values["kind"]
    event = SIGNALS[kind].event if kind in SIGNALS else kind
    if event not in mount.events:
        raise UnknownEvent(kind, [*SIGNALS, *mount.events])
    if not clock.is_zone(values["timezone"]):
        raise BadInput(f"timezone: {values['timezone']!r} is not an IANA zone")
    return Line(
        number=number,
        event_id=values["event_id"],
        learner=values["learner"],
        zone=values["timezone"],
        at=_instant(values["occurred_at_utc"]),
        event=event,
        amount=_amount(values["amount"]),
    )


def _instant(text: str) -> datetime:
    try:
        return clock.to_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise BadInput(f"occurred_at_utc: {text!r} is not an ISO instant") from error


def _amount(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadInput(f"amount must be a whole number of at least 1, not {text!r}")
    return int(text)


@contextmanager
def open_log(path: Path) -> Iterator[IO[str]]:
    """The text of a log that may be gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        yield stream


def count_lines(path: Path) -> int:
    """The lines of a log, without its header, for a progress bar."""
    with open_log(path) as stream:
        return max(sum(1 for _ in stream) - 1, 0)
