"""The classes: how the students of one get on, for its teachers and for admins; read only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, exists, func, null, select

from zeeguu_gamify.admin.access import admin
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, listing, number
from zeeguu_gamify.admin.navigation import CLASSES
from zeeguu_gamify.admin.paging import Asked, BySelect, InMemory, Page
from zeeguu_gamify.endpoints.class_overview import in_units, overview_of, title_of
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards.activity_metrics import METRICS, ActivityMetric
from zeeguu_gamify.leaderboards.class_view import SchoolClass, taught_by


def _classes(asked: Asked) -> Select[Any]:
    """All of them for an admin, else those that the user teaches; each with its students."""
    host = asked.mount.host
    cohort, student = host.table("cohort").c, host.table("user_cohort_map").c
    teacher = host.table("teacher_cohort_map").c
    size = (
        select(func.count(student.user_id.distinct()))
        .where(student.cohort_id == cohort.id)
        .scalar_subquery()
    )
    found = select(cohort.id, cohort.name.label("title"), size.label("students"))
    if admin().is_admin:
        return found
    return found.where(
        exists().where(teacher.cohort_id == cohort.id, teacher.user_id == admin().id)
    )


class _ByClass(BySelect):
    """Keyed by the host's table, which only a mounted app knows."""

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        asked.mount.host.require(*CLASSES)
        keys = (asked.mount.host.table("cohort").c.id,)
        return BySelect(self.select, keys).page(asked, cursor, size)


CLASS_LIST = add_list(
    ListPage(
        name="class_list",
        path="/classes",
        title="Classes",
        empty="There are no classes.",
        columns=(
            Column(
                "Class", lambda row: row.title or f"class {row.id}", "strong",
                lambda row: url_for("gamify_admin.school_class", cohort_id=row.id),
            ),
            number("Students", lambda row: row.students),
        ),
        source=_ByClass(_classes, ()),
        has_page=False,
    )
)  # fmt: skip


@panel.route("/classes", endpoint="classes")
def _list() -> str:
    """The classes that the visitor may look at."""
    return render_template(
        "gamify_admin/classes.html", listing=listing(CLASS_LIST), leave=PanelForm()
    )


def _find(asked: Asked) -> SchoolClass:
    """The class, if the visitor may look at it; else there is none. Raises NotFound."""
    mount, id_ = asked.mount, asked.path["cohort_id"]
    mount.host.require(*CLASSES)
    visitor = admin()
    found = (
        _any_class(asked, id_)
        if visitor.is_admin
        else taught_by(asked.session, mount, visitor.id, id_)
    )
    if found is None:
        raise NotFound("There is no such class.")
    return found


def _any_class(asked: Asked, id_: int) -> SchoolClass | None:
    """The class, with the week of the admin's own zone."""
    host = asked.mount.host
    user, cohort = host.table("user"), host.table("cohort")
    zone = user.c.timezone if host.has(Group.ZONE) else null()
    wanted = (
        select(cohort.c.name.label("title"), zone.label("zone"))
        .join_from(cohort, user, user.c.id == admin().id)
        .where(cohort.c.id == id_)
    )
    row = asked.session.execute(wanted).first()
    return (
        None if row is None else SchoolClass(id_, row.title, host.zone_from(admin().id, row.zone))
    )


def _students(asked: Asked) -> Sequence[Any]:
    students: list[Any] = overview_of(asked.mount, _find(asked))["students"]
    return students


def _activity(metric: ActivityMetric) -> Column:
    return number(
        title_of(metric), lambda student: in_units(metric, student["this_week"][metric.code])
    )


def _search(student: Any) -> str | None:
    """For admins, the way to the student's page."""
    if not admin().is_admin:
        return None
    return url_for("gamify_admin.users", q=student["user"]["username"])


def _columns() -> Iterator[Column]:
    yield Column(
        "Student", lambda one: one["user"]["username"] or "", "strong", _search,
        below=Column("Name", lambda one: one["user"]["name"] or ""),
    )  # fmt: skip
    yield number("Streak", lambda one: one["current_streak"])
    yield number("Longest", lambda one: one["longest_streak"])
    yield number("Badges", lambda one: one["badges"])
    yield Column("Last practice", lambda one: one["last_practice"] or "never")
    yield from map(_activity, METRICS.values())


STUDENTS = add_list(
    ListPage(
        name="students",
        path="/classes/<int:cohort_id>",
        title="Students",
        empty="Nobody is in this class yet.",
        columns=tuple(_columns()),
        source=InMemory(_students),
        has_page=False,
    )
)


@panel.route("/classes/<int:cohort_id>", endpoint="school_class")
def _class(cohort_id: int) -> str:
    """Streaks, badges and this week's activity of each student."""
    found = listing(STUDENTS, cohort_id=cohort_id)
    taught = _find(found.asked)
    return render_template(
        "gamify_admin/actions.html", listing=found, title=taught.name or f"class {cohort_id}",
        crumbs=("Classes", url_for("gamify_admin.classes")),
    )  # fmt: skip
