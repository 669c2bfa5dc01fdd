"""What moderators do by hand: grant a badge, revoke one, lift a revocation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.access import admin
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.forms import PanelForm, badge_field, strip, user_field
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.users import User
from zeeguu_gamify.admin.rehearsal import rehearse
from zeeguu_gamify.badges import moderation
from zeeguu_gamify.badges.explain import Standing, explain
from zeeguu_gamify.badges.moderation import Order
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.models import UserBadge
from zeeguu_gamify.mount import Mount

_GRANT: Any = UserBadge.__table__
#: For what a badge is granted, where that is a season.
_A_SEASON = "such as exp:week:2026-11-02"
#: Of what is only rehearsed.
_NO_REASON = "–"


class BadgeForm(PanelForm):
    """Whose badge."""

    user = user_field()
    badge = badge_field()
    context = StringField(
        "For what", [Length(max=64)], [strip],
        description="Only where a badge is granted several times: which quiz, or which season, "
        f"{_A_SEASON}.",
    )  # fmt: skip


class GrantForm(BadgeForm):
    """A badge by hand."""

    silent = BooleanField("Do not tell the user")


class LiftForm(BadgeForm):
    """A revocation taken back."""

    reopen = BooleanField(
        "Let the rules decide anew", description="Instead of restoring the old grant."
    )


def _order(session: Session, mount: Mount, values: Values, reason: str) -> tuple[User, Order]:
    """Who, and what is ordered; raises for what there is not."""
    if mount.config.shadow:
        raise BadInput("In shadow mode the badges are the host's to grant.")
    user = users.called(session, mount, values["user"])
    _check_context(mount, values["badge"], values["context"])
    wanted = moderation.order(
        session, mount, user.id, values["badge"], by=admin().id, reason=reason,
        context=values["context"],
    )  # fmt: skip
    return user, wanted


def _check_context(mount: Mount, code: str, context: str) -> None:
    """As the order does, but in words of the form; raises BadInput."""
    badge = mount.live.by_code.get(code)
    if badge is None:
        return
    if badge.is_repeatable and not context:
        example = _A_SEASON if badge.is_prize else "as the list of its holders has it"
        raise BadInput(f"For what: {code} is granted once for each; say which, {example}.")
    if context and not badge.is_repeatable:
        raise BadInput(f"For what: {code} is granted only once; leave this empty.")


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
        user_id=user.id, old=old, new=_state(session, wanted), to=users.tab_url(user.id),
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
