"""What moderators do to a user's streaks: repair a day that was missed, count them anew."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from wtforms import DateField
from wtforms.validators import InputRequired

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm, user_field
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.rehearsal import rehearse
from zeeguu_gamify.events import Outcome
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.repair import repair
from zeeguu_gamify.streaks.reset import recompute

#: Of what is only rehearsed.
_NO_REASON = "–"


class DayForm(PanelForm):
    """A date that a user missed."""

    user = user_field()
    day = DateField("Date", [InputRequired()], description="The user's own date.")


class UserForm(PanelForm):
    """Whose."""

    user = user_field()


def _plan_repair(session: Session, mount: Mount, values: Values) -> Plan:
    user, day = users.called(session, mount, values["user"]), _day(values)
    outcome, counts = rehearse(
        session, mount, user.id, lambda: repair(session, user.id, day, _NO_REASON)
    )
    return Plan(
        (
            f"{day} is bridged for {user.name}, and counts as practised.",
            f"The streak is {outcome.streak} then.",
        ),
        counts,
    )


def _repair(session: Session, mount: Mount, values: Values, reason: str) -> Done:
    user, day = users.called(session, mount, values["user"]), _day(values)
    session.rollback()  # repairing must be the first of its transaction
    outcome = repair(session, user.id, day, reason)
    return Done(
        message=f"{day} is repaired; the streak of {user.name} is {outcome.streak} now.",
        subject=f"{day} of user {user.id}", user_id=user.id, new=_streak(outcome) | {"date": day},
        to=users.tab_url(user.id, "streaks"),
    )  # fmt: skip


def _day(values: Values) -> date:
    found: date = values["day"]
    return found


def _streak(outcome: Outcome) -> dict[str, Any]:
    return {"streak": outcome.streak}


def _plan_recompute(session: Session, mount: Mount, values: Values) -> Plan:
    user = users.called(session, mount, values["user"])
    outcome, counts = rehearse(session, mount, user.id, lambda: recompute(session, mount, user.id))
    return Plan(
        (
            f"The streaks of {user.name} are counted anew, from practice days and bridges.",
            f"The streak is {outcome.streak} then.",
        ),
        counts,
    )


def _recompute(session: Session, mount: Mount, values: Values, _reason: str) -> Done:
    user = users.called(session, mount, values["user"])
    outcome = recompute(session, mount, user.id)
    return Done(
        message=f"The streaks of {user.name} are counted anew; the streak is {outcome.streak}.",
        subject=f"streaks of user {user.id}", user_id=user.id, new=_streak(outcome),
        to=users.tab_url(user.id, "streaks"),
    )  # fmt: skip


changes.add(
    Change(
        name="streak.repair", title="Repair a day", button="Repair it", form=DayForm,
        about="A date that the user missed, as if it had been practised.",
        describe=_plan_repair, apply=_repair, after=Mount.wake,
    )
)  # fmt: skip
changes.add(
    Change(
        name="streak.recompute", title="Recount streaks", button="Count anew", form=UserForm,
        describe=_plan_recompute, apply=_recompute, after=Mount.wake,
    )
)  # fmt: skip
