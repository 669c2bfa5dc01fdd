"""Lists of whatever length: page by page, and as a file that is sent while it is read."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import QueuePool

from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import awarded, column
from tests.contract.hosts import NOW, World
from zeeguu_gamify.admin import lists
from zeeguu_gamify.admin.paging import ROWS, pack


def pages(panel: PanelClient, path: str, pattern: str) -> list[list[str]]:
    """What matches on each page, from the first to the last by their links."""
    found: list[list[str]] = []
    url = path
    while url:
        assert len(found) < 5, "the pages do not end"
        page = panel.page(url)
        found.append(re.findall(pattern, page[page.index("<tbody") :]))
        link = re.search(r'href="([^"]+)" rel="next"', page)
        url = unescape(link[1]) if link else ""
    return found


def crowd(world: World, count: int) -> list[str]:
    """So many people who hold a badge since the same instant; the newest first."""
    names = [f"user{n:03}" for n in range(count)]
    for name in names:
        person = world.person(name)
        world.hold(person, "friends_1")
        awarded(world, person, "friends_1", NOW)
    return names[::-1]


@pytest.mark.parametrize("count", [ROWS - 1, ROWS, ROWS + 1])
def test_each_row_is_on_one_page(world: World, panel: PanelClient, count: int) -> None:
    people = crowd(world, count)
    for path in ("badges/friends_1", "awards"):
        found = pages(panel, path, r"user\d{3}")
        assert [len(page) for page in found] == [min(count, ROWS), *([1] * (count > ROWS))]
        assert [name for page in found for name in page] == people


def test_rows_of_one_instant_are_told_apart_on_each_backend(
    panel_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(panel_world, 7)
    panel = enter(panel_world)
    monkeypatch.setattr(lists, "CSV_ROWS", 3)
    assert column(panel, "awards", "User") == people
    assert column(panel, "badges/friends_1/holders", "User") == people


def test_rows_that_come_meanwhile_move_none_to_another_page(
    world: World, panel: PanelClient
) -> None:
    people = crowd(world, ROWS + 1)
    next_page = re.search(r'href="([^"]+)" rel="next"', panel.page("awards"))
    assert next_page
    awarded(world, world.person("late"), "friends_1", NOW)
    page = panel.page(unescape(next_page[1]))
    assert re.findall(r"user\d{3}", page) == people[-1:]


def test_filters_are_kept_from_page_to_page(world: World, panel: PanelClient) -> None:
    crowd(world, ROWS + 1)
    page = panel.page("awards", badge="friends_1")
    assert re.search(r'href="/gamify/admin/awards\?badge=friends_1&amp;after=\S+" rel="next"', page)
    assert 'href="/gamify/admin/awards.csv?badge=friends_1"' in page
    assert '<option value="friends_1" selected>' in page


@pytest.mark.parametrize(
    "after",
    [
        "x", "ä", "W10", "e30", pack([]), pack([1]), pack([1, 2, 3]), pack(["now", 1]),
        pack([NOW.isoformat(), "1"]), pack([NOW.isoformat(), 2**70]), pack([NOW.isoformat(), True]),
        pack([[], 1]), "W" * 100_000,
    ],
)  # fmt: skip
def test_a_cursor_that_no_list_has_given_is_refused(panel: PanelClient, after: str) -> None:
    for path in ("awards", "catalog", "badges/friends_1"):
        answer = panel.get(path, after=after)
        if (path, after) in {("catalog", pack([1])), ("badges/friends_1", pack([1]))}:
            continue
        assert answer.status_code == 400, path
        assert "after: not one that this list has given." in words(answer.text)


def test_the_end_of_a_list_is_no_error(panel: PanelClient) -> None:
    for after in (pack([10**6]), pack([0])):
        page = panel.page("badges/friends_1", after=after)
        assert "Nobody holds it yet." in words(page)
        assert "Show all" in words(page)


def test_a_file_has_all_rows_and_gives_its_connection_back(
    world: World, panel: PanelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(world, 7)
    monkeypatch.setattr(lists, "CSV_ROWS", 2)
    assert column(panel, "badges/friends_1/holders", "User") == people
    answer = panel.get("awards.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=awards.csv"
    next(answer.iter_encoded())
    answer.close()  # the client has gone away
    with world.app.app_context():
        pool = world.db.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 0


def test_a_file_is_sent_while_it_is_read(
    world: World, panel: PanelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world, 7)
    monkeypatch.setattr(lists, "CSV_ROWS", 2)
    chunks = panel.get("awards.csv").iter_encoded()
    assert next(chunks).startswith("\ufeffWhen,User".encode())
    assert next(chunks).count(b"\r\n") == 2
    assert len(list(chunks)) == 3


def test_an_instant_is_one_for_machines_too(world: World, panel: PanelClient) -> None:
    awarded(world, world.person("ada"), "friends_1", datetime(2026, 11, 20, 8, 5))
    assert (
        '<time datetime="2026-11-20T08:05:00Z" title="3 h ago">2026-11-20 08:05 UTC</time>'
        in panel.page("awards")
    )
