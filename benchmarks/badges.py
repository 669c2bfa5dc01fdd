"""One badge event and its commit, with the 35 badges that ship and with a thousand."""

from __future__ import annotations

from typing import Any

from blinker import signal
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from benchmarks.host import host
from benchmarks.measure import Work, rates, report
from tests.catalogs import thousand_badges
from zeeguu_gamify import update_badge_progress
from zeeguu_gamify.testing import statements

LIMIT = "35 badges"
#: Past the thresholds of the first five levels, so that none is crossed on the way.
BEGIN = 10_000


def run() -> list[str]:
    """The table of this benchmark; fails when the number of statements depends on the badges."""
    with host() as few, host(catalog=thousand_badges()) as many:
        work = {LIMIT: _work(*few), "1000 badges": _work(*many)}
        found = rates(work)
        counts = [
            _statements(app, db, work[name])
            for (app, db), name in ((few, LIMIT), (many, "1000 badges"))
        ]
    assert counts == [1, 1], counts
    lines = report("One badge event + commit, by the number of badges (MariaDB)", LIMIT, found)
    return [*lines, f"  {counts[0]} statement with 35 badges, {counts[1]} with 1000"]


def _work(app: Flask, db: SQLAlchemy) -> Work:
    word_translated = signal("word_translated")
    with app.app_context():
        update_badge_progress(db.session(), "TRANSLATED_WORDS", 1, BEGIN)
        db.session.commit()

    def work() -> None:
        with app.app_context():
            session = db.session()
            word_translated.send(None, user_id=1, db_session=session)
            session.commit()

    return work


def _statements(app: Flask, db: SQLAlchemy, work: Any) -> int:
    with app.app_context(), statements(db.engine) as ran:
        work()
    return len(ran)
