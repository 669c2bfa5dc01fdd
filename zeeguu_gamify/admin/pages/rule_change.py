"""What another rule of a badge would do to everybody; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.forms import PanelForm, badge_field
from zeeguu_gamify.admin.pages.catalog import badge_url
from zeeguu_gamify.badges.catalog import Catalog
from zeeguu_gamify.badges.checks import faults
from zeeguu_gamify.badges.definitions import BadgeDefinition
from zeeguu_gamify.badges.rules import AtLeast
from zeeguu_gamify.badges.simulate.change import GAIN, Effect, RuleChange, Totals
from zeeguu_gamify.badges.simulate.supposed import suppose
from zeeguu_gamify.economy.supposed import books_of_grants
from zeeguu_gamify.errors import BadInput, GamifyError, UnknownBadge
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

#: So many users are named.
MOST = 200
#: What is said → how many users are looked at; None: all.
SPANS: dict[str, int | None] = {
    "the first 5,000 users": 5_000,
    "the first 50,000 users": 50_000,
    "everybody": None,
}
_CHOICES: Any = list(SPANS)  # as texts; WTForms is about to give up pairs


class RuleForm(PanelForm):
    """Which badge, and how its rule would be. It changes nothing."""

    badge = badge_field()
    threshold = IntegerField("Threshold", [Optional(), NumberRange(1, MAX_INT)])
    starts_at = DateTimeLocalField("To be earned from (UTC)", validators=[Optional()])
    ends_at = DateTimeLocalField("until", validators=[Optional()])
    max_holders = IntegerField("So many at most", [Optional(), NumberRange(1, MAX_INT)])
    span = SelectField("Look at", choices=_CHOICES)


class _Enough(Exception):
    """As many users as wanted have been looked at."""


@dataclass(slots=True)
class Outcome:
    """What the rule would do."""

    users: int = 0
    effects: list[Effect] = field(default_factory=list)
    totals: dict[str, Totals] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than those named."""
        return sum(one.gain + one.lose for one in self.totals.values()) > len(self.effects)


@panel.route("/rule-change", methods=["GET", "POST"], endpoint="rule_change")
def _rule_change() -> str:
    """The form, and below it who would gain and who would lose."""
    is_asked = request.method == "POST"
    form = RuleForm(request.form if is_asked else request.args)
    found: dict[str, Any] = {}
    if is_asked and form.validate():
        try:
            found = {"outcome": _outcome(form)}
        except GamifyError as error:
            found = {"problem": error.message}
    return render_template(
        "gamify_admin/rule_change.html", form=form, badge_url=badge_url, gain=GAIN,
        **found,
    )  # fmt: skip


def _outcome(form: RuleForm) -> Outcome:
    """In a session in which the database refuses every write."""
    mount = current_mount()
    with read_only(mount.db.engine) as session:
        mount.refresh(session)
        catalog = changed(mount.catalog, form)
        _check(mount, catalog, form.badge.data or "")
        after = suppose(mount, catalog)
        return _counted(session, mount, after, SPANS[form.span.data])


def _check(mount: Mount, catalog: Catalog, code: str) -> None:
    """Raise BadInput where the catalog is not sound with that, in words of the form."""
    family = next(family for family, badge in catalog.badges if badge.code == code)
    levels = [badge.threshold for badge in family.badges]
    if any(low >= high for low, high in pairwise(levels)):
        asked = ", ".join(map(str, levels))
        raise BadInput(
            f"Threshold: the levels of {family.name} would ask for {asked}, which does not rise."
        )
    if problems := list(faults(catalog.families, mount.events, mount.snapshot_fields)):
        raise BadInput(f"That rule cannot be: {'; '.join(problems)}.")


def changed(catalog: Catalog, form: RuleForm) -> Catalog:
    """The catalog with the badge as the form has it; raises UnknownBadge and BadInput."""
    if form.badge.data not in catalog.by_code:
        raise UnknownBadge(form.badge.data, catalog.by_code)
    return Catalog(
        replace(
            family,
            badges=tuple(
                _changed(badge, form) if badge.code == form.badge.data else badge
                for badge in family.badges
            ),
        )
        for family in catalog.families
    )


def _changed(badge: BadgeDefinition, form: RuleForm) -> BadgeDefinition:
    """What is left empty stays as it is."""
    names = ("starts_at", "ends_at", "max_holders")
    new: dict[str, Any] = {name: form[name].data for name in names if form[name].data is not None}
    if form.threshold.data is not None:
        if not isinstance(badge.test, AtLeast):
            raise BadInput(f"threshold: {badge.code} asks for more than a number")
        new["test"] = replace(badge.test, threshold=form.threshold.data)
    if not new:
        raise BadInput("Say what would be different.")
    return replace(badge, **new)


def _counted(session: Session, mount: Mount, after: Mount, limit: int | None) -> Outcome:
    books = books_of_grants(session, mount)
    found = RuleChange(session, mount, after, clock.now(), books_of=books)
    outcome = Outcome(untold=found.untold)

    def heard(_users: int) -> None:
        if limit is not None and found.users >= limit:
            raise _Enough

    try:
        for effect in found.effects(heard):
            if len(outcome.effects) < MOST:
                outcome.effects.append(effect)
    except _Enough:
        pass
    outcome.users, outcome.totals = found.users, found.totals
    return outcome
