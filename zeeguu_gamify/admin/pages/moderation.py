"""What moderators do to a user: badges by hand, refunds, repaired days, recounted streaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.access import admin
from zeeguu_gamify.admin.blueprint import MAX_ID
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.users import User
from zeeguu_gamify.admin.rehearsal import rehearse
from zeeguu_gamify.badges import moderation
from zeeguu_gamify.badges.explain import Standing, explain
from zeeguu_gamify.badges.moderation import Order
from zeeguu_gamify.economy import redeem
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.events import Outcome
from zeeguu_gamify.models import Reward, RewardRedemption, UserBadge
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.repair import repair
from zeeguu_gamify.streaks.reset import recompute

_GRANT: Any = UserBadge.__table__
_REDEMPTION: Any = RewardRedemption.__table__
_REWARD: Any = Reward.__table__
#: Of what is only rehearsed.
_NO_REASON = "–"


def user_field() -> StringField:
    """Who; a username or an id."""
    return StringField("User", [InputRequired(), Length(max=100)], description="Username or id.")


class BadgeForm(PanelForm):
    """Whose badge."""

    user = user_field()
    badge = StringField(
        "Badge",
        [InputRequired(), Length(max=64)],
        description="Its code.",
        render_kw={"list": "badge-codes"},
    )
    context = StringField(
        "For what", [Length(max=64)], description="Only where a badge is granted several times."
    )


class GrantForm(BadgeForm):
    """A badge by hand."""

    silent = BooleanField("Do not tell the user")


class LiftForm(BadgeForm):
    """A revocation taken back."""

    reopen = BooleanField(
        "Let the rules decide anew", description="Instead of restoring the old grant."
    )


class RefundForm(PanelForm):
    """Which purchase."""

    redemption = IntegerField("Purchase", [InputRequired(), NumberRange(1, MAX_ID)])


class DayForm(PanelForm):
    """A date that a user missed."""

    user = user_field()
    day = DateField("Date", [InputRequired()], description="The user's own date.")


class UserForm(PanelForm):
    """Whose."""

    user = user_field()


# --- badges ------------------------------------------------------------------------------------


def _order(session: Session, mount: Mount, values: Values, reason: str) -> tuple[User, Order]:
    """Who, and what is ordered; raises for what there is not."""
    if mount.config.shadow:
        raise BadInput("In shadow mode the badges are the host's to grant.")
    user = users.called(session, mount, values["user"])
    wanted = moderation.order(
        session, mount, user.id, values["badge"].strip(), by=admin().id, reason=reason,
        context=(values["context"] or "").strip(),
    )  # fmt: skip
    return user, wanted


#: Does what is ordered.
Do = Callable[[Session, Mount, Order, Values], None]


def _grant(session: Session, mount: Mount, wanted: Order, values: Values) -> None:
    moderation.grant(session, mount, wanted, silent=bool(values["silent"]))


def _revoke(session: Session, _mount: Mount, wanted: Order, _values: Values) -> None:
    moderation.revoke(session, wanted)


def _lift(session: Session, _mount: Mount, wanted: Order, values: Values) -> None:
    moderation.lift(session, wanted, reopen=bool(values["reopen"]))


def _plan_badge(
    session: Session, mount: Mount, values: Values, do: Do, say: Callable[..., tuple[str, ...]]
) -> Plan:
    def work() -> tuple[User, Order]:
        user, wanted = _order(session, mount, values, _NO_REASON)
        do(session, mount, wanted, values)
        return user, wanted

    user, wanted = _order(session, mount, values, _NO_REASON)
    _, counts = rehearse(session, mount, user.id, work)
    return Plan(say(session, mount, user, wanted, values), counts)


def _apply_badge(
    session: Session, mount: Mount, values: Values, reason: str, do: Do, say: Callable[..., str]
) -> Done:
    user, wanted = _order(session, mount, values, reason)
    old = _state(session, wanted)
    do(session, mount, wanted, values)
    return Done(
        message=say(user, wanted),
        subject=_called(wanted),
        user_id=user.id, old=old, new=_state(session, wanted), to=_url(user.id),
    )  # fmt: skip


def _called(wanted: Order) -> str:
    context = f" for {wanted.context}" if wanted.context else ""
    return f"{wanted.badge.code}{context}, user {wanted.user_id}"


def _state(session: Session, wanted: Order) -> dict[str, Any] | None:
    """The grant as it stands, for the record."""
    row = _GRANT.c
    found = session.execute(
        select(row.achieved_at, row.source, row.revoked_at).where(
            row.user_id == wanted.user_id, row.badge_id == wanted.badge.id,
            row.context == wanted.context,
        )
    ).first()  # fmt: skip
    return None if found is None else dict(found._mapping)


def _say_grant(
    session: Session, mount: Mount, user: User, wanted: Order, values: Values
) -> tuple[str, ...]:
    (found,) = explain(session, mount, user.id, [wanted.badge])
    earned = found.standing is Standing.EARNED
    rule = (
        "The rule would grant it too."
        if earned
        else "By its rule it is not earned: "
        + "; ".join(found.missing or ("its test does not pass",))
    )
    told = "The user is not told." if values["silent"] else "The user is told, and is paid for it."
    return f"{user.name} gets {_title(wanted)}.", rule, told


def _say_revoke(
    _session: Session, _mount: Mount, user: User, wanted: Order, _values: Values
) -> tuple[str, ...]:
    return (
        f"{user.name} loses {_title(wanted)}.",
        "No rule grants it again until that is lifted.",
        "What it has paid is taken back.",
    )


def _say_lift(
    _session: Session, _mount: Mount, user: User, wanted: Order, values: Values
) -> tuple[str, ...]:
    if values["reopen"]:
        return (
            f"The old grant of {_title(wanted)} to {user.name} is forgotten.",
            "The next event, sweep or backfill grants it, if it is earned.",
        )
    return (f"{user.name} has {_title(wanted)} again, with its old date, and is paid for it.",)


def _title(wanted: Order) -> str:
    badge = wanted.badge
    context = f" for {wanted.context}" if wanted.context else ""
    return (f"{badge.name} ({badge.code})" if badge.name else badge.code) + context


def _url(user_id: int, tab: str = "") -> str:
    return url_for(f"gamify_admin.{users.tab_of(tab)}", user_id=user_id)


def _badge_change(
    name: str, title: str, do: Do, say: Callable[..., tuple[str, ...]], done: str, **more: Any
) -> None:
    changes.add(
        Change(
            name=f"award.{name}", title=title, button=title,
            describe=partial(_plan_badge, do=do, say=say),
            apply=partial(
                _apply_badge, do=do,
                say=lambda user, wanted: done.format(badge=_title(wanted), user=user.name),
            ),
            after=Mount.wake, **more,
        )
    )  # fmt: skip


_badge_change(
    "grant", "Grant a badge", _grant, _say_grant, "{user} has {badge} now.", form=GrantForm,
    about="Whatever its rule says.",
)  # fmt: skip
_badge_change(
    "revoke", "Revoke a badge", _revoke, _say_revoke, "{badge} is revoked from {user}.",
    form=BadgeForm, is_dangerous=True,
)  # fmt: skip
_badge_change(
    "lift", "Lift a revocation", _lift, _say_lift, "{badge} is lifted for {user}.",
    form=LiftForm,
)  # fmt: skip


# --- purchases ---------------------------------------------------------------------------------


def _purchase(session: Session, values: Values) -> Any:
    wanted = (
        select(_REDEMPTION, _REWARD.c.code)
        .join_from(_REDEMPTION, _REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id)
        .where(_REDEMPTION.c.id == values["redemption"])
    )
    found = session.execute(wanted).first()
    if found is None:
        raise NotFound(f"There is no purchase {values['redemption']}.")
    return found


def _plan_refund(session: Session, mount: Mount, values: Values) -> Plan:
    row = _purchase(session, values)
    user = users.find(session, mount, row.user_id)
    _, counts = rehearse(session, mount, user.id, lambda: redeem.refund(session, row.id))
    return Plan(
        (
            f"{user.name} gets {row.cost} coins back for {row.code}.",
            "What was bought is taken back, and is in stock again.",
        ),
        counts,
    )


def _refund(session: Session, _mount: Mount, values: Values, _reason: str) -> Done:
    back = redeem.refund(session, values["redemption"])
    user_id = _purchase(session, values).user_id
    return Done(
        message=f"{back.cost} coins are given back for {back.reward}.",
        subject=f"purchase {back.id} of {back.reward}",
        user_id=user_id,
        old={"status": "GRANTED"},
        new={"status": back.status.value, "coins": back.cost},
        to=_url(user_id, "purchases"),
    )


changes.add(
    Change(
        name="redemption.refund", title="Refund a purchase", button="Give the coins back",
        form=RefundForm, describe=_plan_refund, apply=_refund, after=Mount.wake,
    )
)  # fmt: skip


# --- streaks -----------------------------------------------------------------------------------


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
        to=_url(user.id, "streaks"),
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
        to=_url(user.id, "streaks"),
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
