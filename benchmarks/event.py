"""One badge event and its commit, against the bare driver and a plain ORM version of the rule."""

from __future__ import annotations

from itertools import count
from typing import Any

from blinker import signal
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.host import host
from benchmarks.measure import Work, rates, report
from zeeguu_gamify import clock, emit
from zeeguu_gamify.models import Badge, BadgeCategory, UserBadge, UserBadgeProgress

UPSERT = (
    "INSERT INTO user_badge_progress (user_id, badge_category_id, value) VALUES (1, 1, 1) "
    "ON DUPLICATE KEY UPDATE value = LAST_INSERT_ID(value + 1)"
)
UPDATE = (
    "UPDATE user_badge_progress SET value = LAST_INSERT_ID(value + 1), updated_at = :now "
    "WHERE user_id = 1 AND badge_category_id = 1"
)
LIMIT = "bare cursor: upsert + commit"


def run() -> list[str]:
    """The table of this benchmark."""
    with host() as (_app, db):
        driver = db.engine.raw_connection()
        work = {LIMIT: _bare(driver), **_ours(db), **_plain(db)}
        found = rates(work)
        driver.close()
    return report("One badge event + commit (MariaDB, durable disk)", LIMIT, found)


def _bare(driver: Any) -> Work:
    cursor = driver.cursor()

    def work() -> None:
        cursor.execute(UPSERT)
        driver.commit()

    return work


def _ours(db: SQLAlchemy) -> dict[str, Work]:
    session = db.session()
    word_translated = signal("word_translated")
    ids = count()

    def by_signal() -> None:
        word_translated.send(None, user_id=1, db_session=session)
        session.commit()

    def by_emit_with_id() -> None:
        emit(session, "word.translated", user_id=1, event_id=str(next(ids)))
        session.commit()

    return {"our signal": by_signal, "our emit with an event_id": by_emit_with_id}


def _plain(db: SQLAlchemy) -> dict[str, Work]:
    session, statement = Session(db.engine), text(UPDATE)

    def by_text() -> None:
        session.execute(statement, {"now": clock.now()})
        session.commit()

    def by_cursor() -> None:
        connection: Any = session.connection().connection
        with connection.cursor() as cursor:
            cursor.execute(UPDATE.replace(":now", "%s"), (clock.now(),))
        session.commit()

    def by_orm() -> None:
        _orm_version(session)
        session.commit()

    return {
        "the bare UPDATE through session text": by_text,
        "the bare UPDATE through the session's cursor": by_cursor,
        "a plain ORM version of the rule": by_orm,
    }


def _orm_version(session: Session) -> None:
    """What one would write at first: five statements, and increments lost under concurrency."""
    category = session.scalars(
        select(BadgeCategory).where(BadgeCategory.metric == "TRANSLATED_WORDS")
    ).one()
    progress = session.scalars(
        select(UserBadgeProgress).where(
            UserBadgeProgress.user_id == 1, UserBadgeProgress.badge_category_id == category.id
        )
    ).one()
    progress.value += 1
    session.flush()
    reached = session.scalars(
        select(Badge).where(
            Badge.badge_category_id == category.id, Badge.threshold <= progress.value
        )
    ).all()
    owned = set(session.scalars(select(UserBadge.badge_id).where(UserBadge.user_id == 1)))
    session.add_all(
        UserBadge(user_id=1, badge_id=badge.id, achieved_at=clock.now(), is_shown=False)
        for badge in reached
        if badge.id not in owned
    )
