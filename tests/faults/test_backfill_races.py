"""Backfills and events that meet: every badge is granted once, and no event fails because of it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tests.hosts import User, close, db_of, engine_of, make_host, mount_host, mount_on
from tests.processes import meet, run_processes
from tests.servers import Server
from zeeguu_gamify import emit
from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.batch import Job
from zeeguu_gamify.clock import now
from zeeguu_gamify.jobs import runner
from zeeguu_gamify.models import BadgeAwardLog, OutboxMessage, UserBadge, UserBadgeProgress

USERS = range(100, 160)


def backfill_or_practise(url: str) -> int:
    """One half backfills everybody, the other lets everybody cross the same threshold."""
    app = mount_host(url)
    with app.app_context():
        session = db_of(app).session
        mount = mount_on(app)
        mount.refresh(session())
        session.rollback()
        number = meet()
        if number % 2:
            what = Round(badges_of(mount), Manner("backfill", notify=True), size=20)
            job = Job("backfill", "backfill", lambda *_: what)
            runner.run(mount, job, now(), f"process {number}")
            found = what.granted.total()
        else:
            found = 0
            for user_id in USERS if number % 4 else reversed(USERS):
                found += len(emit(session, "word.translated", user_id=user_id).new_badges)
                session.commit()
        close(app)
    return found


@pytest.mark.core
def test_backfills_and_events_at_once_grant_each_badge_once(sql_server: Server) -> None:
    url = sql_server.new_database()
    app = make_host(url)
    with app.app_context():
        with Session(engine_of(app)) as session:
            mount_on(app).refresh(session)
        family = mount_on(app).live.by_metric["TRANSLATED_WORDS"].id
        with engine_of(app).begin() as connection:
            connection.execute(
                insert(User), [{"id": n, "username": f"u{n}", "name": "x"} for n in USERS]
            )
            rows = [
                {"user_id": n, "badge_category_id": family, "value": 99 if n % 2 else 10}
                for n in USERS
            ]
            connection.execute(insert(UserBadgeProgress), rows)
    granted = run_processes(backfill_or_practise, 4, url)
    with engine_of(app).connect() as connection:
        rows_of = connection.execute(select(UserBadge.user_id, UserBadge.badge_id)).all()
        logged = connection.execute(select(func.count()).select_from(BadgeAwardLog)).scalar_one()
        told = connection.execute(select(func.count()).select_from(OutboxMessage)).scalar_one()
    close(app)
    assert len(rows_of) == len(set(rows_of)) == logged == sum(granted)
    assert len(rows_of) >= len(USERS)
    assert told <= logged
