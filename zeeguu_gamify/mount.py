"""What one app with a mounted Gamify keeps; two apps in one process share nothing of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, has_app_context
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import NotMounted, NotReady

if TYPE_CHECKING:
    from zeeguu_gamify.badges.catalog import Catalog
    from zeeguu_gamify.badges.live import LiveCatalog
    from zeeguu_gamify.badges.snapshot import SnapshotField
    from zeeguu_gamify.config import Config
    from zeeguu_gamify.delivery.hub import Hub
    from zeeguu_gamify.delivery.outbox import Consumer
    from zeeguu_gamify.delivery.publisher import Publisher
    from zeeguu_gamify.delivery.redis_link import RedisLink
    from zeeguu_gamify.economy.boosts import Boost
    from zeeguu_gamify.economy.levels import Levels
    from zeeguu_gamify.events import EventType, Subscriber
    from zeeguu_gamify.goals.definition import DailyGoal
    from zeeguu_gamify.host import Host
    from zeeguu_gamify.known_zones import KnownZones
    from zeeguu_gamify.leaderboards.boards import SeasonPrize
    from zeeguu_gamify.rate_limits import RateLimits
    from zeeguu_gamify.texts import Texts

log = logging.getLogger("zeeguu_gamify")

EXTENSION_KEY = "gamify"

#: Decorates a view.
ViewDecorator = Callable[[Callable[..., Any]], Callable[..., Any]]


_HINT = "gamify.row_hint"


class KnownRows:
    """The (user, family) whose progress row is known to exist; bounded, filled after commits."""

    def __init__(self, limit: int) -> None:
        """Remember `limit` rows at most; when full, start anew."""
        self._limit = limit
        self._rows: set[tuple[int, int]] = set()

    def __contains__(self, key: tuple[int, int]) -> bool:
        return key in self._rows

    def add(self, key: tuple[int, int]) -> None:
        """Remember that the row exists; call it only once that is committed."""
        if len(self._rows) >= self._limit:
            self._rows.clear()
        self._rows.add(key)

    def discard(self, key: tuple[int, int]) -> None:
        """The row turned out to be gone."""
        self._rows.discard(key)

    def hint(self, session: Session, key: tuple[int, int], value: int | None) -> None:
        """Tell the next move of the row what this transaction has seen of it; None: no row."""
        session.info[_HINT] = (key, value)

    def take_hint(self, session: Session, key: tuple[int, int]) -> tuple[int | None] | None:
        """What was seen of the row, once; None when nobody looked."""
        seen = session.info.pop(_HINT, None)
        return (seen[1],) if seen and seen[0] == key else None


@dataclass(kw_only=True)
class Mount:
    """One mounted app: what the host gave, and what is kept in memory for it."""

    config: Config
    db: Any  #: the host's Flask-SQLAlchemy object
    host: Host
    catalog: Catalog  #: the badges as the code defines them
    events: Mapping[str, EventType]
    subscribers: Sequence[Subscriber]
    consumers: Sequence[Consumer]
    load_live: Callable[[Session, Mount], LiveCatalog]
    requires_session: ViewDecorator
    cross_domain: ViewDecorator
    is_enabled_for: Callable[[int], bool]
    create_user: Callable[[Session, str, str], int] | None
    username_ok: Callable[[str], bool]
    reserved_usernames: Callable[[], frozenset[str]]  #: of the routes there are now
    known: KnownRows
    after: Mapping[str, Sequence[Callable[[Any], Any]]]
    zones: KnownZones
    daily_goals: Sequence[DailyGoal]
    goals_by_event: Mapping[str, Sequence[DailyGoal]]
    levels: Levels
    boosts: Sequence[Boost]
    prizes: Sequence[SeasonPrize]  #: those of the host
    texts: Texts
    language_of: Callable[[int], str | None]  #: user id → language; None: as the client asks
    hub: Hub  #: the live streams of this process
    redis: RedisLink | None  #: None when it is not configured: then SQL does all
    rate_limits: RateLimits
    events_while_paused: int = 0  #: of this process, since the pause began
    publisher: Publisher | None = None  #: None when it is switched off: the scheduler delivers
    heard_streak_changed: bool = False  #: in this process, though the streaks are ours
    snapshot_fields: Mapping[str, SnapshotField] = field(default_factory=dict)
    _live: LiveCatalog | None = None
    _problem: str = ""
    _fresh_until: float = 0.0

    def wake(self) -> None:
        """Tell the publisher that there is something to deliver; call it after the commit."""
        if self.publisher is not None:
            self.publisher.wake()

    @property
    def live(self) -> LiveCatalog:
        """The catalog of the database, in memory. Call `refresh` before."""
        if self._live is None:
            raise NotReady(self._problem or "The catalog has not been read yet.")
        return self._live

    @property
    def has_live(self) -> bool:
        """Whether the catalog has been read at all."""
        return self._live is not None

    def refresh(self, session: Session) -> None:
        """Make sure that the copy of the catalog is at most `refresh_seconds` old.

        Costs nothing while it is; else one SELECT, and two more when the catalog has changed.
        Raises NotReady, which it remembers for as long, so that a missing table is not asked for
        by every event.

        Takes no lock: a thread that waited for another would do so inside a transaction, where
        the database cannot see the circle. While one thread reads, the others use the old copy.
        """
        present = clock.monotonic()
        if present >= self._fresh_until or not (self.has_live or self._problem):
            self._reload(session, present)
        if self._problem:
            raise NotReady(self._problem)

    def is_ready(self, session: Session) -> bool:
        """Whether events can be counted; if not, the log says why, once in `refresh_seconds`."""
        try:
            self.refresh(session)
        except NotReady:
            return False
        return True

    def takes_events(self, session: Session) -> bool:
        """Whether an event counts now: the tables are ready and nobody has paused us."""
        if not self.is_ready(session):
            return False
        if self.live.paused is None:
            return True
        self.events_while_paused += 1
        return False

    def _reload(self, session: Session, present: float) -> None:
        self._fresh_until = present + self.config.refresh_seconds
        try:
            self._live = self.load_live(session, self)
            self._problem = ""
            self._tell_what_was_left_out()
        except NotReady as error:
            self._problem = error.message
            log.warning("No event is counted: %s", error.message)
        except BaseException:
            self._fresh_until = 0.0
            raise

    def _tell_what_was_left_out(self) -> None:
        if self.events_while_paused and self.live.paused is None:
            log.warning("%s events were not counted while paused", self.events_while_paused)
            self.events_while_paused = 0

    def forget(self) -> None:
        """Read the catalog again at the next use: this process has just changed it."""
        self._fresh_until = 0.0


def mount_of(app: Flask) -> Mount | None:
    """The mount of `app`, or None."""
    found = app.extensions.get(EXTENSION_KEY)
    return found if isinstance(found, Mount) else None


def current_mount() -> Mount:
    """The mount of the current app; raises NotMounted outside an app context or without one."""
    mount = mount_of(current_app) if has_app_context() else None
    if mount is None:
        raise NotMounted
    return mount
