"""The catalog as the database has it, in memory: thresholds sorted, so that a bisect decides."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from zeeguu_gamify.badges.definitions import BadgeDefinition
from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, Below, EventWas, WonInSeason
from zeeguu_gamify.badges.trees import leaves
from zeeguu_gamify.events import Metric
from zeeguu_gamify.models import Mechanism


@dataclass(frozen=True, slots=True)
class LiveBadge:
    """A row of `badge`, with the metric of its family."""

    id: int
    code: str
    metric: str
    level: int
    threshold: int
    name: str | None
    achieved_description: str
    unachieved_description: str
    icon_name: str | None
    color: str | None
    sort_score: int
    hidden: bool
    deprecated_at: datetime | None
    rule_version: int
    created_at: datetime | None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_holders: int | None = None
    users_with_badge: int = 0
    share_active: float | None = None
    defined: BadgeDefinition | None = None  #: as the code has it, unless it is an orphan

    @property
    def is_grantable(self) -> bool:
        """Whether it may still be granted."""
        return not self.hidden and self.deprecated_at is None

    @property
    def test(self) -> BadgeTest:
        """What it asks for: its threshold as the database has it; a composite's tree; of a prize,
        a season.
        """
        if self.is_prize:
            return WonInSeason()
        composite = self.defined.test if self.defined and self.defined.is_composite else None
        return composite or AtLeast(self.metric, self.threshold)

    @property
    def is_composite(self) -> bool:
        """Whether it tests more than the metric of its family."""
        return self.defined is not None and self.defined.is_composite

    @property
    def is_repeatable(self) -> bool:
        """Whether it is granted once for each context, which its facts cannot tell."""
        return self.defined is not None and self.defined.is_repeatable

    @property
    def is_prize(self) -> bool:
        """Whether it is won by a place in a season, and by no event."""
        return self.defined is not None and self.defined.is_prize

    def is_open(self, at: datetime) -> bool:
        """Whether it can be earned at that instant (UTC)."""
        begun = self.starts_at is None or self.starts_at <= at
        return begun and (self.ends_at is None or at < self.ends_at)


class Watch:
    """The composites that ask for a metric, by the thresholds at which that may change."""

    def __init__(self, points: Iterable[tuple[int, LiveBadge]]) -> None:
        """`points` are (threshold, composite)."""
        self._points = sorted(points, key=lambda point: point[0])
        self._thresholds = [threshold for threshold, _ in self._points]

    def crossed(self, low: int, high: int) -> list[LiveBadge]:
        """Those with a threshold in (low, high], whichever way the metric went."""
        first = bisect_right(self._thresholds, low)
        last = bisect_right(self._thresholds, high)
        return [badge for _, badge in self._points[first:last]]


def _is_level(badge: LiveBadge) -> bool:
    """Whether the metric of its family alone decides."""
    return badge.is_grantable and not badge.is_composite and not badge.is_repeatable


class LiveFamily:
    """A row of `badge_category` with its badges."""

    def __init__(
        self, id_: int, metric: str, name: str, mechanism: Mechanism, badges: Sequence[LiveBadge]
    ) -> None:
        """`badges` in the order of their levels."""
        self.id = id_
        self.metric = metric
        self.name = name
        self.mechanism = mechanism
        self.badges = tuple(badges)
        self._grantable = sorted(
            (badge for badge in badges if _is_level(badge)), key=lambda badge: badge.threshold
        )
        self._thresholds = [badge.threshold for badge in self._grantable]

    def crossed(self, old: int, new: int) -> list[LiveBadge]:
        """The grantable badges whose threshold lies in (old, new]."""
        low = bisect_right(self._thresholds, old)
        return self._grantable[low : bisect_right(self._thresholds, new)]


#: That of EXP, where no family counts them: composites may ask for them all the same.
NO_EXP_FAMILY = LiveFamily(0, Metric.EXP, "EXP", Mechanism.GAUGE, ())


@dataclass(frozen=True)
class LiveCatalog:
    """All families of the database, by category id, and the version they were read at."""

    version: str
    families: tuple[LiveFamily, ...]
    paused: str | None = None  #: why no event counts at the moment
    boards_behind: str | None = None  #: what the boards in Redis missed last

    @cached_property
    def by_metric(self) -> dict[str, LiveFamily]:
        """The families by their metric."""
        return {family.metric: family for family in self.families}

    @cached_property
    def by_id(self) -> dict[int, LiveBadge]:
        """The badges by their id."""
        return {badge.id: badge for family in self.families for badge in family.badges}

    @cached_property
    def by_code(self) -> dict[str, LiveBadge]:
        """The badges by their code."""
        return {badge.code: badge for badge in self.by_id.values()}

    @cached_property
    def composites(self) -> tuple[LiveBadge, ...]:
        """The composites that may still be granted."""
        return tuple(b for b in self.by_id.values() if b.is_composite and b.is_grantable)

    @cached_property
    def watches(self) -> dict[str, Watch]:
        """Metric → the composites that ask for it."""
        points: dict[str, list[tuple[int, LiveBadge]]] = {}
        for badge in self.composites:
            for leaf in leaves(badge.test):
                if isinstance(leaf, AtLeast | Below):
                    points.setdefault(leaf.metric, []).append((leaf.threshold, badge))
        return {metric: Watch(found) for metric, found in points.items()}

    def watched(self, metric: str, low: int, high: int) -> list[LiveBadge]:
        """The composites to test when the metric has been anywhere in (low, high]."""
        watch = self.watches.get(metric)
        return watch.crossed(low, high) if watch else []

    @cached_property
    def listeners(self) -> dict[str, list[tuple[LiveBadge, Sequence[EventWas]]]]:
        """Event name → the composites to test when one comes that meets one of the conditions."""
        index: dict[str, list[tuple[LiveBadge, Sequence[EventWas]]]] = {}
        for badge in self.composites:
            for name, conditions in badge.defined.watched_events().items() if badge.defined else ():
                index.setdefault(name, []).append((badge, conditions))
        return index
