"""Entries of the ledger: written together, and owed to the boards by one message."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Executable, delete, insert
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery import outbox
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.models import Asset, LedgerEntry, OutboxMessage
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger."""

    user_id: int
    asset: Asset
    amount: int
    at: datetime
    reason: str
    local_date: date
    language_id: int
    object_id: str | None


class Entries:
    """The entries of one event or batch."""

    def __init__(self, session: Session, mount: Mount, undo: list[Executable] | None) -> None:
        """`undo` gets what takes back each row; None where a savepoint does."""
        self._session, self._mount, self._undo = session, mount, undo
        self._waiting: list[Entry] = []
        self._written: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Write the entry with the next `write`."""
        self._waiting.append(entry)

    def write(self) -> None:
        """Write what waits, by one INSERT; row by row where each may be taken back by its id."""
        rows = [asdict(entry) for entry in self._waiting]
        self._written += self._waiting
        self._waiting = []
        if self._undo is None and rows:
            self._session.connection().execute(insert(LedgerEntry), rows)
        elif self._undo is not None:
            self._undo += [self._write_one(row) for row in rows]

    def _write_one(self, row: dict[str, object]) -> Executable:
        done = self._session.connection().execute(insert(LedgerEntry), row)
        return delete(LedgerEntry).where(LedgerEntry.id == done.lastrowid)

    def tell(self) -> None:
        """Owe the boards one message per user, date and language."""
        sums: Counter[tuple[int, date, int]] = Counter()
        for entry in (one for one in self._written if one.asset is Asset.EXP):
            sums[entry.user_id, entry.local_date, entry.language_id] += entry.amount
        payloads = [
            (user_id, exp_moved(amount, day, language))
            for (user_id, day, language), amount in sorted(sums.items())
            if amount
        ]
        if self._undo is None and payloads:
            outbox.put_all(self._session, self._mount, EXP_MOVED, payloads)
        elif self._undo is not None:
            self._undo += [self._tell_one(user_id, payload) for user_id, payload in payloads]

    def _tell_one(self, user_id: int, payload: dict[str, object]) -> Executable:
        id_ = outbox.put(self._session, self._mount, EXP_MOVED, payload, user_id=user_id)
        return delete(OutboxMessage).where(OutboxMessage.id == id_)
