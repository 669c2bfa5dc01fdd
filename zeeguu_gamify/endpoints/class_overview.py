"""The class page: how the students of a class get on, for its teachers; JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, g
from sqlalchemy import Row

from zeeguu_gamify import clock
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, gives_other
from zeeguu_gamify.endpoints.classes import class_id
from zeeguu_gamify.endpoints.people import member
from zeeguu_gamify.endpoints.schemas import leaderboards_activity as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import Forbidden
from zeeguu_gamify.friends import people
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards import activity, periods
from zeeguu_gamify.leaderboards.activity_members import students_of
from zeeguu_gamify.leaderboards.activity_metrics import METRICS, ActivityMetric
from zeeguu_gamify.leaderboards.activity_span import Span
from zeeguu_gamify.leaderboards.class_view import SchoolClass, taught_by, with_standing
from zeeguu_gamify.models import Period
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.spreadsheets import BOM, lines
from zeeguu_gamify.streaks import calendar
from zeeguu_gamify.streaks.display import shown

blueprint = GamifyBlueprint("class_overview")

NOT_YOURS = "You can only view the overview of classes you teach."
MINUTE = 60_000


# ---------------------------------------------------------------------------
@blueprint.route("/class_overview/<cohort_id>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.ClassOverviewSchema())
def class_overview(cohort_id: str) -> dict[str, Any]:
    """Streaks, badges and this week's activity of each student, for a teacher of the class."""
    return _overview(cohort_id)


# ---------------------------------------------------------------------------
@blueprint.route("/class_overview/<cohort_id>.csv", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives_other("text/csv")
def class_overview_csv(cohort_id: str) -> Response:
    """The same as a table for a spreadsheet; times in minutes."""
    overview = _overview(cohort_id)
    text = lines(_lines(overview["students"]))
    name = f"class_{overview['cohort'].id}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response((BOM + text).encode(), mimetype="text/csv", headers=headers)


def _overview(cohort_id: str) -> dict[str, Any]:
    """Three statements, whatever the number of students."""
    mount = current_mount()
    mount.host.require(Group.NAMES, Group.ACTIVITY, Group.COHORT)
    taught = taught_by(mount.db.session, mount, g.user_id, class_id(cohort_id))
    if taught is None:
        raise Forbidden(NOT_YOURS)
    return overview_of(mount, taught)


def overview_of(mount: Mount, taught: SchoolClass) -> dict[str, Any]:
    """The class with its students, in two statements; the week is that of its teacher's zone."""
    now = clock.now()
    monday = periods.current(Period.WEEK, now, taught.zone)
    week = Span(calendar.begins(monday, taught.zone), now)
    return {"cohort": taught, "week_starts": monday, "students": _students(mount, taught, week)}


def _students(mount: Mount, taught: SchoolClass, week: Span) -> list[dict[str, Any]]:
    students = with_standing(mount, people.cards(mount, students_of(mount, taught.id)))
    session, metrics = mount.db.session, list(METRICS.values())
    rows, totals = activity.with_totals(session, mount, students, metrics, week)
    return [
        {
            "user": member(row),
            "current_streak": _current(mount, row, week),
            "longest_streak": row.longest or 0,
            "badges": row.badges,
            "last_practice": row.last_date,
            "this_week": {code: sums.get(row.id, 0) for code, sums in totals.items()},
        }
        for row in rows
    ]


def _current(mount: Mount, row: Row[Any], week: Span) -> int:
    zone = mount.host.zone_from(row.id, row.zone)
    return shown(row.current or 0, row.covered_to, zone, week.last)


def _lines(students: list[dict[str, Any]]) -> Iterator[list[Any]]:
    """The cells, with what they are above them."""
    yield [
        "Name", "Username", "Current streak", "Longest streak", "Badges", "Last practice",
        *map(title_of, METRICS.values()),
    ]  # fmt: skip
    for student in students:
        yield [
            student["user"]["name"],
            student["user"]["username"],
            student["current_streak"],
            student["longest_streak"],
            student["badges"],
            student["last_practice"],
            *(in_units(METRICS[code], value) for code, value in student["this_week"].items()),
        ]


def title_of(metric: ActivityMetric) -> str:
    """What a column of this week's activity is called."""
    title = metric.code.replace("_", " ").capitalize()
    return f"{title} this week" + (" (minutes)" if metric.is_time else "")


def in_units(metric: ActivityMetric, value: int) -> float:
    """Times in minutes, all else as it is."""
    return round(value / MINUTE, 1) if metric.is_time else value
