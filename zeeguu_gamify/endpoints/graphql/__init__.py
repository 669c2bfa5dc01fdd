"""GraphQL beside REST; only with GAMIFY_GRAPHQL, because it needs a package more."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from zeeguu_gamify.errors import ConfigError

if TYPE_CHECKING:
    from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint


def load_blueprint() -> GamifyBlueprint:
    """The blueprint of the route; raises ConfigError when the package is not installed."""
    try:
        import_module("strawberry")
    except ImportError as error:
        raise ConfigError(
            "GAMIFY_GRAPHQL is on, but the package strawberry-graphql is not installed: "
            "pip install 'zeeguu-gamify[graphql]'"
        ) from error
    found: GamifyBlueprint = import_module("zeeguu_gamify.endpoints.graphql.view").blueprint
    return found
