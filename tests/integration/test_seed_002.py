"""The document "Badge system, step 1: data models": its guarantees on ours.

Which test stands for which bullet is listed in docs/badges.md.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import delete, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from tests.hosts import ADA, BEN, MakeHost, User, badges, change, db_of, engine_of, grants, progress
from zeeguu_gamify import Catalog, emit, one_off, update_badge_progress
from zeeguu_gamify.badges.default_catalog import EXAMPLES, FAMILIES
from zeeguu_gamify.models import Badge, BadgeCategory, UserBadge

#: The document's three badges are shipped; these have an icon as it has them, and none.
FLAME = one_off(
    "FLAME", name="Flame", icon="🔥", trigger="exercise.correct",
    unachieved="Catch fire.", achieved="You did.",
)  # fmt: skip
BARE = one_off(
    "BARE", name="Bare", trigger="exercise.correct", unachieved="Do it.", achieved="You did.",
)  # fmt: skip
CATALOG = Catalog([*FAMILIES, *EXAMPLES, FLAME, BARE])


def row_of_badge(host: Flask, code: str) -> dict[str, object]:
    """A row like that of FRIENDS_1, with another code, in the same family at level 99."""
    with engine_of(host).connect() as connection:
        like = connection.execute(select(Badge.__table__).where(Badge.code == "friends_1")).one()
    return {**like._mapping, "id": None, "code": code, "level": 99}


def test_a_badge_can_be_made_without_an_icon(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    with engine_of(host).connect() as connection:
        found = connection.execute(
            select(Badge.id, Badge.code, Badge.name, Badge.icon_name, Badge.created_at).where(
                Badge.code.in_(["FLAME", "BARE"])
            )
        ).all()
    by_code = {row.code: row for row in found}
    assert by_code["FLAME"].icon_name == "🔥"
    assert by_code["BARE"].icon_name is None
    assert all(row.id and row.name and row.created_at for row in found)


def test_no_two_badges_have_the_same_code(host: Flask) -> None:
    change(host, insert(Badge).values(row_of_badge(host, "another")))
    with pytest.raises(IntegrityError):
        change(host, insert(Badge).values(row_of_badge(host, "friends_2") | {"level": 98}))


def test_no_user_has_a_badge_twice(host: Flask) -> None:
    update_badge_progress(db_of(host).session, "FRIENDS", ADA, 1)
    db_of(host).session.commit()
    [held] = grants(host)
    row = {"user_id": ADA, "badge_id": held.badge_id, "achieved_at": datetime(2026, 1, 1)}
    with pytest.raises(IntegrityError):
        change(host, insert(UserBadge).values(row))


def test_a_user_may_have_several_badges_and_a_badge_several_users(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    session = db_of(host).session
    for user_id in (ADA, BEN):
        emit(session, "streak.changed", user_id=user_id, value=2)
    emit(session, "streak.changed", user_id=ADA, value=3)
    session.commit()
    assert badges(host, ADA) == ["FIRST_SESSION", "STREAK_3"]
    assert badges(host, BEN) == ["FIRST_SESSION"]


def test_five_hundred_exp_are_a_badge(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    session = db_of(host).session
    emit(session, "exp.gained", user_id=ADA, amount=499)
    session.commit()
    assert "XP_500" not in badges(host)
    emit(session, "exp.gained", user_id=ADA, amount=1)
    session.commit()
    assert badges(host) == ["50_xp", "XP_500", "first_xp"]


def test_deleting_a_user_deletes_the_users_badges(server_host: Flask) -> None:
    update_badge_progress(db_of(server_host).session, "FRIENDS", ADA, 1)
    db_of(server_host).session.commit()
    change(server_host, delete(User).where(User.id == ADA))
    assert (badges(server_host), progress(server_host)) == ([], {})


def test_deleting_a_badge_that_somebody_holds_is_refused(server_host: Flask) -> None:
    """Here we differ: history is kept, so a badge is deprecated, not deleted."""
    update_badge_progress(db_of(server_host).session, "FRIENDS", ADA, 1)
    db_of(server_host).session.commit()
    with pytest.raises(IntegrityError):
        change(server_host, delete(Badge).where(Badge.code == "friends_1"))
    assert change(server_host, delete(Badge).where(Badge.code == "friends_2")) == 1


def test_codes_users_and_badges_are_found_by_an_index(host: Flask) -> None:
    looked = inspect(engine_of(host))
    first: set[tuple[str, str | None]] = set()
    for table in ("badge", "user_badge"):
        first |= {(table, index["column_names"][0]) for index in looked.get_indexes(table)}
        first |= {(table, key["column_names"][0]) for key in looked.get_unique_constraints(table)}
    assert {("badge", "code"), ("user_badge", "user_id")} <= first


def test_a_one_off_is_a_row_of_each_table(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    with engine_of(host).connect() as connection:
        metrics = connection.execute(select(BadgeCategory.metric)).scalars().all()
    assert {"ONE:FLAME", "ONE:BARE"} <= set(metrics)
