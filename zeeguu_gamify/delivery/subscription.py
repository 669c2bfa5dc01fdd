"""What one client of the live stream waits for: a bounded queue, and the boards it watches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from zeeguu_gamify import clock

#: A client that is so many events behind is dropped; it may come back and resume.
QUEUE = 100


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """Something a client hears of."""

    name: str
    data: str  #: JSON
    id: str = ""  #: where to resume; empty: it is not kept


@dataclass(frozen=True, slots=True)
class Watch:
    """A board that a client looks at, and whose scores are on it."""

    board: str
    period: str
    scope: str
    members: frozenset[int] | None = None  #: None: everybody
    language_id: int | None = None  #: None: whatever the language
    since: date = date.min  #: the first local date that counts

    def shows(self, moves: Moves) -> bool:
        """Whether one of these is on the board."""
        if self.board != moves.board or moves.latest < self.since:
            return False
        if self.members is not None:
            return not self.members.isdisjoint(moves.user_ids)
        anywhere = self.language_id is None or moves.language_ids is None
        return anywhere or self.language_id in (moves.language_ids or ())


@dataclass(frozen=True, slots=True)
class Moves:
    """Scores of these users have moved on a board, in these languages or, if None, in any."""

    board: str
    user_ids: frozenset[int]
    language_ids: frozenset[int] | None
    latest: date = date.max  #: the last of the local dates on which something moved


class Subscription:
    """One client's queue: filled by any thread, emptied by the one that serves the client."""

    def __init__(self, user_id: int, watches: Collection[Watch] = ()) -> None:
        """Empty and open."""
        self.user_id = user_id
        self.watches = tuple(watches)
        self.is_closed = False
        self._events: deque[LiveEvent] = deque()
        self._moved: set[Watch] = set()
        self._changed = threading.Condition()

    def offer(self, event: LiveEvent) -> None:
        """Append an event, or close the queue if the client does not keep up. Never waits."""
        with self._changed:
            if len(self._events) >= QUEUE:
                self.is_closed = True
            else:
                self._events.append(event)
            self._changed.notify()

    def offer_moves(self, moves: Moves) -> None:
        """Remember which watched boards have moved; how often makes no difference."""
        moved = [watch for watch in self.watches if watch.shows(moves)]
        if moved:
            with self._changed:
                self._moved.update(moved)
                self._changed.notify()

    def close(self) -> None:
        """Let the client go."""
        with self._changed:
            self.is_closed = True
            self._changed.notify()

    def take(self, until: float, moves_from: float) -> tuple[list[LiveEvent], list[Watch]]:
        """The events and moved boards that wait; nothing when none came `until` then.

        Both are instants of `clock.monotonic`. Boards are held back until `moves_from`.
        """
        with self._changed:
            while not self.is_closed:
                present = clock.monotonic()
                if self._events or (self._moved and present >= moves_from) or present >= until:
                    break
                self._changed.wait((min(until, moves_from) if self._moved else until) - present)
            return self._taken(clock.monotonic() >= moves_from)

    def _taken(self, with_moves: bool) -> tuple[list[LiveEvent], list[Watch]]:
        events = list(self._events)
        self._events.clear()
        if not with_moves:
            return events, []
        moved = [watch for watch in self.watches if watch in self._moved]
        self._moved.clear()
        return events, moved
