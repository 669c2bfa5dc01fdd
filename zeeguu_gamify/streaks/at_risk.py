"""`streak.at_risk`: who has not practised yet, some hours before their local midnight."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from blinker import signal
from sqlalchemy import Connection, Select, exists, func, select

from zeeguu_gamify.batch import Batch, Step, Work, nothing
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.models import OVERALL, Base, EventReceipt, Streak, UserProfile
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.zones import LocalDay, Zones

log = logging.getLogger("zeeguu_gamify")

NAME = "streak.at_risk"

#: Sent once per user and local date, after the event is committed, with `user_id`, `db_session`
#: (ours, committed after each user), `streak`, `freezes`, `local_date` and `ends_at` (UTC).
streak_at_risk = signal("streak_at_risk")

USERS = 200

_STREAK = Base.metadata.tables[Streak.__tablename__]


@dataclass(frozen=True, slots=True)
class Risk:
    """A streak that ends unless its owner practises today."""

    user_id: int
    streak: int
    freezes: int
    local_date: date
    ends_at: datetime  #: UTC, when the date is over

    def event(self) -> Event:
        """Counted once per user and date, whoever tells it and how often."""
        return Event(
            name=NAME,
            user_id=self.user_id,
            object_id=self.local_date.isoformat(),
            source="gamify",
            context={
                "streak": self.streak,
                "freezes": self.freezes,
                "local_date": self.local_date,
                "ends_at": self.ends_at,
            },
        )


def is_at_risk(mount: Mount, covered_to: date | None, zone: str, at: datetime) -> bool:
    """Whether a run that is covered up to `covered_to` is one to warn of at `at` (UTC).

    The rule of `warn`, of one user, who may have been told already.
    """
    day = LocalDay.of(zone, at)
    soon = timedelta(hours=mount.config.at_risk_hours)
    return covered_to == day.cutoff and day.ends_soon(at, soon)


def warn(connection: Connection, mount: Mount, at: datetime) -> Step:
    """Tell of every overall streak that is alive, not gone on with today, and soon to end."""
    if mount.config.shadow:
        return nothing
    return partial(_warn_batch, _at_risk(Zones(connection, mount, at)))


def _at_risk(zones: Zones) -> Select[Any]:
    local = zones.of(_STREAK.c.user_id)
    receipt = EventReceipt.__table__.c
    told = exists().where(
        receipt.user_id == _STREAK.c.user_id,
        receipt.event == NAME,
        receipt.object_id == local.today,
    )
    found = select(
        _STREAK.c.user_id,
        _STREAK.c.current,
        func.coalesce(UserProfile.freezes, 0).label("freezes"),
        local.today.label("today"),
        local.ends_at.label("ends_at"),
    ).select_from(_STREAK)
    return (
        local.join(found)
        .outerjoin(UserProfile, UserProfile.user_id == _STREAK.c.user_id)
        .where(
            _STREAK.c.language_id == OVERALL,
            _STREAK.c.covered_to == local.cutoff,
            local.ends_soon,
            ~told,
        )
        .order_by(_STREAK.c.user_id)
        .limit(USERS)
    )


def _warn_batch(at_risk: Select[Any], work: Work, after: int) -> Batch:
    rows = work.session.connection().execute(at_risk.where(_STREAK.c.user_id > after)).all()
    risks = [
        Risk(row.user_id, row.current, row.freezes, date.fromisoformat(row.today), row.ends_at)
        for row in rows
        if work.mount.is_enabled_for(row.user_id)
    ]
    told = emit_batch(work.session, [risk.event() for risk in risks])
    new = [risk for risk, outcome in zip(risks, told, strict=True) if not outcome.replayed]
    work.save()
    if not work.dry_run:
        for risk in new:
            _send(work, risk)
    return Batch(rows[-1].user_id if len(rows) == USERS else None, {"users warned": len(new)})


def _send(work: Work, risk: Risk) -> None:
    """Tell the host, whose errors are its own."""
    try:
        streak_at_risk.send(
            None,
            user_id=risk.user_id,
            db_session=work.session,
            streak=risk.streak,
            freezes=risk.freezes,
            local_date=risk.local_date,
            ends_at=risk.ends_at,
        )
        work.session.commit()
    except Exception:
        work.session.rollback()
        log.exception("A listener to streak_at_risk failed for user %s", risk.user_id)
