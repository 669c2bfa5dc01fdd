"""A host with admins, and the panel on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.admin.people import PanelClient
from tests.contract.hosts import Person, World, build, sqlite_world  # noqa: F401 (fixtures)

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
