"""Trees of tests: all of them, any of them, not this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, Condition

if TYPE_CHECKING:
    from zeeguu_gamify.badges.snapshot import Snapshot


class _Branch:
    """A test made of tests."""

    __slots__ = ()
    tests: tuple[BadgeTest, ...]

    def __init__(self, *tests: BadgeTest) -> None:
        """Take the tests one by one."""
        object.__setattr__(self, "tests", tests)

    @property
    def metrics(self) -> frozenset[str]:
        """All that its parts name."""
        return frozenset().union(*(test.metrics for test in self.tests))

    def conditions(self, snapshot: Snapshot) -> list[Condition]:
        """Those of its parts."""
        return [condition for test in self.tests for condition in test.conditions(snapshot)]

    def _joined(self, word: str) -> str:
        parts = (
            f"({test.in_words()})" if isinstance(test, _Branch) else test.in_words()
            for test in self.tests
        )  # fmt: skip
        return f" {word} ".join(parts)


@dataclass(frozen=True, init=False, slots=True)
class AllOf(_Branch):
    """Passed when each of `tests` is."""

    tests: tuple[BadgeTest, ...]

    def passes(self, snapshot: Snapshot) -> bool:
        """Whether each passes."""
        return all(test.passes(snapshot) for test in self.tests)

    def in_words(self) -> str:
        """E.g. "FRIENDS is at least 3 and STREAK_DAYS is at least 7"."""
        return self._joined("and")


@dataclass(frozen=True, init=False, slots=True)
class AnyOf(_Branch):
    """Passed when one of `tests` is."""

    tests: tuple[BadgeTest, ...]

    def passes(self, snapshot: Snapshot) -> bool:
        """Whether one passes."""
        return any(test.passes(snapshot) for test in self.tests)

    def in_words(self) -> str:
        """E.g. "FRIENDS is at least 3 or STREAK_DAYS is at least 7"."""
        return self._joined("or")


@dataclass(frozen=True, slots=True)
class Not(_Branch):
    """Passed when `test` is not."""

    test: BadgeTest

    @property
    def tests(self) -> tuple[BadgeTest, ...]:  # type: ignore[override]
        """The one."""
        return (self.test,)

    def passes(self, snapshot: Snapshot) -> bool:
        """Whether it does not pass."""
        return not self.test.passes(snapshot)

    def conditions(self, snapshot: Snapshot) -> list[Condition]:
        """One, for all of it: a part that passes is what is in the way."""
        parts = self.test.conditions(snapshot)
        first = parts[0] if len(parts) == 1 else Condition("", None, None, None, passed=False)
        passed = self.passes(snapshot)
        return [Condition(self.in_words(), first.metric, first.value, first.wanted, passed)]

    def in_words(self) -> str:
        """E.g. "not (FRIENDS is at least 3)"."""
        return f"not ({self.test.in_words()})"


def leaves(test: BadgeTest) -> Iterator[BadgeTest]:
    """The tests of one thing that `test` is made of."""
    if isinstance(test, _Branch):
        for part in test.tests:
            yield from leaves(part)
    else:
        yield test


def texts(test: BadgeTest) -> Iterator[str]:
    """What the conditions of `test` say that their numbers do not: these are to be translated."""
    if isinstance(test, AllOf | AnyOf):
        for part in test.tests:
            yield from texts(part)
    elif not isinstance(test, AtLeast):
        yield test.in_words()


def branches(test: BadgeTest) -> Iterator[AllOf | AnyOf | Not]:
    """The tests made of tests that `test` is made of, itself included."""
    if isinstance(test, AllOf | AnyOf | Not):
        yield test
        for part in test.tests:
            yield from branches(part)
