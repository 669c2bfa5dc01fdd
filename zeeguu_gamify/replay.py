"""Replay an activity log through `emit` and `practice`, in batches that each commit."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput, GamifyError, Unknown, UnknownEvent
from zeeguu_gamify.events import MAX_INT, Event, emit_batch
from zeeguu_gamify.friends import friendships, pair
from zeeguu_gamify.host import Group
from zeeguu_gamify.listeners import SIGNALS
from zeeguu_gamify.models import PracticeDay
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.practice import practice

#: The columns of a log; `kind` is the name of a signal of the host or of an event.
COLUMNS = ("event_id", "learner", "timezone", "occurred_at_utc", "kind", "amount")
#: The columns of a file of friends.
FRIENDS = ("learner_a", "learner_b")
#: Another encoding, a damaged archive or one that is cut off, and what is no CSV.
UNREADABLE = (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error, csv.Error)


@dataclass(slots=True)
class Counts:
    """What became of the lines of a log, and of a file of friends."""

    applied: int = 0
    duplicate: int = 0
    rejected: int = 0
    befriended: int = 0
    rejections: list[str] = field(default_factory=list)  #: with their line numbers

    def reject(self, line: int, reason: str, file: str = "") -> None:
        """Count a line that could not be used."""
        self.rejected += 1
        self.rejections.append(f"{file}line {line}: {reason}")

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


#: (learner, local date) → the first practice of it.
Practised = dict[tuple[str, date], datetime]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What must be known of a log before it is replayed with friends."""

    at: datetime  #: of the first event
    zones: dict[str, str]  #: learner → zone


class Replay:
    """One run over a log. Running it again is safe: every event has an id and counts once.

    When asked to, or when the log comes with friends, every event is practice too.
    """

    def __init__(
        self,
        session: Session,
        mount: Mount,
        source: str,
        batch_size: int = 500,
        *,
        practise: bool = False,
    ) -> None:
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
        self._is_practice = practise
        self._practised: Practised = {}

    def run(
        self,
        path: Path,
        progress: Callable[[int], None] = lambda _lines: None,
        friends: Path | None = None,
    ) -> Counts:
        """Replay the log at `path` (CSV, may be gzipped); `progress` hears of finished lines.

        friends: a CSV of pairs who are friends as of the first event of the log.
        """
        self._mount.refresh(self._session)
        if self._mount.live.paused is not None:
            raise GamifyError("Events are paused; run `flask gamify resume` first.")
        if friends is not None:
            self._is_practice = True
            self._befriend_all(friends, _beginning(path, self._mount))
        with open_log(path) as stream:
            lines = self._lines(stream)
            while batch := list(islice(lines, self._batch_size)):
                self._apply([line for line in batch if line is not None])
                progress(len(batch))
        return self.counts

    def _lines(self, stream: IO[str]) -> Iterator[Line | None]:
        """Every line of the log; None for one that was rejected."""
        reader = _reader(stream, COLUMNS, "The log")
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
        ids = self._users({line.learner: line.zone for line in lines})
        outcomes = emit_batch(self._session, [self._event(line, ids) for line in lines])
        practised = self._practise(lines, ids) if self._is_practice else {}
        self._session.commit()
        self._ids |= ids
        self._practised |= practised
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

    def _practise(self, lines: list[Line], ids: dict[str, int]) -> Practised:
        """Practise once per learner and local date, or when it was earlier than known."""
        days = {_day(line) for line in lines}
        first = self._read(days - self._practised.keys(), self._ids | ids)
        for line in sorted(lines, key=attrgetter("at")):
            key = _day(line)
            known = first.get(key) or self._practised.get(key)
            if known is None or line.at < known:
                user_id = ids.get(line.learner) or self._ids[line.learner]
                practice(self._session, user_id, at=line.at, zone=line.zone)
                first[key] = line.at
        return first

    def _read(self, days: AbstractSet[tuple[str, date]], ids: dict[str, int]) -> Practised:
        """What an earlier run, or life, has practised of `days`."""
        if not days:
            return {}
        names = {ids[learner]: learner for learner, _ in days}
        dates = [day for _, day in days]
        practised = PracticeDay.__table__.c
        found = self._session.connection().execute(
            select(practised.user_id, practised.local_date, func.min(practised.first_at))
            .where(
                practised.user_id.in_(names), practised.local_date.between(min(dates), max(dates))
            )
            .group_by(practised.user_id, practised.local_date)
        )
        return {(names[user_id], day): at for user_id, day, at in found if at is not None}

    def _befriend_all(self, path: Path, beginning: Beginning | None) -> None:
        """Make friends of the pairs of a file, each in a transaction of its own."""
        with open_log(path) as stream:
            reader = _reader(stream, FRIENDS, "The file of friends")
            for row in reader:
                try:
                    self._befriend(*_pair(row), beginning)
                except (BadInput, Unknown) as error:
                    self._session.rollback()
                    self.counts.reject(reader.line_num, error.message, "friends ")

    def _befriend(self, one: str, other: str, beginning: Beginning | None) -> None:
        zones = beginning.zones if beginning else {}
        ids = self._ids | self._users({name: zones.get(name, "") for name in (one, other)})
        self._session.commit()
        self._ids = ids
        pair.lock(self._session, self._mount, ids[one], ids[other])
        at = beginning.at if beginning else None
        friendships.make(self._session, self._mount, ids[one], ids[other], at)
        self._session.commit()
        self.counts.befriended += 1

    def _users(self, learners: dict[str, str]) -> dict[str, int]:
        """Ids of the learners (with their zones) not seen before; made where missing.

        Raises BadInput for one who is missing and has no zone, being of no event.
        """
        zones = {name: zone for name, zone in learners.items() if name not in self._ids}
        if not zones:
            return {}
        user = self._mount.host.table("user").c
        found = self._session.connection().execute(
            select(user.username, user.id).where(user.username.in_(zones))
        )
        ids = {row.username: row.id for row in found}
        for learner in sorted(zones.keys() - ids.keys()):
            if not zones[learner]:
                raise BadInput(f"there is no learner {learner!r}")
            ids[learner] = self._create_user(self._session, learner, zones[learner])
        return ids


def _day(line: Line) -> tuple[str, date]:
    return line.learner, clock.local_date(line.at, line.zone)


def _reader(stream: IO[str], columns: tuple[str, ...], what: str) -> csv.DictReader[str]:
    """The rows of a CSV; raises BadInput when it lacks one of the columns."""
    reader = csv.DictReader(stream)
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise BadInput(f"{what} has no column {', '.join(sorted(missing))}")
    return reader


def _beginning(path: Path, mount: Mount) -> Beginning | None:
    """The first event of the log and the zones of its learners; None for a log without a line."""
    first: datetime | None = None
    zones: dict[str, str] = {}
    with open_log(path) as stream:
        for row in (reader := _reader(stream, COLUMNS, "The log")):
            try:
                line = _parse(reader.line_num, row, mount)
            except (BadInput, UnknownEvent):
                continue
            first = min(first or line.at, line.at)
            zones.setdefault(line.learner, line.zone)
    return Beginning(first, zones) if first else None


def _pair(row: dict[str, str | None]) -> tuple[str, str]:
    """A line of a file of friends; raises BadInput."""
    one, other = ((row.get(name) or "").strip() for name in FRIENDS)
    for name, learner in zip(FRIENDS, (one, other), strict=True):
        if not learner:
            raise BadInput(f"{name} is missing")
    if one == other:
        raise BadInput(f"{one!r} is no friend of their own")
    return one, other


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
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INT))) or int(text) < 1:
        raise BadInput(f"amount must be a whole number of at least 1, not {text!r}")
    return int(text)


@contextmanager
def open_log(path: Path) -> Iterator[IO[str]]:
    """The text of a log that may be gzipped; raises BadInput when it cannot be read."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            yield stream
    except UNREADABLE as error:
        raise BadInput(f"{path.name} cannot be read: {error}") from error


def count_lines(path: Path) -> int:
    """The lines of a log, without its header, for a progress bar."""
    with open_log(path) as stream:
        return max(sum(1 for _ in stream) - 1, 0)
