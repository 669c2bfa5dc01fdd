"""Where a user's streaks stand, in one plain SELECT, and what that comes to at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Row, Select, bindparam, null, select
from sqlalchemy.orm import Session, aliased

from zeeguu_gamify import clock
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.events import Metric
from zeeguu_gamify.host import Group, Host
from zeeguu_gamify.models import OVERALL, Streak, UserBadgeProgress, UserProfile
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.display import shown


class Run(Protocol):
    """The newest run of a streak row, and the longest."""

    @property
    def current(self) -> int:
        """Its practised dates."""

    @property
    def covered_to(self) -> date:
        """Its last practised or bridged date."""

    @property
    def longest(self) -> int:
        """The longest run so far."""


@dataclass(frozen=True, slots=True)
class _Run:
    current: int
    covered_to: date
    longest: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What was seen of a user, and what it comes to."""

    zone: str
    freezes: int
    gauge: int  #: the stored value of STREAK_DAYS
    streaks: Mapping[int, Run]  #: ours, by language
    studied: Sequence[Row[Any]]  #: the host's rows of user_language
    has_languages: bool
    by_host: bool  #: whether the host owns its rows

    def with_streaks(self, streaks: Mapping[int, Run]) -> Standing:
        """The same with other streak rows."""
        return replace(self, streaks=streaks)

    def overall(self, at: datetime) -> int:
        """The overall streak as it shows at `at` (UTC)."""
        run = self.streaks.get(OVERALL)
        return self._alive(run, at) if run else 0

    def value(self, at: datetime) -> int:
        """The STREAK_DAYS gauge: the longest current streak of a language.

        Of a user, or on a host, without languages it is the overall one.
        """
        if not self.has_languages:
            return self.overall(at)
        of_host = [self._shown(row, at) for row in self.studied]
        ours = [] if self.by_host else list(self._of_languages().values())
        alive = [*of_host, *(self._alive(run, at) for run in ours)]
        return max(alive, default=self.overall(at))

    def longest(self) -> int:
        """The longest run in a language; on a host without languages, the longest of all."""
        overall = self.streaks.get(OVERALL)
        of_languages = [run.longest for run in self._of_languages().values()]
        return max(of_languages, default=overall.longest if overall else 0)

    def _of_languages(self) -> dict[int, Run]:
        return {key: run for key, run in self.streaks.items() if key != OVERALL}

    def _alive(self, run: Run, at: datetime) -> int:
        return shown(run.current, run.covered_to, self.zone, at)

    def broken(self, at: datetime) -> list[Row[Any]]:
        """The host's rows that say more than is true at `at`, if they are ours to write."""
        if self.by_host:
            return []
        return [row for row in self.studied if row.daily_streak and not self._shown(row, at)]

    def _shown(self, row: Row[Any], at: datetime) -> int:
        """What a row of user_language shows: our streak where there is one, else the host's."""
        run = self.streaks.get(row.language_id)
        if run is not None and not self.by_host:
            return self._alive(run, at)
        practised = row.last_practiced and clock.local_date(row.last_practiced, self.zone)
        return shown(row.daily_streak, practised, self.zone, at)


def look(session: Session, mount: Mount, user_id: int) -> Standing:
    """One plain SELECT. Raises UnknownUser."""
    values = {"of_user": user_id, "of_gauge": _gauge_id(mount)}
    found = session.connection().execute(_statement(mount.host), values).all()
    if not found:
        raise UnknownUser(user_id)
    return _standing(mount, found)


def look_many(session: Session, mount: Mount, user_ids: Sequence[int]) -> dict[int, Standing]:
    """`look` for many users, still one SELECT; who is not there is left out."""
    user_id = mount.host.table("user").c.id
    wanted = _select(mount.host).where(user_id.in_(list(user_ids)))
    rows_of: dict[int, list[Row[Any]]] = {}
    for row in session.connection().execute(wanted, {"of_gauge": _gauge_id(mount)}):
        rows_of.setdefault(row.of_user, []).append(row)
    return {one: _standing(mount, rows) for one, rows in rows_of.items()}


def by_streaks(
    session: Session, mount: Mount, user_ids: Sequence[int], at: datetime
) -> dict[tuple[int, str], int]:
    """The ledger of STREAK_DAYS: what the streaks come to, of users who have any; one SELECT."""
    return {
        (user_id, str(Metric.STREAK_DAYS)): standing.value(at)
        for user_id, standing in look_many(session, mount, user_ids).items()
        if standing.streaks or standing.studied
    }


def _gauge_id(mount: Mount) -> int:
    gauge = mount.live.by_metric.get(Metric.STREAK_DAYS)
    return gauge.id if gauge else 0


def _standing(mount: Mount, found: Sequence[Row[Any]]) -> Standing:
    """That of the user of these rows."""
    one = found[0]
    streaks = {
        row.of_language: _Run(row.current, row.covered_to, row.longest)
        for row in found
        if row.of_language is not None
    }
    studied = {row.id: row for row in found if row.id is not None}
    return Standing(
        zone=mount.host.zone_from(one.of_user, one.timezone),
        freezes=one.freezes or 0,
        gauge=one.gauge or 0,
        streaks=streaks,
        studied=list(studied.values()),
        has_languages=mount.host.has(Group.LANGUAGE),
        by_host=mount.config.host_owns_streaks,
    )


@lru_cache(maxsize=16)
def _statement(host: Host) -> Select[Any]:
    return _select(host).where(host.table("user").c.id == bindparam("of_user"))


def _select(host: Host) -> Select[Any]:
    """Each streak row of a user beside each row of user_language: few by few."""
    user, gauge = host.table("user"), aliased(UserBadgeProgress)
    columns: list[Any] = [
        user.c.id.label("of_user"),
        (user.c.timezone if host.has(Group.ZONE) else null()).label("timezone"),
        UserProfile.freezes,
        gauge.value.label("gauge"),
        Streak.language_id.label("of_language"),
        Streak.current,
        Streak.covered_to,
        Streak.longest,
    ]
    joined: Any = (
        user.outerjoin(Streak, Streak.user_id == user.c.id)
        .outerjoin(UserProfile, UserProfile.user_id == user.c.id)
        .outerjoin(
            gauge,
            (gauge.user_id == user.c.id) & (gauge.badge_category_id == bindparam("of_gauge")),
        )
    )  # fmt: skip
    if host.has(Group.LANGUAGE):
        studied = host.table("user_language")
        joined = joined.outerjoin(studied, studied.c.user_id == user.c.id)
        names = ("id", "language_id", "daily_streak", "last_practiced")
        columns += [studied.c[name].label(name) for name in names]
    else:
        columns.append(null().label("id"))
    return select(*columns).select_from(joined)
