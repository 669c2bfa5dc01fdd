"""The first page: is all well? What waits, and what the jobs did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from zeeguu_gamify import settings
from zeeguu_gamify.admin import access, changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.doctor import Health, examine
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.jobs import fence, schedule
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

#: The worst first.
_ORDER = (Health.BAD, Health.WARNING, Health.GOOD)


@panel.route("/", endpoint="overview")
def _overview() -> str:
    """What the doctor says; and, once the tables are there, what is going on."""
    mount = current_mount()
    with read_only(mount.db.engine) as session:
        findings = examine(current_app, session, mount)
        is_sound = all(finding.health is not Health.BAD for finding in findings)
        facts = _facts(session) if is_sound else {}
    findings.sort(key=lambda finding: _ORDER.index(finding.health))
    return render_template(
        "gamify_admin/overview.html",
        findings=findings, wrong=sum(one.health is not Health.GOOD for one in findings),
        catalog=mount.catalog, leave=PanelForm(), **facts,
    )  # fmt: skip


def _facts(session: Session) -> dict[str, Any]:
    waiting, oldest = claims.backlog(session)
    last = fence.last_runs(session)
    return {
        "paused": settings.read(session).get(settings.PAUSED),
        "waiting": waiting,
        "oldest": oldest,
        "parked": claims.parked(session),
        "jobs": [(job, last.get(job.name)) for job in schedule.JOBS],
        "last_done": fence.last_done(session, [job.name for job in schedule.JOBS]),
    }


@panel.route("/leave", methods=["POST"], endpoint="leave")
def _leave() -> Response:
    """Forget the session here."""
    form = PanelForm(request.form)
    if not form.validate():
        raise BadInput("This form is too old; go back and try again.")
    return access.leave()


def _plan_pause(session: Session, _mount: Mount, _values: Values) -> Plan:
    if (reason := settings.read(session).get(settings.PAUSED)) is not None:
        raise BadInput(f"Events are paused already: {reason}")
    return Plan(
        (
            "Every process stops counting events, within seconds.",
            "What happens meanwhile is not counted, now or later; pages go on answering.",
            "Jobs wait, so that no streak ends.",
        )
    )


def _pause(session: Session, _mount: Mount, _values: Values, reason: str) -> Done:
    settings.write(session, settings.PAUSED, reason)
    return Done(message="Events are paused.", subject="events", new={"paused": reason}, to=_here())


def _plan_resume(session: Session, _mount: Mount, _values: Values) -> Plan:
    reason = settings.read(session).get(settings.PAUSED)
    if reason is None:
        raise BadInput("Events are not paused.")
    return Plan((f"Events, which are paused ({reason}), are counted again, within seconds.",))


def _resume(session: Session, _mount: Mount, _values: Values, _reason: str) -> Done:
    old: Mapping[str, Any] = {"paused": settings.read(session).get(settings.PAUSED)}
    settings.drop(session, settings.PAUSED)
    return Done(message="Events are counted again.", subject="events", old=old, to=_here())


def _plan_retry(session: Session, _mount: Mount, _values: Values) -> Plan:
    parked = claims.parked(session)
    if not parked:
        raise BadInput("Nothing is parked.")
    return Plan(("What failed too often is tried again now.",), {"messages": len(parked)})


def _retry(session: Session, _mount: Mount, _values: Values, _reason: str) -> Done:
    again = claims.retry(session)
    return Done(
        message=f"{again} messages are tried again.", subject="outbox", new={"messages": again},
        to=_here(),
    )  # fmt: skip


def _here() -> str:
    return url_for("gamify_admin.overview")


changes.add(
    Change(
        name="events.pause", title="Pause events", button="Pause events",
        about="The switch for the hour of trouble.",
        describe=_plan_pause, apply=_pause, after=Mount.forget, is_dangerous=True,
    )
)  # fmt: skip
changes.add(
    Change(
        name="events.resume", title="Resume events", button="Resume events",
        describe=_plan_resume, apply=_resume, after=Mount.forget,
    )
)  # fmt: skip
changes.add(
    Change(
        name="outbox.retry", title="Try parked messages again", button="Try again",
        describe=_plan_retry, apply=_retry, after=Mount.wake,
    )
)  # fmt: skip
