"""Who is let into the panel, and that to everybody else there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.admin.conftest import NewWorld
from tests.admin.people import PATH, ROOT, PanelClient, words
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.admin import mounting
from zeeguu_gamify.admin.access import COOKIE
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.host import Group, HostMap

#: A page of each kind.
PAGES = ["", "catalog", "catalog.csv", "triggers", "awards", "holders", "audit", "audit/1",
         "badges/friends_1", "change/events.pause", "static/panel.css", "users", "users.csv",
         "users/1", "users/1/streaks", "users/1/ledger.csv", "explain", "simulate", "rule-change",
         "backfills", "backfills/x/progress", "seasons", "rewards", "purchases.csv", "webhooks",
         "clients", "jobs", "parked", "amnesties", "classes", "classes/1", "nonsense",
         "users/abc"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_answered_as_the_host_answers_strangers(world: World, page: str) -> None:
    stranger = PanelClient(world)
    for query in ({}, {"session": "nobody's"}):
        answer = stranger.get(page, **query)
        assert (answer.status_code, "amify" in answer.text) == (401, False)
        assert "Content-Security-Policy" not in answer.headers
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("page", PAGES)
def test_to_a_plain_user_there_is_no_panel(world: World, page: str) -> None:
    plain = PanelClient(world, world.person("ada").uuid)
    answer, nowhere = plain.get(page), plain.get("/nowhere")
    assert (answer.status_code, answer.text) == (404, nowhere.text)
    assert dict(answer.headers) == dict(nowhere.headers)


@pytest.mark.parametrize("address", ["nonsense", "users/abc", "users/1/nonsense/", "classes/x"])
def test_an_address_that_is_none_is_a_page_with_a_way_back_for_admins_alone(
    world: World, panel: PanelClient, address: str
) -> None:
    plain = PanelClient(world, world.person("ada").uuid)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = panel.client.open(ROOT + address, method=method)
        assert answer.status_code == 404
        assert words(answer.text) == "Not found There is no page at this address. Back"
        refused, nowhere = (
            plain.client.open(path, method=method) for path in (ROOT + address, "/nowhere")
        )
        assert (refused.status_code, refused.text) == (404, nowhere.text)
    assert "Gamify" not in panel.get("/gamify/nonsense").text


def test_an_expired_session_is_no_session(world: World, root: Person) -> None:
    table = world.tables["session"]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(update(table).values(last_use=NOW - timedelta(days=32)))
    assert PanelClient(world, root.uuid).get().status_code == 401


def test_a_session_that_has_ended_is_forgotten_and_the_hosts_own_cookie_counts_again(
    world: World, root: Person
) -> None:
    panel = PanelClient(world, "ended")
    panel.client.set_cookie("chocolatechip", root.uuid)
    assert panel.get().status_code == 401
    assert panel.get().status_code == 200


def test_an_admin_who_is_one_no_more_is_out_at_once(
    world: World, root: Person, panel: PanelClient
) -> None:
    assert panel.get().status_code == 200
    table = world.tables["user"]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == root.id).values(is_admin=False))
    assert panel.get().status_code == 404


def test_the_session_goes_from_the_url_into_a_cookie_for_the_panel_alone(
    world: World, root: Person
) -> None:
    client = PanelClient(world)
    answer = client.get("catalog", session=root.uuid, q="friends", family="FRIENDS")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{PATH}/catalog?q=friends&family=FRIENDS"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}={root.uuid};")
    for part in ("HttpOnly", "SameSite=Strict", f"Path={PATH}"):
        assert part in cookie
    assert "Secure" not in cookie
    assert client.get(answer.headers["Location"]).status_code == 200


def test_whatever_else_is_asked_is_kept_as_it_is(world: World, root: Person) -> None:
    for query in (
        "_external=1&_scheme=javascript",
        "endpoint=x&values=1",
        "_anchor=x",
        "q=a&q=b%26",
    ):
        answer = PanelClient(world).get(f"{PATH}/catalog?session={root.uuid}&{query}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{PATH}/catalog?{query}")


def test_by_https_the_cookie_is_for_https_only(world: World, root: Person) -> None:
    client = world.app.test_client()
    answer = client.get(ROOT, query_string={"session": root.uuid}, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_behind_a_link_of_another_site_a_page_of_ours_goes_on(world: World, root: Person) -> None:
    """A strict cookie is not sent where such a link redirects to."""
    answer = world.app.test_client().get(
        ROOT, query_string={"session": root.uuid}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == f"0; url={ROOT}"
    assert root.uuid not in answer.text
    assert answer.headers["Set-Cookie"].startswith(COOKIE)


def test_the_hosts_own_cookie_opens_the_panel_too(world: World, root: Person) -> None:
    client = world.app.test_client()
    client.set_cookie("chocolatechip", root.uuid)
    assert client.get(ROOT).status_code == 200


def test_leaving_forgets_the_session_here(panel: PanelClient) -> None:
    assert panel.post("leave").status_code == 400
    assert panel.get().status_code == 200
    assert panel.post("leave", csrf=panel.token()).status_code == 302
    assert panel.get().status_code == 401


def test_pages_are_kept_nowhere_and_take_nothing_from_elsewhere(panel: PanelClient) -> None:
    for page in ("", "catalog", "badges/nothing"):
        headers = panel.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    with panel.get("static/panel.css") as style:
        assert "max-age" in style.headers["Cache-Control"]


INLINE = ["", "catalog", "triggers", "awards", "holders", "audit", "users", "users/1",
          "users/1/streaks", "explain?user=1", "simulate", "rule-change", "backfills", "seasons",
          "rewards", "purchases", "webhooks", "clients", "jobs", "parked", "amnesties"]  # fmt: skip


@pytest.mark.parametrize("page", INLINE)
def test_no_page_has_anything_inline(panel: PanelClient, page: str) -> None:
    shown = panel.page(page)
    for inline in ("<script", "<style", "style=", "onclick", "javascript:", "http://", "https://"):
        assert inline not in shown


def test_there_is_no_panel_unless_it_is_switched_on(build: NewWorld) -> None:
    world = build(roles=True)
    root = world.person("root", is_admin=True)
    assert PanelClient(world, root.uuid).get().status_code == 404


def test_there_is_no_panel_on_a_host_without_roles(new_panel: NewWorld) -> None:
    world = new_panel(host_map=HostMap(groups=frozenset({Group.SESSION, Group.NAMES})))
    root = world.person("root", is_admin=True)
    assert PanelClient(world, root.uuid).get().status_code == 404


def test_the_panel_stands_behind_the_prefix_of_all_our_routes(new_panel: NewWorld) -> None:
    world = new_panel(url_prefix="/api")
    root = world.person("root", is_admin=True)
    client = PanelClient(world)
    answer = client.get(f"/api{ROOT}", session=root.uuid)
    assert f"Path=/api{PATH}" in answer.headers["Set-Cookie"]
    assert client.get(answer.headers["Location"]).status_code == 200


def test_without_wtforms_mounting_says_what_to_install(
    new_panel: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'wtforms'", name="wtforms")

    monkeypatch.setattr(mounting, "import_module", lacking)
    with pytest.raises(ConfigError, match=r"pip install 'zeeguu-gamify\[admin\]'"):
        new_panel()


def test_on_a_host_without_names_users_are_called_by_their_ids(new_panel: NewWorld) -> None:
    world = new_panel(host_map=HostMap(groups=frozenset({Group.SESSION, Group.ROLES})))
    root = world.person("root", is_admin=True)
    world.hold(root, "friends_1")
    panel = PanelClient(world, root.uuid)
    assert f"Signed in as user {root.id}" in words(panel.page().replace("<body", "<main"))
    assert f"user {root.id}" in words(panel.page("badges/friends_1"))
    for page in ("awards", "holders", "audit"):
        panel.page(page)
