"""Jobs: what each does, how it ran, and running one now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from zeeguu_gamify import clock
from zeeguu_gamify.admin import background, changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values, change_url
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, instant, links, listing
from zeeguu_gamify.admin.pages.acting import add_acting
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal, InMemory
from zeeguu_gamify.batch import Job
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.jobs import fence, orders, schedule
from zeeguu_gamify.jobs.orders import Order
from zeeguu_gamify.models import JobRun, JobState
from zeeguu_gamify.mount import Mount

_RUN: Any = JobRun.__table__
#: In minutes.
_UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))


class JobForm(PanelForm):
    """Which job."""

    job = StringField("Job", [InputRequired(), Length(max=64)])


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job, with its last run."""

    job: Job
    last: Any

    @property
    def state(self) -> str:
        """Of the last run."""
        return "not yet" if self.last is None else str(self.last.state.value.lower())


def _did(run: Any) -> str:
    """What a run has done, once it is over."""
    if run is None:
        return ""
    return str(run.summary or ("nothing to do" if run.state is JobState.DONE else ""))


def _every(job: Job) -> str:
    """How long its periods are, e.g. "15 minutes"."""
    minutes = int(job.every.total_seconds()) // 60
    size, unit = next(it for it in _UNITS if minutes % it[0] == 0)
    return f"{minutes // size} {unit}{'s' if minutes != size else ''}"


def _jobs(asked: Asked) -> Sequence[JobRow]:
    last = fence.last_runs(asked.session)
    return [JobRow(job, last.get(job.name)) for job in schedule.JOBS]


def _doing(row: JobRow) -> list[tuple[str, str]]:
    return [("Run now", change_url("job.run", job=row.job.name))]


add_acting(
    ListPage(
        name="job_list",
        path="/jobs",
        title="Jobs",
        about="What the scheduler does, at each quarter of an hour or at UTC midnight.",
        columns=(
            Column(
                "Job", lambda row: row.job.name, "strong",
                lambda row: url_for("gamify_admin.job", job=row.job.name),
                below=Column("Does", lambda row: row.job.meaning),
            ),
            instant("Last run", lambda row: row.last and row.last.started_at),
            Column("State", lambda row: row.state, "tags"),
            Column("Did", lambda row: _did(row.last)),
            links("Do", _doing),
        ),
        source=InMemory(_jobs),
        has_page=False,
    ),
    "jobs",
    [],
)  # fmt: skip


def _of_job(asked: Asked) -> Equal:
    return _RUN.c.job, asked.path["job"]


def _runs(_asked: Asked) -> Select[Any]:
    return select(_RUN)


RUNS = add_list(
    ListPage(
        name="job_runs",
        path="/jobs/<job>",
        title="Runs",
        empty="It has not run in the last 30 days.",
        columns=(
            Column("Period", lambda row: row.period, "code"),
            instant("Began", lambda row: row.started_at),
            instant("Ended", lambda row: row.finished_at),
            Column("State", lambda row: row.state.value.lower(), "tags"),
            Column("Did", _did),
            Column("By", lambda row: row.holder, "code"),
        ),
        source=BySelect(_runs, keys=(_RUN.c.period,), within=_of_job),
        has_page=False,
    )
)


@panel.route("/jobs/<job>", endpoint="job")
def _job(job: str) -> str:
    """How a job ran, the newest first."""
    found = schedule.job_called(job)
    return render_template(
        "gamify_admin/actions.html", listing=listing(RUNS, job=job), title=found.name,
        facts={"Does": found.meaning, "Every": _every(found)},
        actions=[("Run now", change_url("job.run", job=job))],
        crumbs=("Jobs", url_for("gamify_admin.jobs")),
    )  # fmt: skip


def _plan(session: Session, mount: Mount, values: Values) -> Plan:
    job = schedule.job_called(values["job"])
    if schedule.is_idle(session, mount):
        raise BadInput("Events are paused, so jobs wait.")
    return Plan((f"{job.name} runs now, in the background: {job.meaning}.",))


def _run(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    _plan(session, mount, values)
    at = clock.now().isoformat()
    orders.place(session, Order(values["job"], at, {"at": at}))
    return Done(
        message=f"{values['job']} runs.", subject=values["job"], new={"as of": at},
        to=url_for("gamify_admin.job", job=values["job"]),
    )  # fmt: skip


changes.add(
    Change(
        name="job.run", title="Run a job now", button="Run it", form=JobForm,
        describe=_plan, apply=_run, after=background.go_on,
    )
)  # fmt: skip
