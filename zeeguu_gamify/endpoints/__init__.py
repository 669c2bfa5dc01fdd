"""The routes: one blueprint per subject, in Zeeguu's order of decorators."""

from __future__ import annotations

from collections.abc import Iterator

from zeeguu_gamify.config import Config
from zeeguu_gamify.endpoints import (
    avatar,
    badges,
    class_overview,
    economy,
    friends,
    goals,
    inbox,
    incoming,
    leaderboards,
    leaderboards_activity,
    openapi,
    profile,
    profile_badges,
    seasons,
    streaks,
    stream,
)
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint
from zeeguu_gamify.endpoints.graphql import load_blueprint

#: Every blueprint that there is whatever the settings.
BLUEPRINTS = (
    badges.blueprint,
    friends.blueprint,
    profile.blueprint,
    profile_badges.blueprint,
    avatar.blueprint,
    streaks.blueprint,
    goals.blueprint,
    economy.blueprint,
    inbox.blueprint,
    leaderboards.blueprint,
    leaderboards_activity.blueprint,
    class_overview.blueprint,
    seasons.blueprint,
    stream.blueprint,
    openapi.blueprint,
)


def blueprints(config: Config) -> Iterator[GamifyBlueprint]:
    """Those that `config` asks for; raises ConfigError for one whose package is missing."""
    yield from BLUEPRINTS
    if config.ingestion:
        yield incoming.blueprint
    if config.graphql:
        yield load_blueprint()


__all__ = ["blueprints"]
