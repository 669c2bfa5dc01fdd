"""A host with admins, and the panel on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.admin.people import PanelClient, enter
from tests.contract.hosts import Person, World, build, sqlite_world  # noqa: F401 (fixtures)
from zeeguu_gamify import Catalog
from zeeguu_gamify.badges.default_catalog import EXAMPLES, FAMILIES, PRIZES
from zeeguu_gamify.economy import profile

#: Makes a host with the panel.
NewWorld = Callable[..., World]


@pytest.fixture
def new_panel(build: NewWorld) -> NewWorld:  # noqa: F811
    """Make hosts with admins and the panel, by default on SQLite."""

    def make(
        url: str | None = None, config: dict[str, object] | None = None, **more: object
    ) -> World:
        wanted = {"GAMIFY_ADMIN": True, "GAMIFY_PUBLISHER": False, **(config or {})}
        return build(url, roles=True, config=wanted, **more)

    return make


@pytest.fixture
def panel_world(new_panel: NewWorld, database_url: str) -> World:
    """A host with the panel, on each backend."""
    return new_panel(database_url)


@pytest.fixture
def world(new_panel: NewWorld) -> World:
    """A host with the panel, where the backend makes no difference."""
    return new_panel()


@pytest.fixture
def root(world: World) -> Person:
    """An admin of that host."""
    return world.person("root", is_admin=True)


@pytest.fixture
def panel(world: World, root: Person) -> PanelClient:
    """The admin's browser, in the panel."""
    return PanelClient(world, root.uuid)


@pytest.fixture
def ada(panel_world: World) -> Person:
    """A learner there."""
    return panel_world.person("ada")


@pytest.fixture
def root_panel(panel_world: World) -> PanelClient:
    """An admin's browser there."""
    return enter(panel_world)


@pytest.fixture
def gamer(new_panel: NewWorld, database_url: str) -> World:
    """A host with badges for EXP and prizes, with Ada, who has EXP, and a medal."""
    world = new_panel(database_url, catalog=Catalog((*FAMILIES, *EXAMPLES, *PRIZES)))
    ada = world.person("ada")
    with world.app.app_context(), world.db.engine.begin() as connection:
        profile.add(connection, ada.id, 15_376, 0)
    for code in ("first_xp", "50_xp", "XP_500"):
        world.hold(ada, code)
    world.hold(ada, "week_gold", context="exp:week:2026-11-02", evidence={"threshold": 1})
    return world
