"""GET /my_badges through the whole of Flask, against its bare statements."""

from __future__ import annotations

from typing import Any

from flask import g

from benchmarks.host import host
from benchmarks.measure import rates, report
from zeeguu_gamify.badges import shelf
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.rate_limits import RateLimits
from zeeguu_gamify.testing import statements

LIMIT = "bare cursor: the same two SELECTs"


def run() -> list[str]:
    """The table of this benchmark."""
    with host() as (app, db):
        mount = current_mount()
        mount.requires_session = _as_the_learner
        mount.rate_limits = RateLimits({"badges": "999999999/day"}, None)
        client, session = app.test_client(), db.session()
        client.get("/my_badges")
        driver: Any = db.engine.raw_connection()
        cursor = driver.cursor()

        def bare() -> None:
            cursor.execute("SELECT * FROM user_badge WHERE user_id = 1")
            cursor.execute("SELECT * FROM user_badge_progress WHERE user_id = 1")

        found = rates(
            {
                LIMIT: bare,
                "the shelf, without HTTP": lambda: shelf.own_shelf(session, mount, 1),
                "GET /my_badges": lambda: client.get("/my_badges"),
                "GET of the host's cheapest page": lambda: client.get("/static/none"),
            }
        )
        with statements(db.engine) as ran:
            client.get("/my_badges")
        driver.close()
    lines = report("GET /my_badges", LIMIT, found)
    return [*lines, f"  {len(ran)} statements, and one for the session"]


def _as_the_learner(view: Any) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        g.user_id = 1
        return view(*args, **kwargs)

    return run
