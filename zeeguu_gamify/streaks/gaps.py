"""Missed dates right behind a run: those that may be bridged by hand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zeeguu_gamify.models import OVERALL
from zeeguu_gamify.streaks import calendar
from zeeguu_gamify.streaks.chain import runs
from zeeguu_gamify.streaks.ledger import Ledger


def zone_on(known: Ledger, day: date, otherwise: str) -> str:
    """The zone in which a user lived `day`: that of the last practice until then."""
    until = [item for item in known.practised if item.day <= day]
    return max(until, key=lambda item: item.day).zone if until else otherwise


def missed(known: Ledger, dates: Sequence[date], zone: str) -> list[date]:
    """Of `dates`, in order, those on which a run broke; one found is bridged for the next."""
    days = {day: item.zone for day, item in known.days(OVERALL).items()}
    chain = runs(days, dict.fromkeys(known.bridges, False))
    covered: set[date] = set()
    found = []
    for day in dates:
        before = calendar.before(day, zone)
        alive = before in covered or any(run.start <= before <= run.covered_to for run in chain)
        if alive and day not in days and day not in known.bridges:
            found.append(day)
        if alive or day in days:
            covered.add(day)
    return found
