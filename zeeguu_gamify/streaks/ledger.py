"""The ledger of practice: read a user's dates, and recompute from them what was counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import OVERALL, BridgeKind, PracticeDay, StreakBridge
from zeeguu_gamify.streaks import rows
from zeeguu_gamify.streaks.chain import Run, longest, runs
from zeeguu_gamify.streaks.shared import Life
from zeeguu_gamify.streaks.travel import Stay


@dataclass(frozen=True, slots=True)
class Practised:
    """A practised date of a language."""

    language_id: int
    day: date
    zone: str
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that is known of a user's practice."""

    practised: list[Practised]
    bridges: Mapping[date, BridgeKind]

    def days(self, language_id: int) -> dict[date, Practised]:
        """The dates of a language, or of all; of several on a date the first."""
        found: dict[date, Practised] = {}
        for item in self.practised:
            if language_id in (OVERALL, item.language_id):
                known = found.get(item.day)
                if known is None or _earlier(item, known):
                    found[item.day] = item
        return found

    @property
    def languages(self) -> set[int]:
        """The languages practised, and the overall streak."""
        return {OVERALL, *(item.language_id for item in self.practised)}

    def life(self) -> Life:
        """As friends see it: a repaired date is bridged, not practised together."""
        zones = {day: item.zone for day, item in self.days(OVERALL).items()}
        return Life.of(zones, self.bridges)

    def stays(self) -> dict[date, Stay]:
        """As a traveller sees it: where and when each date was practised."""
        instants: dict[date, list[datetime]] = defaultdict(list)
        for item in self.practised:
            instants[item.day] += [item.first_at] if item.first_at else []
        return {
            day: Stay(
                item.zone,
                min(instants[day], default=None),
                max(instants[day], default=None),
            )
            for day, item in self.days(OVERALL).items()
        }


def _earlier(item: Practised, known: Practised) -> bool:
    return item.first_at is not None and (known.first_at is None or item.first_at < known.first_at)


def read(session: Session, user_id: int, *, locking: bool = True) -> Ledger:
    """The ledger of a user: as it is now, if `locking`, or as the transaction sees it.

    Who writes what it says holds the lock of the user's overall streak row, and reads locking.
    """
    day, bridge = PracticeDay.__table__.c, StreakBridge.__table__.c
    practised = (
        select(day.language_id, day.local_date, day.zone, day.first_at)
        .where(day.user_id == user_id)
        .order_by(day.local_date)
    )
    bridges = select(bridge.local_date, bridge.kind).where(bridge.user_id == user_id)
    if locking:
        practised, bridges = (wanted.with_for_update(read=True) for wanted in (practised, bridges))
    connection = session.connection()
    return Ledger(
        [Practised(*row) for row in connection.execute(practised)],
        {row.local_date: row.kind for row in connection.execute(bridges)},
    )


def recount(
    session: Session, user_id: int, ledger: Ledger, stored: Mapping[int, Any]
) -> dict[int, Row[Any]]:
    """Make the streak rows what the ledger says; returns them as they are then.

    stored: language → what has the `floor` and `floor_at` that stay, e.g. the row as it was.
    """
    counted = {
        language_id: _counted(ledger, language_id, stored.get(language_id))
        for language_id in ledger.languages
    }
    rows.replace(session, user_id, {key: row for key, row in counted.items() if row})
    return rows.locked(session, user_id)


def _counted(ledger: Ledger, language_id: int, stored: Any) -> dict[str, Any] | None:
    """The streak row of a language as the ledger has it."""
    days = ledger.days(language_id)
    zones = {day: item.zone for day, item in days.items()}
    found = runs(zones, {day: kind is BridgeKind.REPAIR for day, kind in ledger.bridges.items()})
    best = longest(found)
    if best is None:
        return None
    floor, floor_at = (stored.floor, stored.floor_at) if stored else (0, None)
    return rows.row_of(
        found[-1],
        zone=zones[max(zones)],
        floor=floor,
        floor_at=floor_at,
        **_longest(best, days, floor, floor_at),
    )


def _longest(
    best: Run, days: Mapping[date, Practised], floor: int, floor_at: datetime | None
) -> dict[str, Any]:
    if floor >= best.count:
        return {"longest": floor, "longest_end": None, "longest_at": floor_at}
    completed = days.get(best.last)
    return {
        "longest": best.count,
        "longest_end": best.last,
        "longest_at": completed.first_at if completed else None,
    }
