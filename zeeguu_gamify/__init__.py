"""Friends, streaks, badges, avatars, leaderboards, EXP and rewards for any Flask API.

`Gamify(app, db)` mounts all of it. Names are imported when they are first used, so that importing
the package is cheap and hosts without an extra never load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeeguu_gamify.accounts.erase import erase as erase
    from zeeguu_gamify.accounts.merge import merge as merge
    from zeeguu_gamify.accounts.settings import update_account as update_account
    from zeeguu_gamify.accounts.sign_up import open_account as open_account
    from zeeguu_gamify.accounts.upgrade import upgraded as upgraded
    from zeeguu_gamify.badges.by_hand import increment_badge_progress as increment_badge_progress
    from zeeguu_gamify.badges.by_hand import update_badge_progress as update_badge_progress
    from zeeguu_gamify.badges.catalog import Catalog as Catalog
    from zeeguu_gamify.badges.generators import composite as composite
    from zeeguu_gamify.badges.generators import describe_count as describe_count
    from zeeguu_gamify.badges.generators import ladder as ladder
    from zeeguu_gamify.badges.generators import one_off as one_off
    from zeeguu_gamify.badges.generators import prize as prize
    from zeeguu_gamify.badges.generators import tenure as tenure
    from zeeguu_gamify.badges.rules import AtLeast as AtLeast
    from zeeguu_gamify.badges.rules import Before as Before
    from zeeguu_gamify.badges.rules import Below as Below
    from zeeguu_gamify.badges.rules import EventWas as EventWas
    from zeeguu_gamify.badges.rules import LocalHours as LocalHours
    from zeeguu_gamify.badges.trees import AllOf as AllOf
    from zeeguu_gamify.badges.trees import AnyOf as AnyOf
    from zeeguu_gamify.badges.trees import Not as Not
    from zeeguu_gamify.context import ContextField as ContextField
    from zeeguu_gamify.economy.boosts import Boost as Boost
    from zeeguu_gamify.economy.levels import Levels as Levels
    from zeeguu_gamify.economy.redeem import redeem as redeem
    from zeeguu_gamify.economy.redeem import refund as refund
    from zeeguu_gamify.errors import GamifyError as GamifyError
    from zeeguu_gamify.events import Event as Event
    from zeeguu_gamify.events import EventType as EventType
    from zeeguu_gamify.events import Metric as Metric
    from zeeguu_gamify.events import emit as emit
    from zeeguu_gamify.extension import Gamify as Gamify
    from zeeguu_gamify.goals.definition import DailyGoal as DailyGoal
    from zeeguu_gamify.host import Group as Group
    from zeeguu_gamify.host import HostMap as HostMap
    from zeeguu_gamify.leaderboards.boards import SeasonPrize as SeasonPrize
    from zeeguu_gamify.migrations.include import include_object as include_object
    from zeeguu_gamify.models.badge_category import Mechanism as Mechanism
    from zeeguu_gamify.models.board_score import Period as Period
    from zeeguu_gamify.streaks.bridges import give_freezes as give_freezes
    from zeeguu_gamify.streaks.practice import practice as practice
    from zeeguu_gamify.streaks.repair import repair as repair
    from zeeguu_gamify.streaks.reset import reset_streak_if_broken as reset_streak_if_broken

_HOMES = {
    "AllOf": "badges.trees",
    "AnyOf": "badges.trees",
    "AtLeast": "badges.rules",
    "Before": "badges.rules",
    "Below": "badges.rules",
    "Boost": "economy.boosts",
    "Catalog": "badges.catalog",
    "ContextField": "context",
    "DailyGoal": "goals.definition",
    "Event": "events",
    "EventType": "events",
    "EventWas": "badges.rules",
    "Gamify": "extension",
    "GamifyError": "errors",
    "Group": "host",
    "HostMap": "host",
    "Levels": "economy.levels",
    "LocalHours": "badges.rules",
    "Mechanism": "models.badge_category",
    "Metric": "events",
    "Not": "badges.trees",
    "Period": "models.board_score",
    "SeasonPrize": "leaderboards.boards",
    "composite": "badges.generators",
    "describe_count": "badges.generators",
    "emit": "events",
    "erase": "accounts.erase",
    "give_freezes": "streaks.bridges",
    "include_object": "migrations.include",
    "increment_badge_progress": "badges.by_hand",
    "ladder": "badges.generators",
    "merge": "accounts.merge",
    "one_off": "badges.generators",
    "open_account": "accounts.sign_up",
    "practice": "streaks.practice",
    "prize": "badges.generators",
    "redeem": "economy.redeem",
    "refund": "economy.redeem",
    "repair": "streaks.repair",
    "reset_streak_if_broken": "streaks.reset",
    "tenure": "badges.generators",
    "update_account": "accounts.settings",
    "update_badge_progress": "badges.by_hand",
    "upgraded": "accounts.upgrade",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
