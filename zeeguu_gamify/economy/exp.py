"""EXP: what is earned and what is taken back, as entries of the ledger and messages to boards.

An entry counts on the local date of its instant, also one that takes back: what was earned before
a season closed, taken back and earned again after it, has been earned once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, Select, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery import outbox
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.economy.allowance import Account, Allowances
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import Emitted, EventType, whole_number
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import Asset, LedgerEntry, OutboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_fatal, is_missing_parent

GAINED, LOST = "exp.gained", "exp.lost"

MAX_CAUSE = 64  #: characters

_UNDO = "gamify.exp_undo"


class ExpSubscriber:
    """Writes an entry for what is gained and lost, and owes the boards a message of it."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Three statements, for an event or a batch; three more for each daily cap.

        Raises BadInput for a wrong context, and UnknownUser.
        """
        asked = [_Asked.by(item) for item in emitted if item.event.name in (GAINED, LOST)]
        undo: list[Executable] = []
        session.info[_UNDO] = undo
        try:
            if asked:
                _Books(session, mount, undo).book(asked)
        except Exception as error:
            if not is_fatal(session, error):
                self.undo(session, mount, emitted)
            raise

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Take back what the last `handle` wrote; a batch has its savepoint for that."""
        for statement in reversed(session.info.pop(_UNDO, [])):
            session.connection().execute(statement)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An event that moves EXP."""

    item: Emitted
    cause: str
    language_id: int
    at: datetime

    @classmethod
    def by(cls, item: Emitted) -> _Asked:
        """What the event asks for; raises BadInput, naming the field of its context."""
        context, name = item.event.context, item.event.name
        cause, language_id = context.get("cause") or name, context.get("language_id") or 0
        if not isinstance(cause, str) or len(cause) > MAX_CAUSE:
            raise BadInput(f"cause must be a text of 1 to {MAX_CAUSE} letters, not {cause!r}")
        whole_number("language_id", language_id, at_least=0)
        return cls(item, cause, language_id, item.event.at or clock.now())

    @property
    def user_id(self) -> int:
        """Who earns or loses."""
        return self.item.event.user_id

    @property
    def takes_an_object_back(self) -> bool:
        """Whether it undoes all that was earned for an object."""
        return self.item.event.name == LOST and self.item.event.object_id is not None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the ledger."""

    user_id: int
    amount: int
    at: datetime
    reason: str
    local_date: date
    language_id: int
    object_id: str | None


class _Books:
    """The entries of one event or batch, from caps to messages."""

    def __init__(self, session: Session, mount: Mount, undo: list[Executable]) -> None:
        """`undo` gets what takes back all that is written."""
        self._session, self._mount, self._undo = session, mount, undo
        self._connection = session.connection()
        self._allowances = Allowances(self._connection)
        self._zones: dict[int, str] = {}
        self._entries: list[_Entry] = []
        self._written: list[_Entry] = []

    def book(self, asked: list[_Asked]) -> None:
        """Write the entries and the messages; raises UnknownUser."""
        self._zones = _zones(self._session, self._mount, {one.user_id for one in asked})
        self._allowances.lock(self._capped(asked))
        for one in asked:
            if one.takes_an_object_back:
                self._give_back(one)
            else:
                self._move(one)
        self._write()
        self._undo += self._allowances.save()
        self._tell()

    def _capped(self, asked: list[_Asked]) -> Iterator[Account]:
        """The accounts under a daily cap that may be moved: locked before any entry is."""
        for one in asked:
            for cause in self._causes(one):
                if self._cap(cause).most_exp_a_day is not None:
                    yield self._account(one, cause)

    def _causes(self, one: _Asked) -> list[str]:
        """For what the EXP can have been earned: an object's for anything that has a daily cap.

        The ledger knows, but a transaction that began to read before the entry was written does
        not see it. So it is asked only for causes that are no events.
        """
        if not one.takes_an_object_back:
            return [one.cause]
        events = self._mount.events
        capped = [name for name, kind in events.items() if kind.most_exp_a_day is not None]
        if GAINED in capped:
            entry = LedgerEntry.__table__.c
            capped += self._connection.execute(_of_object(one, entry.reason)).scalars()
        return capped

    def _cap(self, cause: str) -> EventType:
        """What caps a cause: its line of the dictionary; of what has none, that of `exp.gained`."""
        return self._mount.events.get(cause, self._mount.events[GAINED])

    def _account(self, one: _Asked, cause: str) -> Account:
        return Account(one.user_id, cause, clock.local_date(one.at, self._zones[one.user_id]))

    def _move(self, one: _Asked) -> None:
        """Add the amount, as far as caps let it; or take it away."""
        event = one.item.event
        amount = -event.amount if event.name == LOST else self._let(one, event.amount)
        self._enter(one, one.cause, amount, one.language_id)

    def _let(self, one: _Asked, amount: int) -> int:
        """As much of `amount` as the caps of its cause allow."""
        cap = self._cap(one.cause)
        if cap.most_exp is not None:
            amount = min(amount, cap.most_exp)
        if cap.most_exp_a_day is not None:
            account = self._account(one, one.cause)
            amount = min(amount, self._allowances.left(account, cap.most_exp_a_day))
        return amount

    def _give_back(self, one: _Asked) -> None:
        """Whatever is left of what was earned for the object, by cause and language.

        The receipt of the object is taken away by now, so nobody else moves its EXP meanwhile.
        """
        self._write()  # an earlier event of the batch may have earned it
        entry = LedgerEntry.__table__.c
        left = _of_object(one, entry.reason, entry.language_id, func.sum(entry.amount))
        in_parts = left.group_by(entry.reason, entry.language_id).with_for_update()
        for cause, language_id, amount in self._connection.execute(in_parts):
            self._enter(one, cause, -int(amount), language_id)

    def _enter(self, one: _Asked, cause: str, amount: int, language_id: int) -> None:
        if not amount:
            return
        account = self._account(one, cause)
        if self._cap(cause).most_exp_a_day is not None:
            self._allowances.lock([account])
            self._allowances.move(account, amount)
        one.item.outcome.exp += amount
        self._entries.append(
            _Entry(
                one.user_id, amount, one.at, cause, account.local_date, language_id,
                one.item.event.object_id,
            )
        )  # fmt: skip

    def _write(self) -> None:
        rows = [{**asdict(entry), "asset": Asset.EXP} for entry in self._entries]
        self._written += self._entries
        self._entries = []
        if not rows:
            return
        try:
            done = self._connection.execute(insert(LedgerEntry), rows if len(rows) > 1 else rows[0])
        except IntegrityError as error:
            if is_missing_parent(error):
                raise UnknownUser(rows[0]["user_id"]) from error
            raise
        if len(rows) == 1:
            self._undo.append(delete(LedgerEntry).where(LedgerEntry.id == done.lastrowid))

    def _tell(self) -> None:
        """Owe the boards one message per user, date and language."""
        sums: Counter[tuple[int, date, int]] = Counter()
        for entry in self._written:
            sums[entry.user_id, entry.local_date, entry.language_id] += entry.amount
        payloads = [
            (user_id, exp_moved(amount, day, language))
            for (user_id, day, language), amount in sorted(sums.items())
            if amount
        ]
        if len(payloads) == 1:
            ((user_id, payload),) = payloads
            id_ = outbox.put(self._session, self._mount, EXP_MOVED, payload, user_id=user_id)
            self._undo.append(delete(OutboxMessage).where(OutboxMessage.id == id_))
        elif payloads:
            outbox.put_all(self._session, self._mount, EXP_MOVED, payloads)


def _of_object(one: _Asked, *columns: Any) -> Select[Any]:
    """What the ledger says of an object of the user's."""
    entry = LedgerEntry.__table__.c
    return select(*columns).where(
        entry.user_id == one.user_id,
        entry.object_id == one.item.event.object_id,
        entry.asset == Asset.EXP,
    )


def _zones(session: Session, mount: Mount, user_ids: Iterable[int]) -> dict[int, str]:
    """The zone of each of the users, by one SELECT; raises UnknownUser."""
    host = mount.host
    user = host.table("user")
    stored = host.has(Group.ZONE) and host.map.zone_of is None
    columns = [user.c.id, *([user.c.timezone] if stored else [])]
    wanted = select(*columns).where(user.c.id.in_(sorted(user_ids)))
    found = {row[0]: row[1] if stored else None for row in session.connection().execute(wanted)}
    for user_id in user_ids:
        if user_id not in found:
            raise UnknownUser(user_id)
    return {user_id: host.zone_from(user_id, zone) for user_id, zone in found.items()}
