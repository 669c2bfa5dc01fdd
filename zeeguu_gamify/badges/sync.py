"""Catalog as code, database as state: what differs (`plan`) and making it equal (`apply`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, ScalarSelect, func, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.definitions import BadgeDefinition, FamilyDefinition
from zeeguu_gamify.models import CATALOG_VERSION, Badge, BadgeCategory, Setting, UserBadge

#: Columns that a reader sees; rows that were there before us keep theirs unless told otherwise.
TEXTS = ("name", "achieved_description", "unachieved_description", "icon_name")
#: Columns that make the rule: a change raises rule_version.
RULE = ("threshold", "rule", "starts_at", "ends_at", "max_holders")
_OTHERS = ("level", "color", "sort_score", "hidden")

ORPHANED = "not in the code; `catalog apply --deprecate`, or define it again"
DEPRECATED = "deprecate it, since the code does not define it"


class Change(NamedTuple):
    """One line of a plan."""

    action: str  #: add, change or orphan
    code: str
    detail: str


@dataclass(slots=True)
class Plan:
    """What `apply` would do, or did."""

    changes: list[Change] = field(default_factory=list)
    #: Badges of the database that the code does not define. Never deleted, but deprecated if asked.
    orphans: list[Change] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether database and code agree, orphans apart."""
        return not self.changes


def plan(
    session: Session, catalog: Catalog, *, texts: bool = False, deprecate: bool = False
) -> Plan:
    """What `apply` would do; writes nothing."""
    return _Sync(session, catalog, texts, deprecate).run(write=False)


def apply(
    session: Session, catalog: Catalog, *, texts: bool = False, deprecate: bool = False
) -> Plan:
    """Make the rows of the database equal to the catalog; does not commit.

    `texts` also overwrites the names, descriptions and icons of rows that exist. Nothing is
    deleted; `deprecate` lets only their holders see badges that the catalog does not have. Every
    process sees the change within `GAMIFY_REFRESH_SECONDS`.
    """
    done = _Sync(session, catalog, texts, deprecate).run(write=True)
    if not done.is_empty:
        raise_version(session.connection())
    return done


class _Sync:
    """One comparison of a catalog with the database."""

    def __init__(self, session: Session, catalog: Catalog, texts: bool, deprecate: bool) -> None:
        self._connection = session.connection()
        self._catalog = catalog
        self._texts = texts
        self._deprecate = deprecate
        self._compared = (*RULE, *_OTHERS, *(TEXTS if texts else ()))

    def run(self, *, write: bool) -> Plan:
        families = self._rows(BadgeCategory, "metric")
        badges = self._rows(Badge, "code")
        result = Plan()
        for family in self._catalog.families:
            row = families.get(family.metric)
            changes = list(self._family_changes(family, row))
            result.changes += changes
            family_id = row["id"] if row else None
            if write and changes:
                family_id = self._write_family(family, family_id)
            for badge in family.badges:
                changes = list(self._changes(badge, badges.get(badge.code), family_id))
                result.changes += changes
                if write and changes:
                    self._write(badge, badges.get(badge.code), family_id)
        orphans = [
            code
            for code, row in badges.items()
            if code not in self._catalog.by_code and row["deprecated_at"] is None
        ]
        if self._deprecate:
            result.changes += [Change("change", code, DEPRECATED) for code in orphans]
            if write and orphans:
                self._deprecate_all(orphans)
        else:
            result.orphans = [Change("orphan", code, ORPHANED) for code in orphans]
        return result

    def _deprecate_all(self, codes: list[str]) -> None:
        now = {"deprecated_at": clock.now(), "updated_at": clock.now()}
        self._connection.execute(update(Badge).where(Badge.code.in_(codes)).values(now))

    def _rows(self, model: type[Any], key: str) -> dict[str, dict[str, Any]]:
        rows = self._connection.execute(select(model.__table__)).mappings()
        return {row[key]: dict(row) for row in rows}

    def _family_changes(
        self, family: FamilyDefinition, row: dict[str, Any] | None
    ) -> Iterator[Change]:
        if row is None:
            yield Change("add", family.metric, f"family {family.name!r}")
            return
        for column, wanted in self._family_values(family).items():
            if row[column] != wanted:
                yield Change("change", family.metric, f"{column}: {row[column]} → {wanted}")

    def _family_values(self, family: FamilyDefinition) -> dict[str, Any]:
        values: dict[str, Any] = {"award_mechanism": family.mechanism}
        return values | ({"name": family.name} if self._texts else {})

    def _changes(
        self, badge: BadgeDefinition, row: dict[str, Any] | None, family_id: int | None
    ) -> Iterator[Change]:
        if row is None:
            yield Change("add", badge.code, f"badge {badge.name!r} at {badge.threshold}")
            return
        if row["badge_category_id"] != family_id:
            yield Change("change", badge.code, "move it to its family")
        for column in self._compared:
            wanted = getattr(badge, column)
            if row[column] != wanted:
                yield Change("change", badge.code, f"{column}: {row[column]!r} → {wanted!r}")
        if badge.deprecated != (row["deprecated_at"] is not None):
            yield Change("change", badge.code, "deprecate" if badge.deprecated else "restore")

    def _write_family(self, family: FamilyDefinition, family_id: int | None) -> int:
        if family_id is None:
            row = {
                "metric": family.metric,
                "name": family.name,
                "award_mechanism": family.mechanism,
            }
            return int(self._connection.execute(insert(BadgeCategory), row).lastrowid)
        self._connection.execute(
            update(BadgeCategory)
            .where(BadgeCategory.id == family_id)
            .values(self._family_values(family))
        )
        return family_id

    def _write(
        self, badge: BadgeDefinition, row: dict[str, Any] | None, family_id: int | None
    ) -> None:
        now = clock.now()
        compared = self._compared if row else (*RULE, *_OTHERS, *TEXTS)
        values = {column: getattr(badge, column) for column in compared}
        values |= {"updated_at": now, "deprecated_at": now if badge.deprecated else None}
        values |= {"badge_category_id": family_id}
        if row is None:
            values |= {"code": badge.code, "created_at": now}
            self._connection.execute(insert(Badge), values)
            return
        if badge.deprecated and row["deprecated_at"]:
            values["deprecated_at"] = row["deprecated_at"]
        if any(row[column] != values[column] for column in RULE):
            values["rule_version"] = row["rule_version"] + 1
        if badge.max_holders is not None and row["max_holders"] is None:
            values["grants_made"] = _grants_of(row["id"])
        self._connection.execute(update(Badge).where(Badge.id == row["id"]).values(values))


def _grants_of(badge_id: int) -> ScalarSelect[int]:
    """How many of a badge that is limited from now on were granted before."""
    grants = UserBadge.__table__.c
    return select(func.count()).where(grants.badge_id == badge_id).scalar_subquery()


def raise_version(connection: Connection) -> None:
    """Tell every process that its copy of the catalog is old; does not commit."""
    setting = Setting.__table__.c
    where = setting.name == CATALOG_VERSION
    old = connection.execute(
        select(setting.value).where(where).with_for_update()
    ).scalar_one_or_none()
    row = {"value": str(int(old or 0) + 1), "updated_at": clock.now()}
    if old is None:
        connection.execute(insert(Setting), {"name": CATALOG_VERSION, **row})
    else:
        connection.execute(update(Setting).where(where).values(row))
