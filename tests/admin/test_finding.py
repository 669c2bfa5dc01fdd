"""A user is found by whatever a mail to the moderators says of them."""

from __future__ import annotations

import pytest

from tests.admin.conftest import NewWorld
from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import column
from tests.contract.hosts import World
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.host import Group, HostMap


def found(panel: PanelClient, **query: str) -> list[str]:
    """The usernames on the page of users."""
    return column(panel, "users", "User", **query)


@pytest.fixture
def people(panel_world: World) -> PanelClient:
    """An admin's browser, on a host with a few people."""
    panel_world.person("bold_fox", name="Ada Lovelace", email="ada@example.org")
    panel_world.person("ada", name="Zoé 100%", email="adam@example.org")
    panel_world.person("shy_owl", name=None, email="x_y@example.org")
    return enter(panel_world)


@pytest.mark.core
def test_users_are_found_by_mail_and_full_name(people: PanelClient) -> None:
    for query, usernames in (
        ({"q": "ada@example.org"}, ["bold_fox"]),
        ({"q": "ADA@Exam"}, ["bold_fox"]),
        ({"q": "x%y@example.org"}, []),
        ({"q": "@"}, []),
        ({"q": "ada@example.org\0"}, []),
        ({"name": "lovelace"}, ["bold_fox"]),
        ({"name": "Ada L"}, ["bold_fox"]),
        ({"name": "0%"}, ["ada"]),
        ({"name": "_"}, []),
        ({"name": "\0"}, []),
        ({"q": "ada"}, ["ada"]),
        ({"q": "bold", "name": "ada"}, ["bold_fox"]),
        ({"q": "ada", "name": "ada"}, []),
    ):
        assert found(people, **query) == usernames, query


def test_a_list_of_users_tells_full_names_and_no_mail(people: PanelClient) -> None:
    for query in ({}, {"q": "ada@example.org"}):
        shown = words(people.page("users", **query))
        assert "bold_fox Ada Lovelace" in shown
        assert "None" not in shown
        assert "example.org" not in people.get("users.csv", **query).text


def test_full_names_are_looked_for_among_so_many_of_the_newest_users(
    panel_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for username in ("old", "new", "newest"):
        panel_world.person(username, name="Ada")
    panel = enter(panel_world)
    assert found(panel, name="ada") == ["newest", "new", "old"]
    monkeypatch.setattr(users, "NAMES", 3)
    assert found(panel, name="ada") == ["newest", "new"]


def test_a_host_that_has_no_full_names_or_mails_is_not_asked_for_them(
    new_panel: NewWorld,
) -> None:
    groups = frozenset({Group.SESSION, Group.NAMES, Group.ROLES})
    world = new_panel(host_map=HostMap(groups=groups))
    world.person("ada", name="Ada Lovelace")
    panel = enter(world)
    assert "Full name" not in words(panel.page("users"))
    assert found(panel, name="nobody") == ["root", "ada"]
    assert found(panel, q="ada@example.org") == []
    assert "Unknown user" in panel.page("explain", user="ada@example.org")


def test_forms_take_a_mail_for_a_user(panel_world: World, people: PanelClient) -> None:
    panel_world.person("ada@home")
    assert "bold_fox gets" in people.ask("award.grant", user="Ada@example.org", badge="friends_1")
    assert "ada@home gets" in people.ask("award.grant", user="ada@home", badge="friends_1")
    for unknown in ("ada@example", "@"):
        assert "Unknown user" in people.page("explain", user=unknown)


@pytest.mark.core
def test_whoever_is_called_like_the_id_of_another_is_not_taken_for_them(
    panel_world: World,
) -> None:
    """Pages about a user lead on by the id."""
    ada = panel_world.person("ada")
    panel_world.person(str(ada.id), name="Mallory")
    panel_world.person("4711")
    panel = enter(panel_world)
    assert f'users/{ada.id}">ada</a>' in panel.page("explain", user=ada.id, badge="friends_1")
    assert "4711 gets" in panel.ask("award.grant", user="4711", badge="friends_1")
    assert found(panel, q=str(ada.id)) == [str(ada.id), "ada"]
