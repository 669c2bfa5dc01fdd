"""Finding a row or making it, when two requests may do so at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from zeeguu_gamify.demo.database import Base, db

Model = TypeVar("Model", bound=Base)


def find_or_create(model: type[Model], key: Mapping[str, Any], **others: Any) -> tuple[Model, bool]:
    """The row with the unique `key`, and whether this call made it, with `others` in it."""
    wanted = select(model).filter_by(**key)
    found = db.session.scalar(wanted)
    if found is not None:
        return found, False
    is_new = False
    with suppress(IntegrityError):
        db.session.connection().execute(insert(model), {**key, **others})
        is_new = True
    # A locking read: on MySQL a plain one would not see the row of the request that won.
    return db.session.scalars(wanted.with_for_update(read=True)).one(), is_new
