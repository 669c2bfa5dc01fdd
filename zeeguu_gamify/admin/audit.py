"""The audit log: who changed what in the panel, and why; written with the change, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.admin.access import admin
from zeeguu_gamify.models import AdminAudit

_LENGTH = 255


def record(
    session: Session,
    form_id: str,
    action: str,
    *,
    subject: str,
    reason: str,
    user_id: int | None = None,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> int:
    """Write a line in the transaction of the change; its id. Does not commit.

    form_id: of the form that asked for it; another line of the same form is a duplicate key.
    subject: what it was done to, in words. user_id: whom it is about, if anybody; then nothing here
    may name another user, because the line goes with that one.
    """
    row = {
        "actor_id": admin().id,
        "at": clock.now(),
        "form_id": form_id,
        "action": action,
        "subject": subject[:_LENGTH],
        "user_id": user_id,
        "reason": reason,
        "old_values": None if old is None else dict(old),
        "new_values": None if new is None else dict(new),
    }
    done = session.connection().execute(insert(AdminAudit), row)
    (key,) = done.inserted_primary_key or (0,)
    return int(key)


def line_of(session: Session, form_id: str) -> int | None:
    """The id of the line that was written for this form, if it was sent before."""
    wanted = select(AdminAudit.id).where(AdminAudit.form_id == form_id)
    return session.execute(wanted).scalar()
