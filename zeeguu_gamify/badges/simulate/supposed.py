"""The catalog of the database as it would be once another one is applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from runpy import run_path

from zeeguu_gamify import clock
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.badges.live import LiveBadge, LiveCatalog, LiveFamily
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.mount import Mount


def read_catalog(path: Path) -> Catalog:
    """The one Catalog that the Python file at `path` makes, or that it calls CATALOG.

    Runs the file. Raises BadInput when there is none, or several and none of that name.
    """
    made = run_path(str(path))
    found = {id(it): it for it in made.values() if isinstance(it, Catalog)}
    if isinstance(made.get("CATALOG"), Catalog):
        return made["CATALOG"]  # type: ignore[no-any-return]
    if len(found) != 1:
        raise BadInput(f"{path.name} makes {len(found)} catalogs; call the one you mean CATALOG.")
    return next(iter(found.values()))


def suppose(mount: Mount, catalog: Catalog) -> Mount:
    """The mount as if `catalog` had been applied. Raises ConfigError when it is not sound.

    What is new has ids below 0, so that no row of the database is about it.
    """
    catalog.check(mount.events, mount.snapshot_fields)
    live = LiveCatalog(mount.live.version, tuple(_families(mount.live, catalog)))
    return replace(mount, catalog=catalog, publisher=None, _live=live)


def _families(live: LiveCatalog, catalog: Catalog) -> Iterator[LiveFamily]:
    """Those of the database, changed where the catalog says so, and then the new ones."""
    ids = count(-1, -1)
    defined = {family.metric: family for family in catalog.families}
    badges = list(_badges(live, catalog, ids))
    for metric in dict.fromkeys((*live.by_metric, *defined)):
        known, family = live.by_metric.get(metric), defined.get(metric)
        mine = sorted((it for it in badges if it.metric == metric), key=lambda it: it.level)
        mechanism = family.mechanism if family else live.by_metric[metric].mechanism
        name = known.name if known else defined[metric].name
        if mine:
            yield LiveFamily(known.id if known else next(ids), metric, name, mechanism, mine)


def _badges(live: LiveCatalog, catalog: Catalog, ids: Iterator[int]) -> Iterator[LiveBadge]:
    """Every badge that there would be; what the code no longer defines stays as it is."""
    for family, badge in catalog.badges:
        known = live.by_code.get(badge.code)
        yield _changed(known, family, badge) if known else _new(next(ids), family, badge)
    for orphan in live.by_id.values():
        if orphan.code not in catalog.by_code:
            yield replace(orphan, defined=None)


def _changed(known: LiveBadge, family: FamilyDefinition, badge: BadgeDefinition) -> LiveBadge:
    deprecated_at = (known.deprecated_at or clock.now()) if badge.deprecated else None
    return replace(
        known,
        metric=family.metric,
        level=badge.level,
        threshold=badge.threshold,
        color=badge.color,
        sort_score=badge.sort_score,
        hidden=badge.hidden,
        deprecated_at=deprecated_at,
        starts_at=badge.starts_at,
        ends_at=badge.ends_at,
        max_holders=badge.max_holders,
        defined=badge,
    )


def _new(id_: int, family: FamilyDefinition, badge: BadgeDefinition) -> LiveBadge:
    return LiveBadge(
        id=id_,
        code=badge.code,
        metric=family.metric,
        level=badge.level,
        threshold=badge.threshold,
        name=badge.name,
        achieved_description=badge.achieved_description,
        unachieved_description=badge.unachieved_description,
        icon_name=badge.icon_name,
        color=badge.color,
        sort_score=badge.sort_score,
        hidden=badge.hidden,
        deprecated_at=clock.now() if badge.deprecated else None,
        rule_version=1,
        created_at=None,
        starts_at=badge.starts_at,
        ends_at=badge.ends_at,
        max_holders=badge.max_holders,
        defined=badge,
    )
