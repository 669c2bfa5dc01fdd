"""The audit log answers who did it, and what was done to somebody."""

from __future__ import annotations

import pytest

from tests.admin.conftest import NewWorld
from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import column
from tests.contract.hosts import Person, World
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.host import Group, HostMap


@pytest.fixture
def recorded(panel_world: World) -> PanelClient:
    """A panel in which two admins have done something to two learners."""
    panel = enter(panel_world)
    other = PanelClient(panel_world, panel_world.person("vera", is_admin=True).uuid)
    for name in ("ada", "ben"):
        panel_world.person(name)
    panel.do("award.grant", user="ada", badge="friends_1", reason="one")
    other.do("award.revoke", user="ada", badge="friends_1", reason="two")
    other.do("award.grant", user="ben", badge="friends_1", reason="three")
    other.do("events.pause", reason="four")
    return panel


def reasons(panel: PanelClient, page: str = "audit", **query: str) -> list[str]:
    """Why each of the changes on the page was made."""
    return column(panel, page, "Why", **query)


@pytest.mark.core
def test_the_log_is_filtered_by_who_did_it_and_to_whom(recorded: PanelClient) -> None:
    for query, found in (
        ({}, ["four", "three", "two", "one"]),
        ({"by": "vera"}, ["four", "three", "two"]),
        ({"by": "VERA@example.org"}, ["four", "three", "two"]),
        ({"by": "vera", "action": "award.grant"}, ["three"]),
        ({"user": "ada"}, ["two", "one"]),
        ({"user": "ada", "by": "root"}, ["one"]),
        ({"user": "vera"}, []),
        ({"user": "nobody"}, []),
        ({"by": "nobody"}, []),
    ):
        assert reasons(recorded, **query) == found, query


def test_a_users_page_leads_to_what_was_done_to_them(panel_world: World) -> None:
    panel = enter(panel_world)
    ada, ben = panel_world.person("ada"), panel_world.person("ben")
    assert "Nobody has changed anything" in panel.page(f"users/{ada.id}/changes")
    panel.do("award.grant", user="ada", badge="friends_1", reason="lost")
    panel.do("award.grant", user="ben", badge="friends_1", reason="won")
    for person, why in ((ada, "lost"), (ben, "won")):
        assert f'users/{person.id}/changes">Changes</a>' in panel.page(f"users/{person.id}")
        assert reasons(panel, f"users/{person.id}/changes") == [why]
    shown = panel.page(f"users/{ada.id}/changes")
    assert 'href="/gamify/admin/audit/1"' in shown


def test_a_line_leads_to_whom_it_is_about_and_to_who_did_it(
    world: World, panel: PanelClient, root: Person
) -> None:
    ada = world.person("ada")
    panel.do("award.grant", user="ada", badge="friends_1")
    panel.do("events.pause")
    line = panel.page("audit/1")
    assert "To whom ada" in words(line)
    for link in (
        f'<a href="/gamify/admin/users/{ada.id}">ada</a>',
        f'<a href="/gamify/admin/users/{root.id}">root</a>',
        f'<a href="/gamify/admin/audit?by={root.id}">All by root</a>',
        f'<a href="/gamify/admin/users/{ada.id}/changes">All to ada</a>',
    ):
        assert link in line
    assert "To whom" not in words(panel.page("audit/2"))
    assert panel.page("audit").count(f"/users/{ada.id}") == 1


def test_on_a_host_without_names_the_log_is_filtered_by_ids(new_panel: NewWorld) -> None:
    world = new_panel(host_map=HostMap(groups=frozenset({Group.SESSION, Group.ROLES})))
    panel, ada = enter(world), world.person("ada")
    panel.do("award.grant", user=str(ada.id), badge="friends_1", reason="one")
    assert reasons(panel, user=str(ada.id)) == ["one"]
    assert reasons(panel, user="ada") == []
    assert f"To whom user {ada.id}" in words(panel.page("audit/1"))


def test_every_tab_about_a_user_is_in_the_menu_below_users(
    world: World, panel: PanelClient, root: Person
) -> None:
    for name in users.TABS:
        page = panel.page(f"users/{root.id}" + (f"/{name}" if name else ""))
        assert 'href="/gamify/admin/users" aria-current="page"' in page
