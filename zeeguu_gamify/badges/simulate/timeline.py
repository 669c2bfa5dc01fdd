"""Timelines: which badges other facts, another time or other events would bring to users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges import snapshot
from zeeguu_gamify.badges.evaluator import fields_of
from zeeguu_gamify.badges.simulate.earned import Stock, earned
from zeeguu_gamify.badges.simulate.history import Earned, counted, exp_at, stored, sums
from zeeguu_gamify.badges.simulate.player import Books, NoBooks, Player
from zeeguu_gamify.badges.simulate.steps import Step, summed
from zeeguu_gamify.badges.simulate.users import Row, batches, rows_of
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.events import Event, Metric, Outcome
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount

#: Facts to suppose instead of the user's own.
Facts = Mapping[str, int | date | None]

#: The economy's books of a user, in a zone, who has so many EXP (None: their own).
BooksOf = Callable[[int, str, int | None], Books]


def no_books(_user_id: int, _zone: str, _exp: int | None) -> Books:
    """Those in which nothing is earned."""
    return NoBooks()


def of_facts(
    session: Session, mount: Mount, user_id: int, supposed: Facts, at: datetime
) -> list[Step]:
    """The badges that the user would have earned with the facts `supposed`, at `at` (UTC).

    Raises UnknownUser.
    """
    facts = _load(session, mount, user_id, at).override(supposed)
    held = {row.badge_id for row in rows_of(session, [user_id]).get(user_id, ())}
    missed = [badge for badge in mount.live.by_id.values() if badge.id not in held]
    return [
        Step(at, user_id, None, it.badge.code, "", it.conditions)
        for it in earned(facts, missed, Stock(session, missed))
    ]


def of_events(
    session: Session,
    mount: Mount,
    user_id: int,
    events: Iterable[Event],
    supposed: Facts,
    at: datetime,
    books_of: BooksOf = no_books,
) -> Iterator[Step]:
    """What `events` would bring to the user, on top of what there is and `supposed`.

    Those without an instant happen at `at` (UTC). Raises UnknownUser.
    """
    told = list(events)
    facts = _load(session, mount, user_id, at).override(supposed)
    rows = rows_of(session, [user_id]).get(user_id, ())
    there = {(row.badge_id, row.context) for row in rows}
    exp = facts.number(Metric.EXP) if Metric.EXP in supposed else None
    player = Player(
        mount, facts, there, Stock(session, mount.live.by_id.values()),
        books=books_of(user_id, facts.zone, exp), counted=counted(session, user_id, told),
    )  # fmt: skip
    for event in told:
        yield from player.play(event)


def of_window(
    session: Session,
    mount: Mount,
    since: datetime,
    until: datetime,
    user_id: int | None = None,
    *,
    batch_size: int = 100,
    progress: Callable[[int], None] = lambda _users: None,
) -> Iterator[Step]:
    """What the events stored from `since` until before `until` (UTC) bring, user by user.

    Each user starts as they were at `since`: counters without what was stored since then, without
    the badges granted since then. A gauge starts, and stays, as it is now: its values are not
    stored. But EXP are those of the ledger, added up by event from one badge to the next. One
    user, or all of them in batches.
    """
    stock = Stock(session, mount.live.by_id.values())
    one = iter([{user_id: ""}]) if user_id is not None else batches(session, mount, batch_size)
    for users in one:
        facts = snapshot.load_many(session, mount, users, _fields(mount), at=since)
        rows = rows_of(session, users)
        amounts = sums(session, users, mount.events, since)
        exp = exp_at(session, users, since)
        for mine, events in stored(session, mount, users, since, until):
            before = [row for row in rows.get(mine, ()) if _is_before(row, since)]
            rewound = _rewound(mount, facts[mine], amounts.get(mine, {}), before)
            begun = facts[mine].override({**rewound, Metric.EXP: exp.get(mine, 0)})
            there = {(row.badge_id, row.context) for row in before}
            player = Player(mount, begun, there, stock, of_store=True)
            yield from summed(_played(player, events))
        progress(len(users))


def _played(player: Player, happened: Iterable[Event | Earned]) -> Iterator[Step]:
    for it in happened:
        if isinstance(it, Earned):
            exp = player.facts.number(Metric.EXP) + it.exp
            yield from player.earn(it.event, Outcome(exp=it.exp, exp_sum=exp))
        else:
            yield from player.play(it)


def _load(session: Session, mount: Mount, user_id: int, at: datetime) -> Snapshot:
    return snapshot.load(session, mount, user_id, _fields(mount), at=clock.to_utc(at))


def _fields(mount: Mount) -> frozenset[str]:
    """Every metric, and whatever else the tests name."""
    return fields_of(mount.live.by_id.values()) | frozenset(mount.live.by_metric)


def _is_before(row: Row, since: datetime) -> bool:
    return row.achieved_at is None or row.achieved_at < since


def _rewound(
    mount: Mount, facts: Snapshot, amounts: Mapping[str, int], rows: Iterable[Row]
) -> dict[str, int]:
    """The metrics as they were before events of these `amounts`, when there were these `rows`."""
    values: dict[str, int] = {}
    for name, amount in amounts.items():
        kind = mount.events.get(name)
        if kind and kind.metric and kind.moves is Mechanism.COUNTER:
            left = values.get(kind.metric, facts.number(kind.metric))
            values[kind.metric] = max(left - amount, 0)
    done = {row.badge_id for row in rows}
    for family in mount.live.families:
        if family.mechanism is Mechanism.ONE_TIME:
            values[family.metric] = int(any(badge.id in done for badge in family.badges))
    return values
