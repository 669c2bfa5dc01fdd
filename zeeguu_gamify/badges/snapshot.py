"""The snapshot: the facts that a badge's test may read, of one user at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.rules import JOINED
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.events import Event, Metric
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import UserBadgeProgress, UserProfile
from zeeguu_gamify.mount import Mount

#: A fact that the host knows: SQL for a whole number, given the column of the user's id.
SnapshotField = Callable[[ColumnElement[int]], Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of a user; only what was asked for. A metric that never moved is 0."""

    user_id: int
    at: datetime  #: UTC
    zone: str = clock.UTC_NAME
    values: Mapping[str, int | date | None] = field(default_factory=dict)
    event: Event | None = None  #: what has just happened, if that is why it is looked at

    def number(self, name: str) -> int:
        """The value of a metric or a field of the host; 0 when there is none."""
        value = self.values.get(name)
        return value if isinstance(value, int) else 0

    def day(self, name: str) -> date | None:
        """The value of a field that is a date; None when it is not known."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def override(
        self,
        values: Mapping[str, int | date | None] | None = None,
        *,
        at: datetime | None = None,
        event: Event | None = None,
    ) -> Snapshot:
        """The same with some facts replaced: what if, and when."""
        return replace(
            self,
            values={**self.values, **(values or {})},
            at=at or self.at,
            event=event or self.event,
        )


def load(
    session: Session,
    mount: Mount,
    user_id: int,
    fields: Iterable[str],
    *,
    at: datetime | None = None,
    event: Event | None = None,
) -> Snapshot:
    """The user's `fields`, in one query however many they are; `at` is UTC, now when None.

    Raises UnknownUser.
    """
    found = load_many(session, mount, [user_id], fields, at=at)
    if user_id not in found:
        raise UnknownUser(user_id)
    return found[user_id].override(event=event)


def load_many(
    session: Session,
    mount: Mount,
    user_ids: Iterable[int],
    fields: Iterable[str],
    *,
    at: datetime | None = None,
) -> dict[int, Snapshot]:
    """`load` for many users, still in one query; a user that the host does not have is left out."""
    instant, wanted = at or clock.now(), frozenset(fields)
    metric_of = {
        family.id: family.metric for family in mount.live.families if family.metric in wanted
    }
    rows_of: dict[int, list[Row[Any]]] = {}
    for row in session.connection().execute(_query(mount, user_ids, wanted, list(metric_of))):
        rows_of.setdefault(row.user_id, []).append(row)
    return {
        user_id: _snapshot(mount, rows, wanted, metric_of, instant)
        for user_id, rows in rows_of.items()
    }


def _query(
    mount: Mount, user_ids: Iterable[int], wanted: frozenset[str], families: list[int]
) -> Any:
    """A row per user and metric that has moved; the host's facts stand in each of them."""
    user, progress = mount.host.table("user").c, UserBadgeProgress.__table__.c
    columns = [user.id.label("user_id")]
    if mount.host.has(Group.ZONE):
        columns.append(user.timezone.label("zone"))
    if JOINED in wanted and mount.host.has(Group.CREATED):
        columns.append(user.created_at.label(JOINED))
    columns += [
        field(user.id).label(name) for name, field in _of_host(mount, wanted).items()
    ]  # fmt: skip
    joined: Any = mount.host.table("user")
    if Metric.EXP in wanted:
        columns.append(UserProfile.exp.label(Metric.EXP))
        joined = joined.outerjoin(UserProfile, UserProfile.user_id == user.id)
    if families:
        columns += [progress.badge_category_id.label("family_id"), progress.value.label("value")]
        theirs = and_(progress.user_id == user.id, progress.badge_category_id.in_(families))
        joined = joined.outerjoin(UserBadgeProgress.__table__, theirs)
    return select(*columns).select_from(joined).where(user.id.in_(list(user_ids)))


def _of_host(mount: Mount, wanted: frozenset[str]) -> dict[str, SnapshotField]:
    return {name: sql for name, sql in mount.snapshot_fields.items() if name in wanted}


def _snapshot(
    mount: Mount,
    rows: list[Row[Any]],
    wanted: frozenset[str],
    metric_of: Mapping[int, str],
    at: datetime,
) -> Snapshot:
    first = rows[0]._mapping
    zone = mount.host.zone_from(first["user_id"], first.get("zone"))
    values: dict[str, int | date | None] = dict.fromkeys(wanted, 0)
    if JOINED in wanted:
        joined = first.get(JOINED)
        values[JOINED] = None if joined is None else clock.local_date(joined, zone)
    values |= {name: int(first[name] or 0) for name in _of_host(mount, wanted)}
    if metric_of:
        values |= {metric_of[row.family_id]: row.value for row in rows if row.family_id is not None}
    if Metric.EXP in wanted:
        values[Metric.EXP] = max(first[Metric.EXP] or 0, 0)
    return Snapshot(first["user_id"], at, zone, values)
