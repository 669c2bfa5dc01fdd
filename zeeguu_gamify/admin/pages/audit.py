"""The audit log: who changed what in the panel, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from zeeguu_gamify.admin import changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, instant
from zeeguu_gamify.admin.paging import Asked, BySelect
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import AdminAudit
from zeeguu_gamify.mount import Mount, current_mount

_AUDIT: Any = AdminAudit.__table__


def _lines(mount: Mount) -> Select[Any]:
    user = mount.host.table("user")
    return select(_AUDIT, name_column(mount, user)).join_from(
        _AUDIT, user, user.c.id == _AUDIT.c.actor_id, isouter=True
    )


def _audit(asked: Asked) -> Select[Any]:
    found = _lines(asked.mount)
    if "action" in asked.filters:
        found = found.where(_AUDIT.c.action == asked.filters["action"])
    return found


def _actions(_asked: Asked) -> Iterable[tuple[str, str]]:
    return [(name, change.title) for name, change in sorted(changes.CHANGES.items())]


def _url(row: Any) -> str:
    return url_for("gamify_admin.audit_entry", id_=row.id)


add_list(
    ListPage(
        name="audit",
        path="/audit",
        title="Audit log",
        about="What was changed in the panel, the newest first.",
        empty="Nothing has been changed in the panel.",
        columns=(
            instant("When", lambda row: row.at),
            person("Who", "actor_id"),
            Column("What", lambda row: row.action, "code", _url),
            Column("Of", lambda row: row.subject),
            Column("Why", lambda row: row.reason),
        ),
        filters=(Filter("action", "What", _actions),),
        source=BySelect(_audit, keys=(_AUDIT.c.id,)),
    )
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
        line=line, old=_shown(line.old_values), new=_shown(line.new_values),
    )  # fmt: skip


def _shown(values: Any) -> str | None:
    return None if values is None else json.dumps(values, indent=2, ensure_ascii=False)
