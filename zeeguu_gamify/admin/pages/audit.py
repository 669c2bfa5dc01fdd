"""The audit log: who changed what in the panel, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, instant
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, named, person
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import AdminAudit
from zeeguu_gamify.mount import Mount, current_mount

_AUDIT: Any = AdminAudit.__table__


def _lines(mount: Mount) -> Select[Any]:
    """Each with the names of who did it, and of whom it is about."""
    user = mount.host.table("user")
    whom = user.alias()
    return (
        select(_AUDIT, name_column(mount, user), name_column(mount, whom, "whom"))
        .join_from(_AUDIT, user, user.c.id == _AUDIT.c.actor_id, isouter=True)
        .outerjoin(whom, whom.c.id == _AUDIT.c.user_id)
    )


#: Filter → the column of users that it narrows down.
_PEOPLE = {"by": _AUDIT.c.actor_id, "user": _AUDIT.c.user_id}


def _audit(asked: Asked) -> Select[Any]:
    found = _lines(asked.mount)
    if "action" in asked.filters:
        found = found.where(_AUDIT.c.action == asked.filters["action"])
    for name in _PEOPLE.keys() & asked.filters:
        user_id = asked.mount.host.user_called(asked.session, asked.filters[name])
        found = found.where(~true() if user_id is None else _PEOPLE[name] == user_id)
    return found


def _actions(_asked: Asked) -> Iterable[tuple[str, str]]:
    return [(name, change.title) for name, change in sorted(changes.CHANGES.items())]


def _url(row: Any) -> str:
    return url_for("gamify_admin.audit_entry", id_=row.id)


_WHEN = instant("When", lambda row: row.at)
_WHO = person("Who", "actor_id")
_WHAT = Column("What", lambda row: row.action, "code", _url)
_OF = Column("Of", lambda row: row.subject)
_WHY = Column("Why", lambda row: row.reason)

add_list(
    ListPage(
        name="audit",
        path="/audit",
        title="Audit log",
        about="What was changed in the panel, the newest first.",
        empty="Nothing has been changed in the panel.",
        columns=(_WHEN, _WHO, _WHAT, person("To whom", "user_id", "whom"), _OF, _WHY),
        filters=(
            Filter("action", "What", _actions),
            Filter("by", "Who", hint="username, e-mail or id"),
            Filter("user", "To whom", hint="username, e-mail or id"),
        ),
        source=BySelect(_audit, keys=(_AUDIT.c.id,)),
    )
)


def _of_user(asked: Asked) -> Equal:
    return _AUDIT.c.user_id, asked.path["user_id"]


users.add_tab(
    "changes",
    ListPage(
        name="user_change_list",
        path="/users/<int:user_id>/changes",
        title="Changes",
        about="What was done to this user in the panel, the newest first.",
        empty="Nobody has changed anything about this user in the panel.",
        columns=(_WHEN, _WHO, _WHAT, _OF, _WHY),
        source=BySelect(lambda asked: _lines(asked.mount), keys=(_AUDIT.c.id,), within=_of_user),
        has_page=False,
    ),
)


@panel.route("/audit/<int:id_>", endpoint="audit_entry")
def _entry(id_: int) -> str:
    """One line, with how things were before and after."""
    mount = current_mount()
    session: Session = mount.db.session()
    mount.refresh(session)
    line = session.execute(_lines(mount).where(_AUDIT.c.id == id_)).first()
    if line is None:
        raise NotFound("There is no such line in the audit log.")
    return render_template(
        "gamify_admin/audit_entry.html",
        line=line, by=named(line.actor_id, line.person), whom=named(line.user_id, line.whom),
        old=_shown(line.old_values), new=_shown(line.new_values),
    )  # fmt: skip


def _shown(values: Any) -> str | None:
    return None if values is None else json.dumps(values, indent=2, ensure_ascii=False)
