"""`flask gamify outbox`, and what doctor says of it."""

from __future__ import annotations

import json

from sqlalchemy import update

from tests.contract.hosts import World
from tests.contract.test_commands import finding, lines, run
from zeeguu_gamify.delivery.claims import NEVER
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.testing import deliver


def park(world: World) -> None:
    """Let a message of Ada have failed too often."""
    ada = world.person("Ada")
    with world.app.app_context():
        session = world.db.session()
        put(session, world.mount, "friend.removed", {}, user_id=ada.id)
        session.execute(update(OutboxMessage).values(due_at=NEVER, attempts=8, error="no luck"))
        session.commit()


def test_it_lists_what_is_parked_and_retries_it(sqlite_world: World) -> None:
    park(sqlite_world)
    waits, parked = lines(sqlite_world, "outbox")
    assert waits == "0 wait."
    assert parked.startswith("parked 1: friend.removed of user 1")
    assert parked.endswith("no luck")
    assert deliver(sqlite_world.app) == 0
    assert lines(sqlite_world, "outbox --retry")[0] == "1 are tried again."
    assert deliver(sqlite_world.app) == 1
    found = json.loads(run(sqlite_world, "outbox --json").output)
    assert found == {"waiting": 0, "oldest": None, "parked": [], "retried": 0}


def test_doctor_tells_of_what_is_parked(sqlite_world: World) -> None:
    park(sqlite_world)
    found = finding(sqlite_world, "outbox", "warning")
    assert found["message"] == "1 messages failed too often, last: no luck"
    assert "flask gamify outbox --retry" in found["remedy"]
