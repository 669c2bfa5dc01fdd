"""One merge under way: what its steps share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Base
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Merging:
    """Whose account goes into whose, and when."""

    session: Session
    mount: Mount
    from_id: int
    into_id: int
    at: datetime
    twice: set[tuple[str, str]] = field(default_factory=set)  #: (event, object) that both completed

    def run(self, statement: Any, *values: Any) -> Any:
        """Execute on the caller's connection."""
        return self.session.connection().execute(statement, *values)

    def rows(self, model: type[Base], user_id: int, column: str = "user_id") -> list[Row[Any]]:
        """The rows of a user as they are now; they stay so till the merge is over.

        Locked, because what a plain SELECT does not show of them would be lost.
        """
        table = table_of(model)
        return list(self.run(select(table).where(table.c[column] == user_id).with_for_update()))


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    return Base.metadata.tables[model.__tablename__]


def rename(it: Merging, model: type[Base], column: str) -> None:
    """Let the rows of `from` be those of `into`."""
    table = table_of(model)
    it.run(update(table).where(table.c[column] == it.from_id).values({column: it.into_id}))
