"""EXP and coins: what is earned and taken back, as entries of the ledger, sums of the profile and
messages to boards.

An event earns what its line of the dictionary pays, and `exp.gained` what its amount says. What
undoes the completion of an object takes back all that it has earned.

An entry counts on the local date of its instant, also one that takes back: what was earned before
a season closed, taken back and earned again after it, has been earned once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, Select, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery import outbox
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.economy import profile
from zeeguu_gamify.economy.allowance import Account, Allowances
from zeeguu_gamify.economy.boosts import boosted
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import LEVEL_UP, MAX_INT, Emitted, EventType, whole_number
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
        """Four statements for an event, one more for coins; for a batch three, and one for each
        user. Three more for each daily cap, and two more for a new level.

        Raises BadInput for a wrong context, and UnknownUser.
        """
        asked = [_Asked.by(item, mount) for item in emitted if _moves_exp(item, mount)]
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
    kind: EventType
    cause: str
    language_id: int
    at: datetime

    @classmethod
    def by(cls, item: Emitted, mount: Mount) -> _Asked:
        """What the event asks for; raises BadInput, naming the field of its context."""
        context, name = item.event.context, item.event.name
        cause, language_id = name, context.get("language_id") or 0
        if name in (GAINED, LOST):
            cause = _cause(item, mount)
            whole_number("language_id", language_id, at_least=0)
        elif type(language_id) is not int or not 0 <= language_id <= MAX_INT:
            language_id = 0  # whatever the host means by it
        return cls(item, mount.events[name], cause, language_id, item.event.at or clock.now())

    @property
    def user_id(self) -> int:
        """Who earns or loses."""
        return self.item.event.user_id

    @property
    def takes_an_object_back(self) -> bool:
        """Whether it undoes all that was earned for an object."""
        return self.kind.undoes is not None and self.item.event.object_id is not None

    @property
    def exp(self) -> int:
        """What it asks for, before boosts and caps."""
        event = self.item.event
        return event.amount if event.name == GAINED else event.amount * self.kind.exp

    @property
    def coins(self) -> int:
        """What it pays in coins."""
        return self.item.event.amount * self.kind.coins


def _moves_exp(item: Emitted, mount: Mount) -> bool:
    kind = mount.events[item.event.name]
    if kind.pays or kind.name in (GAINED, LOST):
        return True
    undone = mount.events.get(kind.undoes or "")
    return undone is not None and item.event.object_id is not None and undone.pays


def _cause(item: Emitted, mount: Mount) -> str:
    """What the host says that the EXP are for."""
    cause = item.event.context.get("cause") or item.event.name
    if not isinstance(cause, str) or len(cause) > MAX_CAUSE:
        raise BadInput(f"cause must be a text of 1 to {MAX_CAUSE} letters, not {cause!r}")
    if cause in mount.events and mount.events[cause].pays and cause != item.event.name:
        raise BadInput(f"cause: {cause} pays by itself; emit that instead")
    return cause


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the ledger."""

    user_id: int
    asset: Asset
    amount: int
    at: datetime
    reason: str
    local_date: date
    language_id: int
    object_id: str | None


@dataclass(slots=True)
class _Moved:
    """What the entries of a user sum up to."""

    exp: int = 0
    coins: int = 0
    last: list[Emitted] = field(default_factory=list)  #: those that moved something


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
        self._moved: defaultdict[int, _Moved] = defaultdict(_Moved)
        self._alone = False

    def book(self, asked: list[_Asked]) -> None:
        """Write the entries and the messages; raises UnknownUser."""
        self._alone = len(asked) == 1
        self._zones = _zones(self._session, self._mount, {one.user_id for one in asked})
        self._allowances.lock(self._capped(asked))
        for one in asked:
            if one.takes_an_object_back:
                self._give_back(one)
            else:
                self._move(one)
        self._write()
        self._undo += self._allowances.save()
        for user_id in sorted(self._moved):
            self._sum_up(user_id, self._moved[user_id])
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
        if one.item.event.name == LOST:
            self._enter(one, one.cause, Asset.EXP, -one.item.event.amount, one.language_id)
            return
        exp = self._let(one)
        self._enter(one, one.cause, Asset.EXP, exp, one.language_id)
        if exp or not one.exp:  # what a cap leaves nothing of pays no coins either
            self._enter(one, one.cause, Asset.COINS, one.coins, one.language_id)

    def _let(self, one: _Asked) -> int:
        """What it asks for, boosted, as far as the caps of its cause allow it."""
        amount = boosted(self._mount.boosts, one.cause, one.exp, one.at)
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
        parts = (entry.reason, entry.asset, entry.language_id)
        left = _of_object(one, *parts, func.sum(entry.amount)).group_by(*parts)
        for cause, asset, language_id, amount in self._connection.execute(left.with_for_update()):
            if asset is Asset.COINS:
                amount = min(amount, self._coins_of(one.user_id))
            if self._is_undone(one, cause):
                self._enter(one, cause, asset, -int(amount), language_id)

    def _is_undone(self, one: _Asked, cause: str) -> bool:
        """Whether what was earned by `cause` goes with the completion that is undone.

        Objects of other events may be called alike.
        """
        if one.kind.undoes == GAINED:
            known = self._mount.events.get(cause)
            return known is None or not known.pays or cause == GAINED
        return cause == one.kind.undoes

    def _coins_of(self, user_id: int) -> int:
        """How many coins can be taken back: what is spent is spent."""
        return profile.lock(self._connection, user_id).coins + self._moved[user_id].coins

    def _enter(self, one: _Asked, cause: str, asset: Asset, amount: int, language_id: int) -> None:
        if not amount:
            return
        account, moved, outcome = (
            self._account(one, cause),
            self._moved[one.user_id],
            one.item.outcome,
        )
        if asset is Asset.COINS:
            outcome.coins += amount
            moved.coins += amount
        else:
            if self._cap(cause).most_exp_a_day is not None:
                self._allowances.lock([account])
                self._allowances.move(account, amount)
            outcome.exp += amount
            moved.exp += amount
        moved.last.append(one.item)
        self._entries.append(
            _Entry(
                one.user_id, asset, amount, one.at, cause, account.local_date, language_id,
                one.item.event.object_id,
            )
        )  # fmt: skip

    def _sum_up(self, user_id: int, moved: _Moved) -> None:
        """Move the sums of the profile, and the level that follows from them."""
        if not moved.exp and not moved.coins:
            return
        exp = profile.add(self._connection, user_id, moved.exp, moved.coins)
        self._undo.append(profile.taken_back(user_id, moved.exp, moved.coins))
        levels = self._mount.levels
        before, level = levels.of(exp - moved.exp), levels.of(exp)
        if before != level:
            self._set_level(user_id, before, level, moved.last[-1])

    def _set_level(self, user_id: int, before: int, level: int, item: Emitted) -> None:
        """Write the level; what was never reached is told, and its reward given.

        A level that is lost takes nothing with it, and gives nothing when it is reached again.
        """
        held = profile.lock(self._connection, user_id)
        best = max(held.best_level, before)
        self._connection.execute(profile.set_level(user_id, level, max(best, level)))
        self._undo.append(profile.set_level(user_id, held.level, held.best_level))
        if level <= best:
            return
        reward = self._mount.levels.coins(range(best + 1, level + 1))
        item.outcome.level, item.outcome.reward = level, reward
        if not reward:
            return
        item.outcome.coins += reward
        at = item.event.at or clock.now()
        local_date = clock.local_date(at, self._zones[user_id])
        self._entries.append(
            _Entry(user_id, Asset.COINS, reward, at, LEVEL_UP, local_date, 0, None)
        )
        self._write()
        profile.add(self._connection, user_id, 0, reward)
        self._undo.append(profile.taken_back(user_id, 0, reward))

    def _write(self) -> None:
        """One insert; of an event that is alone, without a savepoint, each row is undone by id."""
        rows = [asdict(entry) for entry in self._entries]
        self._written += self._entries
        self._entries = []
        try:
            if self._alone:
                for row in rows:
                    done = self._connection.execute(insert(LedgerEntry), row)
                    self._undo.append(delete(LedgerEntry).where(LedgerEntry.id == done.lastrowid))
            elif rows:
                self._connection.execute(insert(LedgerEntry), rows)
        except IntegrityError as error:
            if is_missing_parent(error):
                raise UnknownUser(rows[0]["user_id"]) from error
            raise

    def _tell(self) -> None:
        """Owe the boards one message per user, date and language."""
        sums: Counter[tuple[int, date, int]] = Counter()
        for entry in (one for one in self._written if one.asset is Asset.EXP):
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
        entry.asset.in_((Asset.EXP, Asset.COINS)),
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
