"""A user's streaks: the calendar of a language, and each streak there is."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import change_url
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, instant, listing, number
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import OVERALL, PracticeDay, Streak, StreakBridge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.calendar_page import practice_calendar
from zeeguu_gamify.streaks.display import shown

_DAY: Any = PracticeDay.__table__
_STREAK: Any = Streak.__table__
_BRIDGE: Any = StreakBridge.__table__
#: So many months are shown at once.
MONTHS = 3
_FORMAT = "%Y-%m"


@dataclass(frozen=True, slots=True)
class Cell:
    """A date of the calendar."""

    day: date
    languages: Sequence[str]
    kind: str  #: practised, the kind of a bridge, missed, before practice began, or to come
    is_today: bool = False  #: the user's own

    @property
    def said(self) -> str:
        """For whoever does not see the colour."""
        return f"{self.kind}{': ' if self.languages else ''}{', '.join(self.languages)}"


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar, week by week; days of other months are None."""

    name: str
    weeks: list[list[Cell | None]]


@dataclass(frozen=True, slots=True)
class StreakRow:
    """A streak, as it stands now."""

    row: Any
    language: str
    current: int

    @property
    def missed(self) -> date | None:
        """The date that ended it, if it is over."""
        covered: date | None = self.row.covered_to
        return None if self.current or covered is None else covered + timedelta(days=1)


def _codes(session: Session, mount: Mount) -> dict[int, str]:
    """The languages of the host."""
    if not mount.host.has(Group.LANGUAGE):
        return {}
    language = mount.host.table("language").c
    return {row.id: row.code for row in session.execute(select(language.id, language.code))}


def _streaks(asked: Asked) -> Sequence[StreakRow]:
    wanted = select(_STREAK).where(_STREAK.c.user_id == asked.path["user_id"])
    codes, now = _codes(asked.session, asked.mount), clock.now()
    return [
        StreakRow(
            row,
            "all" if row.language_id == OVERALL else codes.get(row.language_id, "?"),
            shown(row.current, row.covered_to, row.zone, now),
        )
        for row in asked.session.execute(wanted.order_by(_STREAK.c.language_id))
    ]


STREAKS = add_list(
    ListPage(
        name="user_streak_list",
        path="/users/<int:user_id>/streak-list",
        title="Streaks",
        empty="This user has not practised yet.",
        columns=(
            Column("Language", lambda one: one.language, "tags"),
            number("Current", lambda one: one.current),
            Column("Since", lambda one: one.row.started if one.current else ""),
            Column("Last practice", lambda one: one.row.last_date),
            Column("Missed", lambda one: one.missed or ""),
            number("Longest", lambda one: one.row.longest),
            instant("Reached", lambda one: one.row.longest_at),
            Column("Zone", lambda one: one.row.zone),
        ),
        source=InMemory(_streaks),
        size=20,
        has_page=False,
    )
)


def _days(asked: Asked) -> Sequence[Any]:
    """Every practised date and every bridge: a few for each day of a life."""
    user_id, codes = asked.path["user_id"], _codes(asked.session, asked.mount)
    wanted: Select[Any] = select(_DAY).where(_DAY.c.user_id == user_id)
    practised = [
        (row.local_date, codes.get(row.language_id, ""), row.source, row.zone, row.first_at, "")
        for row in asked.session.execute(wanted)
    ]
    bridges = [
        (row.local_date, "", row.kind.value.lower(), "", row.created_at, row.reason or "")
        for row in asked.session.execute(select(_BRIDGE).where(_BRIDGE.c.user_id == user_id))
    ]
    return sorted([*practised, *bridges], key=lambda row: (row[0], row[1]), reverse=True)


add_list(
    ListPage(
        name="user_days",
        path="/users/<int:user_id>/days",
        title="Practice days",
        columns=(
            Column("Date", lambda row: row[0]),
            Column("Language", lambda row: row[1]),
            Column("How", lambda row: row[2]),
            Column("Zone", lambda row: row[3]),
            instant("At", lambda row: row[4]),
            Column("Why", lambda row: row[5]),
        ),
        source=InMemory(_days),
        has_page=False,
    )
)


@panel.route("/users/<int:user_id>/streaks", endpoint="user_streaks")
def _calendar(user_id: int) -> str:
    """Three months of practice, of one language or all; and the streaks."""
    found = listing(STREAKS, user_id=user_id)
    session, mount = found.asked.session, found.asked.mount
    language = request.args.get("language") or None
    last = _last_month(request.args.get("until"))

    def more() -> dict[str, Any]:
        first = _back(last, MONTHS - 1)
        page = practice_calendar(session, mount, user_id, first, _end(last))
        cells, began = _cells(page, language), _began(session, user_id)
        shown_months = [_back(last, ago) for ago in reversed(range(MONTHS))]
        return {
            "months": [_month(month, cells, began, page["today"]) for month in shown_months],
            "languages": _choices(found.page.rows),
            "language": language,
            "earlier": _url(user_id, _back(last, MONTHS), language),
            "later": _url(user_id, _forth(last, MONTHS), language),
            "repair": change_url("streak.repair", user=user_id, day=_missed(found.page.rows)),
            "is_last": last >= page["today"].replace(day=1),
        }

    return users.tab_page("streaks", found, "user_streaks.html", more)


def _missed(rows: Sequence[StreakRow]) -> date | None:
    """Which day a repair would be of: the one that ended the streak of all languages."""
    return next((one.missed for one in rows if one.row.language_id == OVERALL), None)


def _choices(rows: Sequence[StreakRow]) -> list[str]:
    return [one.language for one in rows if one.row.language_id != OVERALL]


def _url(user_id: int, month: date, language: str | None) -> str:
    until = month.strftime(_FORMAT)
    return url_for("gamify_admin.user_streaks", user_id=user_id, until=until, language=language)


def _last_month(asked: str | None) -> date:
    """The first of the month that is asked for; the present one if none is."""
    if not asked:
        return clock.now().date().replace(day=1)
    try:
        year, month = map(int, asked.split("-"))
        found = date(year, month, 1)
    except (ValueError, OverflowError) as error:
        raise BadInput("until: a month like 2026-11") from error
    if not 2000 <= found.year < 2100:
        raise BadInput("until: a month of this century")
    return found


def _back(month: date, count: int) -> date:
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _forth(month: date, count: int) -> date:
    for _ in range(count):
        month = _end(month) + timedelta(days=1)
    return month


def _end(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _cells(page: dict[str, Any], language: str | None) -> dict[date, Cell]:
    """The dates on which there was something; a bridge is for every language."""
    found = {}
    for day in page["days"]:
        mine = [code for code in day["languages"] if language in (None, code)]
        if mine or (day["practised"] and language is None):
            found[day["date"]] = Cell(day["date"], mine, "practised")
        elif day["bridge"]:
            found[day["date"]] = Cell(day["date"], (), day["bridge"])
    return found


def _began(session: Session, user_id: int) -> date:
    """The first practised date of the user: before it, no day was missed."""
    wanted = select(func.min(_DAY.c.local_date)).where(_DAY.c.user_id == user_id)
    return session.execute(wanted).scalar() or date.max


def _month(month: date, cells: dict[date, Cell], began: date, today: date) -> Month:
    weeks = [
        [_cell(day, cells, began, today) if day.month == month.month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]
    return Month(month.strftime("%B %Y"), weeks)


def _cell(day: date, cells: dict[date, Cell], began: date, today: date) -> Cell:
    found = cells.get(day) or Cell(day, (), _nothing(day, began, today))
    return replace(found, is_today=day == today)


def _nothing(day: date, began: date, today: date) -> str:
    """What it means that there is nothing on the date."""
    if day >= today:
        return "to come"
    return "missed" if day > began else "before practice began"
