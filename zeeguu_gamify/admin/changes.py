"""Changes: each is asked for by a form, says what it will do, and is done with a reason, on record.

A change is data; `add` gives it its pages. The steps:

1. GET  /change/<name>  the form, prefilled by the query
2. POST                 `describe` finds out what would be done, and the page asks for the reason
3. POST with a reason   if that is still what would be done: `apply` and the line of the audit log,
                        in one transaction. The same form sent again, say by a double click, is not
                        done again
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length

from zeeguu_gamify.admin import audit, flashes
from zeeguu_gamify.admin.blueprint import keep_for_back, panel
from zeeguu_gamify.admin.forms import PanelForm, reason_field
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.errors import GamifyError, NotFound
from zeeguu_gamify.mount import Mount, current_mount

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do, found out without doing it."""

    lines: tuple[str, ...]  #: in sentences; when they differ later, the page asks again
    counts: Mapping[str, int] = field(default_factory=dict)  #: what → how many, about

    @property
    def fingerprint(self) -> str:
        """What is agreed to."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a change has done, for the audit log and the next page."""

    message: str  #: what the next page says
    subject: str  #: what it was done to, in words
    user_id: int | None = None  #: whom it is about; then name nobody else in what follows
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    to: str | None = None  #: URL of the next page; else that of the line in the audit log
    secret: str | None = None  #: shown at once, and never again


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that an admin may change.

    name: e.g. "badge.revoke"; the action in the audit log, and in the URL.
    form: what it must be told; a PanelForm without fields when nothing.
    describe: what it would do to these values; writes nothing. Raises a GamifyError when it cannot.
    apply: does it, in the transaction in which it is recorded; the last argument is the reason.
        It is the first thing of that transaction, and does not commit.
    after: called once it is committed, e.g. to wake the publisher.
    is_dangerous: it cannot be taken back, or many will notice.
    """

    name: str
    title: str
    button: str
    describe: Callable[[Session, Mount, Values], Plan]
    apply: Callable[[Session, Mount, Values, str], Done]
    form: type[PanelForm] = PanelForm
    about: str = ""
    after: Callable[[Mount], None] = lambda _mount: None
    is_dangerous: bool = False

    @property
    def url(self) -> str:
        """Where it is asked for."""
        return change_url(self.name)


#: Name → change.
CHANGES: dict[str, Change] = {}


class Confirmation(PanelForm):
    """The second step: the reason, what was agreed to, and by which form."""

    reason = reason_field()
    agreed = HiddenField()
    form_id = HiddenField(validators=[DataRequired(), Length(max=32)])


def add(change: Change) -> Change:
    """Let the panel offer `change`."""
    CHANGES[change.name] = change
    return change


def change_url(name: str, **values: Any) -> str:
    """Where the change is asked for, with the form prefilled."""
    return url_for("gamify_admin.change", name=name, **values)


@panel.route("/change/<name>", methods=["GET", "POST"], endpoint="change")
def _change(name: str) -> Response | str:
    wanted = CHANGES.get(name)
    if wanted is None:
        raise NotFound(f"There is no change called {name}.")
    if request.method == "GET":
        form = wanted.form(request.args)
        return form_page(wanted, form) if form.inputs else _ask(wanted, form)
    form = wanted.form(request.form)
    is_valid, is_agreed = form.validate(), "agreed" in request.form
    if is_agreed and form.token_problem:  # the reason is not to be lost by that
        return _ask(wanted, form, Confirmation(request.form), form.token_problem)
    if not is_valid:
        return form_page(wanted, form)
    return _do(wanted, form, Confirmation(request.form)) if is_agreed else _ask(wanted, form)


def form_page(change: Change, form: PanelForm, problem: str = "") -> str:
    """The first step."""
    keep_for_back()
    return render_template("gamify_admin/change.html", change=change, form=form, problem=problem)


def _plan(change: Change, values: Values) -> Plan:
    """What would be done now; a transaction of its own, which is taken back."""
    mount = current_mount()
    session = mount.db.session()
    mount.refresh(session)
    try:
        return change.describe(session, mount, values)
    finally:
        session.rollback()


def _ask(
    change: Change, form: PanelForm, asked: Confirmation | None = None, problem: str = ""
) -> str:
    """The second step."""
    try:
        plan = _plan(change, form.values)
    except GamifyError as error:
        return _refused(change, form, error)
    return _confirm(change, form, asked or Confirmation(), plan, problem)


def _confirm(
    change: Change, form: PanelForm, asked: Confirmation, plan: Plan, problem: str = ""
) -> str:
    asked.agreed.data = plan.fingerprint
    asked.form_id.data = asked.form_id.data or secrets.token_hex(16)
    keep_for_back()
    return render_template(
        "gamify_admin/confirm.html",
        change=change, form=form, asked=asked, plan=plan, problem=problem,
    )  # fmt: skip


def _refused(change: Change, form: PanelForm, error: GamifyError) -> str:
    """The first step again, with what is wrong; an error page where nothing is to be filled in."""
    if not form.inputs:
        raise error
    return form_page(change, form, error.message)


def _do(change: Change, form: PanelForm, asked: Confirmation) -> Response | str:
    """The third step; of a form that is sent twice, once."""
    agreed, form_id = asked.agreed.data, str(asked.form_id.data)
    if not asked.validate():
        return _ask(change, form, asked)
    if (line := _line_of(form_id)) is not None:
        return redirect(_entry(line))
    try:
        plan = _plan(change, form.values)
        if plan.fingerprint != agreed:
            problem = "Things have changed meanwhile. This is what it would do now:"
            return _confirm(change, form, asked, plan, problem)
        line, done = committed(_apply, change, form.values, str(asked.reason.data), form_id)
    except GamifyError as error:
        return _refused(change, form, error)
    except IntegrityError:
        if (line := _line_of(form_id)) is None:
            raise
        return redirect(_entry(line))
    change.after(current_mount())
    if done.secret is not None:  # in this answer alone: no cookie, no log, no page has it
        return render_template(
            "gamify_admin/secret.html", change=change, done=done, to=done.to or _entry(line)
        )
    answer = redirect(done.to or _entry(line))
    flashes.flash(answer, done.message)
    return answer


def _line_of(form_id: str) -> int | None:
    session = current_mount().db.session()
    line = audit.line_of(session, form_id)
    session.rollback()
    return line


def _entry(line: int) -> str:
    return url_for("gamify_admin.audit_entry", id_=line)


def _apply(
    session: Session, mount: Mount, change: Change, values: Values, reason: str, form_id: str
) -> tuple[int, Done]:
    done = change.apply(session, mount, values, reason)
    line = audit.record(
        session, form_id, change.name, subject=done.subject, reason=reason, user_id=done.user_id,
        old=_plain(done.old), new=_plain(done.new),
    )  # fmt: skip
    return line, done


def _plain(values: Mapping[str, Any] | None) -> Any:
    """As JSON keeps it: dates and the like as text."""
    return None if values is None else json.loads(json.dumps(dict(values), default=str))
