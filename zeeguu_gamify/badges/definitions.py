"""What a catalog is made of: families and their badges, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, EventWas
from zeeguu_gamify.badges.trees import leaves
from zeeguu_gamify.models import Mechanism

if TYPE_CHECKING:
    from zeeguu_gamify.events import Event

#: For what an event earns a repeatable badge, e.g. the slug of a quiz; None: for nothing.
ContextOf = Callable[["Event"], str | None]

#: What a held badge says in short: ("{n} review", "{n} reviews"), for one and for many, or
#: "Member since {joined}", the date of joining. Without it, the badge's own description.
Tooltip = str | tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeDefinition:
    """One level of a family. Generators make these; nobody writes them by hand."""

    code: str
    level: int
    name: str
    achieved_description: str
    unachieved_description: str
    icon_name: str | None
    triggers: tuple[str, ...]  #: names of the events it listens to
    test: BadgeTest | None
    color: str | None = None
    sort_score: int = 0
    hidden: bool = False
    deprecated: bool = False
    when: tuple[EventWas, ...] = ()  #: one-offs only: which of the triggers' events count
    context_of: ContextOf | None = None  #: repeatable ones only: granted once for each context
    starts_at: datetime | None = None  #: UTC, from when on it can be earned
    ends_at: datetime | None = None  #: UTC, from when on no more
    max_holders: int | None = None  #: so many are ever granted
    is_prize: bool = False  #: given when a season closes, by no event

    @property
    def threshold(self) -> int:
        """The value of its own metric at which it is granted, or has been."""
        return self.test.threshold if isinstance(self.test, AtLeast) else int(bool(self.test))

    @property
    def is_composite(self) -> bool:
        """Whether it tests more than the metric of its family."""
        return self.test is not None and not isinstance(self.test, AtLeast)

    @property
    def is_repeatable(self) -> bool:
        """Whether it is granted once for each context; for a prize, that is the season."""
        return self.context_of is not None or self.is_prize

    @property
    def rule(self) -> str | None:
        """In words, what of the rule its threshold does not say."""
        parts = [was.in_words() for was in self.when if was.text]
        if self.test is not None and self.is_composite:
            parts.append(self.test.in_words())
        if self.context_of is not None:
            parts.append("once for each context")
        return "; ".join(parts) or None

    def counts(self, event: Event) -> bool:
        """Whether `event`, one of its triggers, satisfies it."""
        conditions = [was for was in self.when if was.name == event.name]
        return all(was.is_met_by(event) for was in conditions)

    def watched_events(self) -> dict[str, list[EventWas]]:
        """The events that have a composite tested, each with what it must satisfy, if anything."""
        watched: dict[str, list[EventWas]] = {trigger: [] for trigger in self.triggers}
        for leaf in leaves(self.test) if self.test else ():
            if isinstance(leaf, EventWas) and leaf.name not in self.triggers:
                watched.setdefault(leaf.name, []).append(leaf)
        return watched


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDefinition:
    """The badges that share a metric; a one-off is a family of one."""

    metric: str
    name: str
    mechanism: Mechanism
    badges: tuple[BadgeDefinition, ...]
    tooltip: Tooltip = None
