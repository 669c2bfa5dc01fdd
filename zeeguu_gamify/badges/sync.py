"""Catalog as code, database as state: what differs (`plan`) and making it equal (`apply`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.catalog import BadgeDefinition, Catalog, FamilyDefinition
from zeeguu_gamify.models import CATALOG_VERSION, Badge, BadgeCategory, Setting

#: Columns that a reader sees; rows that were there before us keep theirs unless told otherwise.
TEXTS = ("name", "achieved_description", "unachieved_description", "icon_name")
#: Columns that make the rule: a change raises rule_version.
RULE = ("threshold",)
_OTHERS = ("level", "color", "sort_score", "hidden")


class Change(NamedTuple):
    """One line of a plan."""

    action: str  #: add, change or orphan
    code: str
    detail: str


@dataclass(slots=True)
class Plan:
    """What `apply` would do, or did."""

    changes: list[Change] = field(default_factory=list)
    #: Badges of the database that the code does not define. Never deleted: deprecate them.
    orphans: list[Change] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether database and code agree, orphans apart."""
        return not self.changes


def plan(session: Session, catalog: Catalog, *, texts: bool = False) -> Plan:
    """What `apply` would do; writes nothing."""
    return _Sync(session, catalog, texts).run(write=False)


def apply(session: Session, catalog: Catalog, *, texts: bool = False) -> Plan:
    """Make the rows of the database equal to the catalog; does not commit.

    `texts` also overwrites the names, descriptions and icons of rows that exist. Nothing is
    deleted. Every process sees the change within `GAMIFY_REFRESH_SECONDS`.
    """
    done = _Sync(session, catalog, texts).run(write=True)
    if not done.is_empty:
        _raise_version(session.connection())
    return done


class _Sync:
    """One comparison of a catalog with the database."""

    def __init__(self, session: Session, catalog: Catalog, texts: bool) -> None:
        self._connection = session.connection()
        self._catalog = catalog
        self._compared = (*RULE, *_OTHERS, *(TEXTS if texts else ()))

    def run(self, *, write: bool) -> Plan:
        families = self._rows(BadgeCategory, "metric")
        badges = self._rows(Badge, "code")
        result = Plan()
        for family in self._catalog.families:
            if family.metric not in families:
                result.changes.append(Change("add", family.metric, f"family {family.name!r}"))
                if write:
                    families[family.metric] = self._add_family(family)
            family_id = families.get(family.metric, {}).get("id")
            for badge in family.badges:
                changes = list(self._changes(badge, badges.get(badge.code)))
                result.changes += changes
                if write and changes:
                    self._write(badge, badges.get(badge.code), family_id)
        codes = {badge.code for _, badge in self._catalog.badges}
        result.orphans = [
            Change("orphan", code, "not in the code; deprecate it or define it again")
            for code, row in badges.items()
            if code not in codes and row["deprecated_at"] is None
        ]
        return result

    def _rows(self, model: type[Any], key: str) -> dict[str, dict[str, Any]]:
        rows = self._connection.execute(select(model.__table__)).mappings()
        return {row[key]: dict(row) for row in rows}

    def _changes(self, badge: BadgeDefinition, row: dict[str, Any] | None) -> Iterator[Change]:
        if row is None:
            yield Change("add", badge.code, f"badge {badge.name!r} at {badge.threshold}")
            return
        for column in self._compared:
            wanted = getattr(badge, column)
            if row[column] != wanted:
                yield Change("change", badge.code, f"{column}: {row[column]!r} → {wanted!r}")
        if badge.deprecated != (row["deprecated_at"] is not None):
            yield Change("change", badge.code, "deprecate" if badge.deprecated else "restore")

    def _add_family(self, family: FamilyDefinition) -> dict[str, Any]:
        done = self._connection.execute(
            insert(BadgeCategory),
            {
                "metric": family.metric,
                "name": family.name,
                "award_mechanism": family.mechanism,
            },
        )
        return {"id": done.lastrowid}

    def _write(
        self, badge: BadgeDefinition, row: dict[str, Any] | None, family_id: int | None
    ) -> None:
        now = clock.now()
        compared = self._compared if row else (*RULE, *_OTHERS, *TEXTS)
        values = {column: getattr(badge, column) for column in compared}
        values |= {"updated_at": now, "deprecated_at": now if badge.deprecated else None}
        if row is None:
            values |= {"code": badge.code, "badge_category_id": family_id, "created_at": now}
            self._connection.execute(insert(Badge), values)
            return
        if badge.deprecated and row["deprecated_at"]:
            values["deprecated_at"] = row["deprecated_at"]
        if any(row[column] != values[column] for column in RULE):
            values["rule_version"] = row["rule_version"] + 1
        self._connection.execute(update(Badge).where(Badge.id == row["id"]).values(values))


def _raise_version(connection: Connection) -> None:
    """Tell every process that its copy of the catalog is old."""
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
