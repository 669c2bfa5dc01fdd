"""The routes: one blueprint per subject, in Zeeguu's order of decorators."""

from zeeguu_gamify.endpoints import (
    avatar,
    badges,
    class_overview,
    economy,
    friends,
    goals,
    leaderboards,
    leaderboards_activity,
    openapi,
    profile,
    profile_badges,
    seasons,
    streaks,
    stream,
)

#: Every blueprint of the product.
BLUEPRINTS = (
    badges.blueprint,
    friends.blueprint,
    profile.blueprint,
    profile_badges.blueprint,
    avatar.blueprint,
    streaks.blueprint,
    goals.blueprint,
    economy.blueprint,
    leaderboards.blueprint,
    leaderboards_activity.blueprint,
    class_overview.blueprint,
    seasons.blueprint,
    stream.blueprint,
    openapi.blueprint,
)

__all__ = ["BLUEPRINTS"]
