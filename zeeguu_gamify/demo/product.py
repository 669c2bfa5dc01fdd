"""The demo as a product: the host with goals, coins for levels, and a clock that may be moved.

`make demo` runs it. Tests and docs that only want a host take `zeeguu_gamify.demo`.
"""

from __future__ import annotations

from flask import Flask

from zeeguu_gamify import DailyGoal, Levels
from zeeguu_gamify import demo as host
from zeeguu_gamify.demo.clockwork import Clockwork
from zeeguu_gamify.economy.levels import DEFAULT_LEVELS

GOALS = (
    DailyGoal(
        code="words", name="Meet five words", description="In a quiz, or by tapping on them.",
        event="word.translated", count=5, exp=10,
    ),
    DailyGoal(
        code="quiz", name="Finish a quiz", description="Five questions will do.",
        event="quiz.completed", count=1, exp=10,
    ),
    DailyGoal(
        code="story", name="Read a story", description="To its end.",
        event="article.read", count=1, exp=20,
    ),
)  # fmt: skip
COINS = 5  #: for each level
LEVELS = Levels(DEFAULT_LEVELS.begins, reward=lambda _level: COINS)


def create_app() -> Flask:
    """The app that `make demo` runs. From now on its clock is that of the process."""
    app = host.create_app(daily_goals=GOALS, levels=LEVELS)
    Clockwork(app)
    return app
