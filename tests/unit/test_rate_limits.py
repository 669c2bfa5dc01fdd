"""How often each user may ask for what: budgets, their windows, and what is kept of them."""

from __future__ import annotations

import pytest

from tests.moving import Later
from zeeguu_gamify import rate_limits
from zeeguu_gamify.config import RATE_LIMITS, Config, rate
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.rate_limits import RateLimits, TooOften, Windows

#: Calls per minute, as the document has them that the operations come from.
DOCUMENT = {
    "userProfile": 200, "badges": 100, "leaderboard": 100, "rewards": 100, "redeemReward": 20,
    "streaks": 200,
}  # fmt: skip
ADA, BEN = 1, 2


def allowed(limits: RateLimits, operation: str, tries: int, user_id: int = ADA) -> int:
    """How many of so many calls in a row are allowed."""
    done = 0
    for _ in range(tries):
        try:
            limits.spend(operation, user_id)
        except TooOften:
            continue
        done += 1
    return done


@pytest.mark.usefixtures("later")
def test_each_operation_may_be_asked_for_as_often_as_the_document_says() -> None:
    limits = RateLimits(Config().rate_limits, None)
    assert {name: allowed(limits, name, 250) for name in RATE_LIMITS} == DOCUMENT


@pytest.mark.usefixtures("later")
def test_each_user_and_each_operation_has_a_budget_of_its_own() -> None:
    limits = RateLimits({"badges": "2/minute", "rewards": "2/minute"}, None)
    assert allowed(limits, "badges", 3, ADA) == 2
    assert allowed(limits, "badges", 3, BEN) == 2
    assert allowed(limits, "rewards", 3, ADA) == 2


def test_a_refusal_says_when_the_budget_is_whole_again_and_keeps_its_word(later: Later) -> None:
    limits = RateLimits({"badges": "2/minute"}, None)
    limits.spend("badges", ADA)
    later.seconds += 19.5
    limits.spend("badges", ADA)
    with pytest.raises(TooOften, match=r"badges: at most 2/minute; try again in 41 s\.") as refusal:
        limits.spend("badges", ADA)
    assert (refusal.value.status, refusal.value.retry_after) == (429, 41)
    later.seconds += 40
    assert allowed(limits, "badges", 1) == 0
    later.seconds += 1
    assert allowed(limits, "badges", 3) == 2


def test_who_goes_on_asking_does_not_wait_longer(later: Later) -> None:
    limits = RateLimits({"badges": "1/second"}, None)
    assert allowed(limits, "badges", 50) == 1
    later.seconds += 1
    assert allowed(limits, "badges", 1) == 1


def test_what_is_not_named_has_no_limit() -> None:
    assert allowed(RateLimits({}, None), "badges", 1000) == 1000


@pytest.mark.usefixtures("later")
def test_a_process_keeps_only_so_many_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_WINDOWS", 3)
    windows = Windows()
    for user in "abcd":
        windows.count(user, 60)
    assert list(windows._windows) == ["d"]


@pytest.mark.parametrize(
    ("text", "means"),
    [("200/minute", (200, 60)), ("1/second", (1, 1)), ("5/hour", (5, 3600)), ("9/day", (9, 86400))],
)
def test_a_rate_is_so_many_in_a_time(text: str, means: tuple[int, int]) -> None:
    assert rate(text) == means


@pytest.mark.parametrize(
    "wrong",
    [
        {"badge": "1/minute"}, {"badges": "0/minute"}, {"badges": "1/week"}, {"badges": "many"},
        {"badges": "-1/minute"}, {"badges": "1/minute "}, {"badges": 100}, {1: "1/minute"},
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_when_mounting(wrong: dict[object, object]) -> None:
    with pytest.raises(ConfigError, match=r'GAMIFY_RATE_LIMITS must be \{operation: "20/minute"\}'):
        Config.from_mapping({"GAMIFY_RATE_LIMITS": wrong})


def test_a_table_replaces_the_one_that_there_is() -> None:
    config = Config.from_mapping({"GAMIFY_RATE_LIMITS": {"badges": "7/minute"}})
    assert config.rate_limits == {"badges": "7/minute"}
