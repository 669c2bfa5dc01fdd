"""`catalog apply`: the rows become what the code says, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, change, engine_of
from zeeguu_gamify import AllOf, AtLeast, Catalog, composite, ladder, one_off
from zeeguu_gamify.badges import sync
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG, FAMILIES
from zeeguu_gamify.badges.definitions import FamilyDefinition
from zeeguu_gamify.models import Mechanism

WORDS = FAMILIES[0]


@pytest.fixture
def session(host: Flask) -> Iterator[Session]:
    """A session on each backend, whose catalog is as the code has it."""
    with Session(engine_of(host)) as session:
        yield session


def row(session: Session, badge_id: int = 1) -> dict[str, Any]:
    """A badge as the session sees it."""
    query = text("SELECT * FROM badge WHERE id = :id").bindparams(id=badge_id)
    return dict(session.execute(query).mappings().one())


def version(session: Session) -> int:
    """The version by which other processes notice a change."""
    return int(
        session.execute(
            text("SELECT value FROM gamify_setting WHERE name = 'catalog_version'")
        ).scalar_one()
    )


def with_first(family: FamilyDefinition = WORDS, **changes: Any) -> Catalog:
    """The default catalog, its first badge changed."""
    first = replace(family.badges[0], **changes)
    changed = replace(family, badges=(first, *family.badges[1:]))
    return Catalog((changed, *FAMILIES[1:]))


def lines(plan: sync.Plan) -> list[str]:
    """The changes as they are printed."""
    return [f"{change.action} {change.code}: {change.detail}" for change in plan.changes]


@pytest.mark.core
def test_what_ships_is_what_the_code_says(session: Session) -> None:
    before = version(session)
    plan = sync.apply(session, DEFAULT_CATALOG, texts=True)
    assert (plan.changes, plan.orphans) == ([], [])
    assert version(session) == before


@pytest.mark.core
def test_a_change_of_the_rule_raises_its_version_and_the_catalogs(session: Session) -> None:
    before = version(session)
    catalog = with_first(test=replace(WORDS.badges[0].test, threshold=5))  # type: ignore[type-var]
    assert lines(sync.plan(session, catalog)) == ["change translated_words_1: threshold: 10 → 5"]
    assert row(session)["threshold"] == 10
    sync.apply(session, catalog)
    assert (row(session)["threshold"], row(session)["rule_version"]) == (5, 2)
    assert version(session) == before + 1
    assert sync.plan(session, catalog).is_empty


def test_texts_of_rows_that_exist_are_kept_unless_asked(session: Session) -> None:
    catalog = with_first(name="Another name", icon_name="other.svg")
    assert sync.plan(session, catalog).is_empty
    sync.apply(session, catalog, texts=True)
    assert (row(session)["name"], row(session)["icon_name"]) == ("Another name", "other.svg")
    assert row(session)["rule_version"] == 1


def test_a_new_family_gets_ids_after_those_there_are(session: Session) -> None:
    catalog = Catalog((
        *FAMILIES,
        one_off("hello", name="H", trigger="word.learned", unachieved="-", achieved="+"),
    ))  # fmt: skip
    assert lines(sync.apply(session, catalog)) == [
        "add ONE:hello: family 'H'",
        "add hello: badge 'H' at 1",
    ]
    assert (row(session, 36)["code"], row(session, 36)["badge_category_id"]) == ("hello", 8)
    assert sync.plan(session, catalog).is_empty


def test_deprecating_keeps_its_first_day_and_restoring_ends_it(session: Session) -> None:
    sync.apply(session, with_first(deprecated=True))
    since = row(session)["deprecated_at"]
    assert since is not None
    sync.apply(session, with_first(deprecated=True, sort_score=9))
    assert row(session)["deprecated_at"] == since
    sync.apply(session, DEFAULT_CATALOG)
    assert row(session)["deprecated_at"] is None


def test_how_a_family_moves_is_corrected(session: Session) -> None:
    catalog = Catalog((replace(WORDS, mechanism=Mechanism.GAUGE), *FAMILIES[1:]))
    assert lines(sync.apply(session, catalog)) == [
        "change TRANSLATED_WORDS: award_mechanism: Mechanism.COUNTER → Mechanism.GAUGE"
    ]
    assert sync.plan(session, catalog).is_empty


def test_a_badge_goes_back_to_its_family(host: Flask, session: Session) -> None:
    change(host, text("UPDATE badge SET badge_category_id = 1, level = 9 WHERE id = 35"))
    assert lines(sync.apply(session, DEFAULT_CATALOG)) == [
        "change friends_5: move it to its family",
        "change friends_5: level: 9 → 5",
    ]
    assert row(session, 35)["badge_category_id"] == 7
    assert sync.plan(session, DEFAULT_CATALOG).is_empty


def test_what_the_code_does_not_define_is_an_orphan_and_stays(session: Session) -> None:
    poems = ladder("POEMS", (1,), name="P", trigger="-", describe=lambda n: (f"{n}", f"{n}"))
    sync.apply(session, Catalog((*FAMILIES, poems)))
    plan = sync.apply(session, DEFAULT_CATALOG)
    assert plan.is_empty
    assert [orphan.code for orphan in plan.orphans] == ["poems_1"]
    assert row(session, 36)["deprecated_at"] is None


@pytest.mark.core
def test_what_the_code_does_not_define_is_deprecated_when_asked_for(session: Session) -> None:
    wanted = ["change translated_words_1: deprecate it, since the code does not define it"]
    one = replace(WORDS, badges=WORDS.badges[1:])
    smaller = Catalog((one, *FAMILIES[1:]))
    before = version(session)
    planned = sync.plan(session, smaller, deprecate=True)
    assert (lines(planned), planned.orphans) == (wanted, [])
    assert row(session)["deprecated_at"] is None
    assert lines(sync.apply(session, smaller, deprecate=True)) == wanted
    assert row(session)["deprecated_at"] is not None
    assert version(session) == before + 1
    again = sync.apply(session, smaller, deprecate=True)
    assert (again.changes, again.orphans) == ([], [])
    assert lines(sync.apply(session, DEFAULT_CATALOG)) == ["change translated_words_1: restore"]
    assert row(session)["deprecated_at"] is None


@pytest.mark.core
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("starts_at", datetime(2026, 12, 1)),
        ("ends_at", datetime(2027, 1, 1)),
        ("max_holders", 100),
    ],
)
def test_a_limit_is_part_of_the_rule(session: Session, column: str, value: Any) -> None:
    assert lines(sync.apply(session, with_first(**{column: value}))) == [
        f"change translated_words_1: {column}: None → {value!r}"
    ]
    assert row(session)["rule_version"] == 2
    assert sync.plan(session, with_first(**{column: value})).is_empty
    sync.apply(session, DEFAULT_CATALOG)
    assert (row(session)[column], row(session)["rule_version"]) == (None, 3)


def test_a_composite_changes_with_what_it_tests(session: Session) -> None:
    def catalog(threshold: int) -> Catalog:
        test = AllOf(AtLeast("FRIENDS", threshold), AtLeast("LEARNED_WORDS", 1))
        return Catalog(
            (*FAMILIES, composite("both", test=test, name="B", unachieved="-", achieved="+"))
        )

    sync.apply(session, catalog(1))
    assert row(session, 36)["rule"] == "FRIENDS is at least 1 and LEARNED_WORDS is at least 1"
    sync.apply(session, catalog(2))
    assert row(session, 36)["rule_version"] == 2
    assert sync.plan(session, catalog(2)).is_empty


def test_what_was_granted_before_a_badge_is_limited_counts(host: Flask, session: Session) -> None:
    for user_id in (ADA, BEN):
        change(
            host,
            text("INSERT INTO user_badge (user_id, badge_id, context) VALUES (:user, 1, :none)")
            .bindparams(user=user_id, none=b""),
        )  # fmt: skip
    sync.apply(session, with_first(max_holders=3))
    assert row(session)["grants_made"] == 2
    sync.apply(session, with_first(max_holders=4))
    assert row(session)["grants_made"] == 2
