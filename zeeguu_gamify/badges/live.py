"""The catalog as the database has it, in memory: thresholds sorted, so that a bisect decides."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify import settings
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.definitions import BadgeDefinition
from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, Below, EventWas, leaves
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.models import CATALOG_VERSION, Badge, BadgeCategory, Mechanism
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_fatal


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
        """What it asks for: its threshold as the database has it; a composite's tree."""
        composite = self.defined.test if self.defined and self.defined.is_composite else None
        return composite or AtLeast(self.metric, self.threshold)

    @property
    def is_composite(self) -> bool:
        """Whether it tests more than the metric of its family."""
        return self.defined is not None and self.defined.is_composite

    @property
    def is_repeatable(self) -> bool:
        """Whether it is granted once for each context; only an event can tell for which."""
        return self.defined is not None and self.defined.is_repeatable

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


NOT_UPGRADED = "The tables are missing or of an older version; run `flask gamify db upgrade`."


def load_live(session: Session, mount: Mount) -> LiveCatalog:
    """The catalog of the database; the copy in memory when its version has not moved.

    Raises NotReady when tables, revisions or badges are missing, saying what provides them.
    """
    try:
        if mount.has_live:
            known = settings.read(session)
            if known.get(CATALOG_VERSION, "") == mount.live.version:
                return replace(mount.live, **_switches(known))
        if not runner.is_current(session.connection()):
            raise NotReady(NOT_UPGRADED)
        known = settings.read(session)
        families = _families(session, mount.catalog)
        live = LiveCatalog(known.get(CATALOG_VERSION, ""), families, **_switches(known))
    except DBAPIError as error:
        if is_fatal(session, error) or runner.is_current(session.connection()):
            raise
        raise NotReady(NOT_UPGRADED) from error
    _refuse_missing(mount.catalog, live)
    return live


def _switches(known: Mapping[str, str]) -> dict[str, Any]:
    """What changes more often than the catalog does."""
    return {
        "paused": known.get(settings.PAUSED),
        "boards_behind": known.get(settings.BOARDS_BEHIND),
    }


_BADGE_COLUMNS = (
    "id", "code", "level", "threshold", "name", "achieved_description", "unachieved_description",
    "icon_name", "color", "sort_score", "hidden", "deprecated_at", "rule_version", "created_at",
    "starts_at", "ends_at", "max_holders", "users_with_badge", "share_active",
)  # fmt: skip


def _families(session: Session, catalog: Catalog) -> tuple[LiveFamily, ...]:
    category, badge = BadgeCategory.__table__.c, Badge.__table__.c
    statement = (
        select(
            category.id.label("category_id"),
            category.metric,
            category.name.label("category_name"),
            category.award_mechanism,
            *(badge[name] for name in _BADGE_COLUMNS),
        )
        .join_from(BadgeCategory.__table__, Badge.__table__)
        .order_by(category.id, badge.level)
    )
    rows_of: dict[int, list[Row[Any]]] = {}
    for row in session.connection().execute(statement):
        rows_of.setdefault(row.category_id, []).append(row)
    return tuple(_family(rows, catalog) for rows in rows_of.values())


def _family(rows: list[Row[Any]], catalog: Catalog) -> LiveFamily:
    badges = [
        LiveBadge(
            metric=row.metric,
            defined=catalog.by_code.get(row.code),
            **{name: row._mapping[name] for name in _BADGE_COLUMNS},
        )
        for row in rows
    ]
    first = rows[0]
    return LiveFamily(
        first.category_id, first.metric, first.category_name, first.award_mechanism, badges
    )


def _refuse_missing(catalog: Catalog, live: LiveCatalog) -> None:
    known = {(badge.metric, badge.code) for badge in live.by_id.values()}
    missing = [
        badge.code for family, badge in catalog.badges if (family.metric, badge.code) not in known
    ]
    if missing:
        raise NotReady(
            f"The database has no badge {', '.join(missing)}; run `flask gamify catalog apply`."
        )
