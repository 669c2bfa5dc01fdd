"""The event dictionary, and `emit`: the one way in for everything that happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.context import ContextField, check_context, check_declared
from zeeguu_gamify.errors import BadInput, ConfigError, UnknownEvent
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import AnySession, is_fatal, plain, savepoint


class Metric(StrEnum):
    """The built-in metrics: production's names (docs/contract.md §4.1), years of tenure, and EXP.

    EXP are kept in the profile: they are moved by whatever pays or takes some, by nothing else.
    """

    TRANSLATED_WORDS = "TRANSLATED_WORDS"
    CORRECT_EXERCISES = "CORRECT_EXERCISES"
    COMPLETED_AUDIO_LESSONS = "COMPLETED_AUDIO_LESSONS"
    STREAK_DAYS = "STREAK_DAYS"
    LEARNED_WORDS = "LEARNED_WORDS"
    READ_ARTICLES = "READ_ARTICLES"
    FRIENDS = "FRIENDS"
    TENURE_YEARS = "TENURE_YEARS"
    EXP = "EXP"


@dataclass(frozen=True, slots=True)
class EventType:
    """A line of the event dictionary."""

    name: str  #: `noun.verb`, lower case
    meaning: str
    metric: str | None = None  #: what it moves, if anything
    moves: Mechanism = Mechanism.COUNTER  #: how it moves the metric
    told: bool = False  #: whether those it concerns hear of it live
    undoes: str | None = None  #: the event whose completion of an object it takes back
    exp: int = 0  #: what one of it earns; with an object, its first completion only
    coins: int = 0  #: and so many coins
    most_exp: int | None = None  #: so many EXP at most for one, also as the cause of `exp.gained`
    most_exp_a_day: int | None = None  #: and so many per user and local day
    context: tuple[ContextField, ...] = ()  #: what it may tell; anything, when none is declared

    @property
    def pays(self) -> bool:
        """Whether it earns something by itself."""
        return self.exp > 0 or self.coins > 0

    @property
    def metrics(self) -> tuple[str, ...]:
        """What it moves: its metric, if any, and EXP where it pays some or says how many."""
        earns = self.exp > 0 or self.name in ("exp.gained", "exp.lost")
        return (*([self.metric] if self.metric else []), *([Metric.EXP] if earns else []))


#: Told by the daily goals.
GOAL_COMPLETED = "goal.completed"
#: Told where badges pay, and when one is revoked; of the object `badge_object` names.
BADGE_GRANTED, BADGE_REVOKED = "badge.granted", "badge.revoked"
#: Told by the economy.
LEVEL_UP = "level.up"

_FRIEND = ContextField("friend_id", int, "the other user", required=True)
_FRIENDSHIP = (ContextField("friendship_id", int, "what joins the two", required=True), _FRIEND)
_REWARD = (
    ContextField("redemption_id", int, "the purchase", required=True),
    ContextField("reward", str, "its code", required=True),
    ContextField("kind", str, "what it gives: freezes, or what the host gives", required=True),
    ContextField("amount", int, "so many of it", required=True),
)
_EXP = (
    ContextField("cause", str, "what for, e.g. the name of an event: its caps hold"),
    ContextField("language_id", int, "the language whose boards count it too"),
)

#: Every event of the product. A new event is a line here, or in `Gamify(events=…)`.
EVENTS = (
    EventType("word.translated", "a word was translated while reading", Metric.TRANSLATED_WORDS),
    EventType("word.learned", "a word reached its last level", Metric.LEARNED_WORDS),
    EventType("exercise.correct", "an exercise was solved", Metric.CORRECT_EXERCISES),
    EventType("article.read", "an article was read to its end", Metric.READ_ARTICLES),
    EventType(
        "audio_lesson.completed", "an audio lesson was heard", Metric.COMPLETED_AUDIO_LESSONS
    ),
    EventType("streak.changed", "the daily streak moved", Metric.STREAK_DAYS, Mechanism.GAUGE),
    EventType(
        "streak.at_risk", "the streak ends tonight unless the user practises", told=True,
        context=(
            ContextField("streak", int, "its days so far", required=True),
            ContextField("freezes", int, "how many freezes the user has", required=True),
            ContextField("local_date", date, "the user's date that lacks practice", required=True),
            ContextField("ends_at", datetime, "UTC, when that date is over", required=True),
        ),
    ),
    EventType("friend_streak.changed", "a streak shared with a friend moved"),
    EventType("friendship.changed", "a friend was won or lost", Metric.FRIENDS, Mechanism.GAUGE),
    EventType(
        "friend.requested", "the user asked somebody to be friends", told=True,
        context=(_FRIEND,),
    ),
    EventType(
        "friend.accepted", "the user accepted a friend request", told=True, context=_FRIENDSHIP
    ),
    EventType("friend.removed", "the user ended a friendship", told=True, context=_FRIENDSHIP),
    EventType(
        "exp.gained", "the user earned EXP: as many as the amount says", context=_EXP
    ),
    EventType(
        "exp.lost", "what was done for an object was undone; its EXP are taken back",
        undoes="exp.gained", context=_EXP,
    ),
    EventType(
        "coins.gained", "the user earned coins: as many as the amount says",
        context=(ContextField("cause", str, "what for"),),
    ),
    EventType(
        LEVEL_UP, "the user reached a level for the first time, maybe several at once", told=True,
        context=(
            ContextField("level", int, "the new one", required=True),
            ContextField("reward", int, "the coins that it gives", required=True),
        ),
    ),
    EventType(BADGE_GRANTED, "a badge was granted; told where it pays"),
    EventType(BADGE_REVOKED, "a badge was revoked by a moderator", undoes=BADGE_GRANTED),
    EventType("reward.redeemed", "the user paid coins for a reward", context=_REWARD),
    EventType("reward.refunded", "the coins for a reward were given back", context=_REWARD),
    EventType(
        GOAL_COMPLETED, "the user reached a daily goal, for the first time on that date",
        context=(
            ContextField("goal", str, "its code", required=True),
            ContextField("local_date", date, "in the user's zone", required=True),
        ),
    ),
    EventType(
        "cron.anniversary", "so many years ago today, by the user's own date, the user joined",
        Metric.TENURE_YEARS, Mechanism.GAUGE,
    ),
    EventType("lesson.completed", "a lesson was completed"),
    EventType("tournament.won", "a tournament was won"),
    EventType("tournament.lost", "a tournament was lost"),
    EventType("profile.completed", "the user has set up the profile"),
    EventType(
        "quiz.completed", "a quiz was finished",
        context=(
            ContextField("score", int, "points reached"),
            ContextField("total", int, "points that could be reached"),
        ),
    ),
    EventType(
        "flashcards.completed", "a session of flashcards was finished",
        context=(ContextField("cards", int, "how many cards were seen"),),
    ),
)  # fmt: skip


def badge_object(badge_id: int, context: str) -> str:
    """What `badge.granted` completes: a badge, and for what it was granted if it is repeatable."""
    return f"{badge_id}:{context}"


_NAME = re.compile(r"(?=.{3,64}$)[a-z0-9_]+\.[a-z0-9_]+")


def dictionary(extra: Iterable[EventType] = ()) -> Mapping[str, EventType]:
    """The dictionary by name: ours, then the host's, which may redefine a line of ours.

    Raises ConfigError for a name that is not `noun.verb` of at most 64 characters, and for a
    context that cannot be checked.
    """
    found = {event.name: event for event in (*EVENTS, *extra)}
    for name, event in found.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"An event is called noun.verb, in lower case, not {name!r}.")
        check_declared(name, event.context)
        _check_pay(event, found)
        if event.metric == Metric.EXP:
            raise ConfigError(f"{name}: EXP are moved by what is paid; give it exp=, no metric.")
    return found


def _check_pay(event: EventType, known: Mapping[str, EventType]) -> None:
    """Raise ConfigError for what is no pay, no cap, or pays for undoing."""
    for pay in (event.exp, event.coins):
        if type(pay) is not int or not 0 <= pay <= MAX_INT:
            raise ConfigError(f"{event.name} must pay whole numbers from 0 on.")
    for most in (event.most_exp, event.most_exp_a_day):
        if most is not None and (type(most) is not int or most < 1):
            raise ConfigError(f"{event.name} must be capped at a whole number from 1 on.")
    if event.undoes and (event.pays or event.undoes not in known):
        raise ConfigError(f"{event.name} undoes {event.undoes}: no such event, or it pays too.")


#: Nothing happened earlier (UTC); the first dates of all have no local date everywhere.
FIRST = datetime(1970, 1, 1)
#: A clock of another machine may be this far ahead (seconds).
MAX_AHEAD = 300
MAX_KEY_BYTES = {"source": 64, "event_id": 128, "object_id": 128}
MAX_INT = 2**31 - 1  #: what an INT of the database holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a user."""

    name: str
    user_id: int
    amount: int = 1  #: how much it adds to a COUNTER
    value: int | None = None  #: what it sets a GAUGE to
    event_id: str | None = None  #: counted once per source, for ever
    object_id: str | None = None  #: what was completed: only the first completion counts
    source: str = "host"  #: who gave the event_id
    at: datetime | None = None  #: UTC; now when None
    context: Mapping[str, Any] = field(default_factory=dict)  #: what badge tests may read


def revoked_at(event: Event) -> datetime | None:
    """When it was revoked (UTC), if the event tells of a badge that stands again."""
    return event.context.get("revoked_at") if event.name == BADGE_GRANTED else None


@dataclass(slots=True)
class Outcome:
    """What an event brought about; filled by the subscribers, in their order."""

    new_badges: list[Any] = field(default_factory=list)
    exp: int = 0
    exp_sum: int | None = None  #: how many the user has after it; None when it moved none
    coins: int = 0  #: those for a new level included
    level: int | None = None  #: if it was reached for the first time
    reward: int = 0  #: the coins for that level
    streak: int | None = None
    replayed: bool = False  #: it had been counted before, so nothing happened now


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event on its way through the subscribers."""

    event: Event
    outcome: Outcome = field(default_factory=Outcome)


class Subscriber(Protocol):
    """A room that listens to all events; `extension.py` lists them in order."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Do what the events ask for, in the caller's transaction."""

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Take `handle` back, because a later subscriber failed."""


def emit(session: AnySession, name: str, *, user_id: int, **fields: Any) -> Outcome:
    """Tell that `name` happened to `user_id`; see `Event` for the other fields.

    Writes in the session's transaction and does not commit. Raises UnknownEvent, UnknownUser or
    BadInput; then nothing of the event is left behind. While our tables are not there, nothing
    happens and the log says so: a host must not break because it is mounted before it is migrated.
    Nor does anything happen while we are paused.
    """
    mount, session = current_mount(), plain(session)
    if not mount.takes_events(session):
        return Outcome()
    return _emit(session, mount, [Event(name=name, user_id=user_id, **fields)])[0]


def emit_batch(session: AnySession, events: Iterable[Event]) -> list[Outcome]:
    """`emit` for many events at once: all of them or, with an error, none. Also raises NotReady.

    Batches of the same ids in two processes at once may deadlock; roll back and send it again.
    """
    mount, session = current_mount(), plain(session)
    mount.refresh(session)
    return _emit(session, mount, events)


def _emit(session: Session, mount: Mount, events: Iterable[Event]) -> list[Outcome]:
    emitted = [Emitted(checked(event, mount)) for event in events]
    delicate = len(emitted) > 1 or any(mount.events[one.event.name].undoes for one in emitted)
    with savepoint(session) if delicate else nullcontext():
        _publish(session, mount, emitted)
    return [item.outcome for item in emitted]


def _publish(session: Session, mount: Mount, emitted: list[Emitted]) -> None:
    """Hand the events to every subscriber; replayed ones go no further."""
    waiting = [item for item in emitted if mount.is_enabled_for(item.event.user_id)]
    handled: list[Subscriber] = []
    try:
        for subscriber in mount.subscribers:
            subscriber.handle(session, mount, waiting)
            handled.append(subscriber)
            waiting = [item for item in waiting if not item.outcome.replayed]
    except Exception as error:
        if not is_fatal(session, error):
            for subscriber in reversed(handled):
                subscriber.undo(session, mount, waiting)
        raise


def checked(event: Event, mount: Mount) -> Event:
    """`event` with its instant in UTC; raises UnknownEvent or BadInput, naming the field."""
    kind = mount.events.get(event.name)
    if kind is None:
        raise UnknownEvent(event.name, mount.events)
    whole_number("user_id", event.user_id, at_least=1)
    whole_number("amount", event.amount, at_least=1)
    _check_value(event, kind)
    if kind.context:
        check_context(event.name, kind.context, event.context)
    for name, limit in MAX_KEY_BYTES.items():
        _check_key(name, getattr(event, name), limit)
    if event.at is None:
        return event
    at = clock.to_utc(event.at)
    if at < FIRST:
        raise BadInput(f"at: {at.isoformat()} is before {FIRST.year}")
    if (at - clock.now()).total_seconds() > MAX_AHEAD:
        raise BadInput(f"at: {at.isoformat()} is in the future")
    days = mount.config.receipt_days
    if days and event.event_id and at < clock.now() - timedelta(days=days):
        raise BadInput(f"at: {at.isoformat()} is too late; receipts are kept for {days} days only")
    return replace(event, at=at)


def whole_number(name: str, number: object, *, at_least: int) -> int:
    """`number` if it is an int (no bool) from `at_least` to what the database holds.

    Raises BadInput naming `name`.
    """
    if type(number) is not int or number < at_least:
        raise BadInput(f"{name} must be a whole number of at least {at_least}, not {number!r}")
    if number > MAX_INT:
        raise BadInput(f"{name} must be at most {MAX_INT}, not {number}")
    return number


def _check_value(event: Event, kind: EventType) -> None:
    if event.value is not None:
        whole_number("value", event.value, at_least=0)
    elif kind.metric and kind.moves is Mechanism.GAUGE:
        raise BadInput(f"value: {event.name} sets a gauge and needs its value")


def _check_key(name: str, key: Any, limit: int) -> None:
    if key is None and name != "source":
        return
    try:
        size = len(key.encode())
    except (AttributeError, UnicodeEncodeError):  # no text, or half a character
        size = 0
    if not 1 <= size <= limit:
        raise BadInput(f"{name} must be a text of 1 to {limit} bytes, not {key!r}")


#: Makes an event of a response of the host, or None when it is none (`gamify.after`).
ToEvent = Callable[[Any], "Event | Iterable[Event] | None"]
