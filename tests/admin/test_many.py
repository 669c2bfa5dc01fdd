"""With a hundred thousand users a page costs what it costs with three."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.admin.conftest import NewWorld
from tests.admin.people import ROOT, PanelClient
from tests.contract.hosts import NOW, World
from tests.servers import Server
from zeeguu_gamify.admin.paging import ROWS, pack
from zeeguu_gamify.testing import statements

USERS = 100_000
PAGES = ("", "catalog", "triggers", "awards", "holders", "badges/friends_1", "audit")
LISTS = ("users", "users?q=user2", "users?q=user2@example", "users?name=user+2",
         "users/1001/log", "users/1001/changes", "users/1001/ledger", "users/1001/friends",
         "users/1001/purchases", "users/1001/inbox", "backfills", "seasons",
         "rewards", "purchases", "webhooks", "clients", "jobs", "parked",
         "amnesties")  # fmt: skip
#: These ask of several rooms.
MIXED = ("users/1001", "audit?user=1001", "users/1001/progress", "users/1001/streaks",
         "explain?user=1001", "explain?user=1001&event=article.read")  # fmt: skip
#: A page of a list looks at its rows, at those that belong to them, and at little else.
LOOKED_AT = 10 * ROWS

CROWD = (
    "INSERT INTO user (id, username, name, email) SELECT 1000 + seq, CONCAT('user', seq), "
    "CONCAT('User ', seq), CONCAT('user', seq, '@example.org') FROM seq_1_to_{users}",
    "CREATE UNIQUE INDEX email ON user (email)",  # as in production
    "INSERT INTO user_badge (user_id, badge_id, achieved_at) "
    "SELECT 1000 + seq, {badge}, '2026-11-01' FROM seq_1_to_{users}",
    "INSERT INTO badge_award_log (user_id, badge_id, action, at, event) "
    "SELECT 1000 + seq, 1 + seq % 35, 'GRANTED', "
    "'2026-11-20 12:00' - INTERVAL seq * 7919 % 40320 MINUTE, 'article.read' FROM seq_1_to_{users}",
    "INSERT INTO ledger_entry (user_id, asset, amount, at, reason, language_id) "
    "SELECT IF(seq % 10, 1000 + seq, 1001), 'EXP', 1, '2026-11-20', 'x', 0 FROM seq_1_to_{users}",
    "INSERT INTO user_profile (user_id, exp) SELECT 1000 + seq, seq FROM seq_1_to_{users}",
    "ANALYZE TABLE user, user_badge, badge_award_log, ledger_entry, user_profile",
)


@pytest.fixture
def crowded(new_panel: NewWorld, mariadb: Server) -> World:
    """A host in which everybody holds a badge, and got one in the last 28 days, some today."""
    return crowd(new_panel(mariadb.new_database()), USERS)


def crowd(world: World, users: int) -> World:
    badge = world.badge_id("friends_1")
    with world.app.app_context(), world.db.engine.begin() as connection:
        for statement in CROWD:
            connection.execute(text(statement.format(users=users, badge=badge)))
    return world


def enter(world: World) -> PanelClient:
    return PanelClient(world, world.person("root", is_admin=True).uuid)


def costs(world: World, panel: PanelClient) -> dict[str, int]:
    """Page → statements."""
    found = {}
    for path in (*PAGES, *LISTS, *MIXED):
        panel.page(path)
        with world.app.app_context(), statements(world.db.engine) as ran:
            panel.page(path)
        found[path] = len(ran)
    return found


def looked_at(world: World, panel: PanelClient, path: str, **query: str) -> int:
    """How many rows the server looked at for a page."""
    status = text("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
    with world.app.app_context(), world.db.engine.connect() as connection:
        before = sum(int(row[1]) for row in connection.execute(status))
        panel.page(path, **query)
        return sum(int(row[1]) for row in connection.execute(status)) - before


def test_pages_cost_the_same_whatever_the_number_of_users(
    crowded: World, new_panel: NewWorld, mariadb: Server
) -> None:
    panel = enter(crowded)
    small = crowd(new_panel(mariadb.new_database()), 3)
    with_many = costs(crowded, panel)
    assert with_many == costs(small, enter(small))
    assert max(with_many[path] for path in (*PAGES[1:], *LISTS)) <= 4
    assert max(with_many[path] for path in MIXED) <= 15

    somewhere = pack([(NOW - timedelta(hours=12)).isoformat(), USERS // 2])
    assert looked_at(crowded, panel, "awards") < LOOKED_AT
    assert looked_at(crowded, panel, "awards", after=somewhere) < LOOKED_AT
    deep = looked_at(crowded, panel, "badges/friends_1", after=pack([USERS // 2]))
    assert deep < LOOKED_AT + 2 * USERS // 35  # the days of its trend are read and grouped

    page = f"{ROOT}users?after={pack([USERS // 2])}"
    log = f"{ROOT}users/1005/log?after={pack([(NOW - timedelta(days=20)).isoformat(), USERS])}"
    for path in (
        "users", page, "users?q=user5", "users?q=1005", "users?q=user5@", "users?name=user",
        "users/1001", "users/1005/ledger", "users/1005/log", log,
        "purchases",
    ):  # fmt: skip
        assert looked_at(crowded, panel, path) < LOOKED_AT, path
