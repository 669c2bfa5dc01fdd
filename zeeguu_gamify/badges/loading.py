"""Reading the catalog of the database, joined with what the code says of each badge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify import settings
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.live import LiveBadge, LiveCatalog, LiveFamily
from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.migrations import runner
from zeeguu_gamify.models import CATALOG_VERSION, Badge, BadgeCategory
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_fatal

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
