"""The document "Event triggers and threshold families", bullet by bullet, on its own events.

Which test stands for which bullet is listed in docs/badges.md; what other tests show already is
not shown again here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from collectors.app import db
from collectors.badges import CATALOG
from collectors.events import EVENTS as COLLECTORS
from flask import Flask
from sqlalchemy import delete, select, update

from tests.hosts import award_log, badges, change, engine_of, grants, mount_on, progress
from tests.integration.collectors import (
    ADA,
    BEN,
    MOD,
    NOON,
    contributes,
    does,
    make_collectors,
    opened,
)
from zeeguu_gamify import emit
from zeeguu_gamify.badges.snapshot import load
from zeeguu_gamify.events import dictionary
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.testing import statements

SEED_EVENTS = {
    "review.approved", "edit.approved", "ownership.added", "ownership.removed",
    "wishlist.added", "compare.used", "cron.anniversary",
}  # fmt: skip


@pytest.fixture
def collectors(database_url: str) -> Iterator[Flask]:
    with opened(make_collectors(database_url)) as app:
        yield app


@pytest.fixture
def sqlite_collectors(tmp_path: Path) -> Iterator[Flask]:
    with opened(make_collectors(f"sqlite:///{tmp_path / 'collectors.db'}")) as app:
        yield app


# 1 Event types


def test_the_events_of_the_document_are_in_the_dictionary() -> None:
    assert dictionary(COLLECTORS).keys() >= SEED_EVENTS


def test_each_of_the_six_events_of_the_host_moves_what_it_is_about(collectors: Flask) -> None:
    contributes(collectors, ADA, "review", 2)
    contributes(collectors, ADA, "edit")
    for item in (1, 2, 3):
        does(collectors, ADA, "items", item, "own")
    does(collectors, ADA, "items", 1, "own", method="DELETE")
    does(collectors, ADA, "items", 4, "wish")
    does(collectors, ADA, "items", 4, "wish")  # the same one again
    does(collectors, ADA, "compare")
    values = progress(collectors, ADA)
    assert {name: values[name] for name in values if not name.startswith("ONE:")} == {
        "APPROVED_REVIEWS": 2, "APPROVED_EDITS": 1, "OWNED_ITEMS": 2, "WISHES": 1,
    }  # fmt: skip


# 2 Badge catalog


def test_every_badge_defines_all_that_the_document_asks_for() -> None:
    for family, badge in CATALOG.badges:
        assert badge.code
        assert family.metric
        assert badge.name
        assert badge.icon_name
        assert isinstance(badge.sort_score, int)
        assert CATALOG.triggers_of(badge, dictionary(COLLECTORS))
        assert badge.test is not None
    assert len({badge.code for _, badge in CATALOG.badges}) == len(list(CATALOG.badges))


# 3 Generators


def test_a_ladder_makes_stable_keys_roman_numerals_and_rising_sort_scores() -> None:
    reviewers = CATALOG.by_metric["APPROVED_REVIEWS"].badges
    assert [badge.code for badge in reviewers] == [f"approved_reviews_{n}" for n in (1, 2, 3, 4)]
    assert [badge.name for badge in reviewers] == [
        f"Reviewer {n}" for n in ("I", "II", "III", "IV")
    ]
    assert [badge.sort_score for badge in reviewers] == [11, 12, 13, 14]
    assert {(badge.icon_name, badge.color, badge.triggers) for badge in reviewers} == {
        ("review.svg", "#4F8EF7", ("review.approved",))
    }
    assert reviewers[2].unachieved_description == "Have 25 reviews approved."


def test_a_tenure_ladder_is_a_ladder_over_years() -> None:
    members = CATALOG.by_metric["TENURE_YEARS"].badges
    assert [badge.threshold for badge in members] == [1, 2, 5, 10]
    assert {badge.triggers for badge in members} == {("cron.anniversary",)}


# 4 Individual badges


def test_a_badge_of_its_own_listens_to_its_trigger(collectors: Flask) -> None:
    assert does(collectors, ADA, "compare") == ["comparer"]
    assert does(collectors, ADA, "compare") == []


def test_a_badge_may_listen_to_more_than_one_trigger(sqlite_collectors: Flask) -> None:
    collector = CATALOG.by_metric["OWNED_ITEMS"].badges[0]
    assert collector.triggers == ("ownership.added", "ownership.removed")


def test_a_badge_that_combines_metrics_comes_with_the_last_of_them(collectors: Flask) -> None:
    assert "all_rounder" not in contributes(collectors, ADA, "review", 5)
    assert "all_rounder" not in does(collectors, ADA, "items", 1, "own")
    assert "all_rounder" in contributes(collectors, ADA, "edit")


def test_a_badge_may_ask_for_a_fact_that_only_the_host_knows(collectors: Flask) -> None:
    for item in (1, 5):  # of the same brand
        does(collectors, ADA, "items", item, "own")
    does(collectors, ADA, "items", 2, "own")
    assert "eclectic" not in badges(collectors, ADA)
    assert "eclectic" in does(collectors, ADA, "items", 3, "own")


def test_a_badge_may_be_earned_once_for_each_context(collectors: Flask) -> None:
    for item in (1, 2, 5):
        does(collectors, ADA, "items", item, "own")
    fans = [row.context for row in grants(collectors, ADA) if row.code == "brand_fan"]
    assert sorted(fans) == ["brand1", "brand2"]


@pytest.mark.parametrize(
    ("at", "earned"),
    [
        (datetime(2026, 3, 10, 21, 59), False),
        (datetime(2026, 3, 10, 22, 0), True),
        (datetime(2026, 3, 11, 2, 59), True),
        (datetime(2026, 3, 11, 3, 0), False),
    ],
)
def test_a_night_owl_is_up_by_the_users_own_clock(
    sqlite_collectors: Flask, at: datetime, earned: bool
) -> None:
    new = contributes(sqlite_collectors, ADA, "review", at=at)
    assert ("night_owl" in new) is earned


@pytest.mark.parametrize(
    ("at", "earned"),
    [
        (datetime(2026, 2, 28, 23, 59), False),
        (datetime(2026, 3, 1), True),
        (datetime(2026, 3, 7, 23, 59), True),
        (datetime(2026, 3, 8), False),
    ],
)
def test_a_time_boxed_badge_is_earned_within_its_time_only(
    sqlite_collectors: Flask, at: datetime, earned: bool
) -> None:
    assert ("launch_week" in contributes(sqlite_collectors, ADA, "review", at=at)) is earned


# 5 Trigger routing


def test_an_index_leads_from_each_event_to_the_badges_that_listen() -> None:
    index = CATALOG.trigger_index(dictionary(COLLECTORS))
    assert {badge.code for badge in index["compare.used"]} == {"comparer"}
    assert {"launch_week", "night_owl", "founder", "all_rounder", "approved_reviews_1"} <= {
        badge.code for badge in index["review.approved"]
    }
    assert "wishes_1" not in {badge.code for badge in index["review.approved"]}


def test_the_badges_of_each_trigger_are_logged_at_boot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'collectors.db'}"
    with caplog.at_level(logging.INFO, "zeeguu_gamify"), opened(make_collectors(url)):
        pass
    assert "1 badges listen to compare.used" in caplog.messages


# 6 Snapshot


def test_a_snapshot_is_one_query_and_holds_what_was_asked_for(collectors: Flask) -> None:
    contributes(collectors, ADA, "review", 2)
    does(collectors, ADA, "items", 1, "own")
    fields = [
        "APPROVED_EDITS",
        "APPROVED_REVIEWS",
        "WISHES",
        "OWNED_ITEMS",
        "brands_owned",
        "joined",
    ]
    with statements(engine_of(collectors)) as ran:
        snapshot = load(db.session(), mount_on(collectors), ADA, fields)
    assert len(ran) == 1
    assert {name: str(value) for name, value in snapshot.values.items()} == {
        "APPROVED_EDITS": "0", "APPROVED_REVIEWS": "2", "WISHES": "0", "OWNED_ITEMS": "1",
        "brands_owned": "1", "joined": "2022-03-05",
    }  # fmt: skip


# 7 Evaluator


def test_an_event_returns_the_summary_of_what_it_awarded(collectors: Flask) -> None:
    assert contributes(collectors, ADA, "review") == ["approved_reviews_1", "founder"]


def test_an_award_is_made_once_whatever_is_repeated(collectors: Flask) -> None:
    [review] = does(collectors, ADA, "items", 1, "review")
    first = does(collectors, MOD, "contributions", review, "approve")
    again = does(collectors, MOD, "contributions", review, "approve")
    assert (sorted(first), again) == (["approved_reviews_1", "founder"], [])
    assert badges(collectors, ADA) == ["approved_reviews_1", "founder"]


def test_an_event_that_reaches_nothing_reads_no_catalog_and_no_snapshot(
    collectors: Flask,
) -> None:
    contributes(collectors, ADA, "edit", 2)
    with statements(engine_of(collectors)) as ran:
        emit(db.session, "edit.approved", user_id=ADA, context={"item_id": 1})
    db.session.rollback()
    assert len(ran) == 1


def test_the_snapshot_is_loaded_once_however_many_tests_read_it(collectors: Flask) -> None:
    """Of reviews, the night owl wants to know the hour."""
    contributes(collectors, ADA, "review", 2)
    with statements(engine_of(collectors)) as ran:
        emit(db.session, "review.approved", user_id=ADA, context={"item_id": 1})
    db.session.rollback()
    assert len(ran) == 2


# 9 Storage


def test_an_award_says_when_how_and_through_what_and_is_logged(collectors: Flask) -> None:
    contributes(collectors, BEN, "review")
    award = next(row for row in grants(collectors, BEN) if row.code == "approved_reviews_1")
    assert (award.source, award.context, award.sort_override) == ("auto", "", None)
    assert award.achieved_at == datetime(2026, 3, 10, 12)
    assert award.evidence["event"] == "review.approved"
    assert award_log(collectors, BEN) == ["approved_reviews_1", "founder"]


def test_a_badge_has_the_columns_that_the_document_lists(collectors: Flask) -> None:
    row = Badge.__table__.c
    columns = (
        row.code, row.name, row.icon_name, row.sort_score, row.hidden, row.users_with_badge,
        row.share_active, row.created_at, row.updated_at,
    )  # fmt: skip
    with engine_of(collectors).connect() as connection:
        found = connection.execute(select(*columns).where(row.code == "comparer")).one()
    assert found[:6] == ("comparer", "Comparer", "scales.svg", 0, False, 0)
    assert found.created_at is not None


# 10 Profile


def test_the_profile_shows_the_top_badges_and_says_them_in_short(collectors: Flask) -> None:
    contributes(collectors, ADA, "review", 25)
    contributes(collectors, ADA, "edit")
    answer = collectors.test_client().get(
        f"/api/v2/users/{ADA}/profile_badges?top=3", headers={"X-User-Id": str(ADA)}
    )
    assert answer.json is not None
    shown = [(badge["code"], badge["tooltip"]) for badge in answer.json]
    assert shown == [
        ("founder", "You were one of the first 100."),
        ("approved_edits_1", "1 approved edit"),
        ("approved_reviews_3", "25 approved reviews"),
    ]


# 8 Cron jobs


def command(app: Flask, *arguments: str, at: datetime) -> str:
    """What `flask gamify …` prints at `at` (UTC)."""
    with time_machine.travel(at.isoformat() + "Z", tick=False):
        result = app.test_cli_runner().invoke(args=["gamify", *arguments])
    assert result.exit_code == 0, result.output
    return str(result.output)


def job(app: Flask, name: str, at: datetime) -> str:
    return command(app, "run-job", name, "--at", at.isoformat(), at=at)


def test_on_the_day_of_joining_by_their_own_date_people_get_their_years(collectors: Flask) -> None:
    job(collectors, "anniversaries", datetime(2026, 3, 4, 12))
    assert badges(collectors, BEN) == ["tenure_years_1", "tenure_years_2"]
    assert badges(collectors, ADA) == []  # it is the fourth in Berlin, and she joined on the fifth
    job(collectors, "anniversaries", datetime(2026, 3, 4, 23, 30))
    assert badges(collectors, ADA) == ["tenure_years_1", "tenure_years_2"]


def test_the_holders_of_each_badge_are_counted_and_their_share_of_the_active(
    collectors: Flask,
) -> None:
    for user_id in (ADA, BEN):
        contributes(collectors, user_id, "review")
    does(collectors, ADA, "compare")
    does(collectors, MOD, "items", 1, "wish")
    summary = job(collectors, "holders", datetime(2026, 3, 11))
    assert "badges" in summary
    with engine_of(collectors).connect() as connection:
        row = Badge.__table__.c
        counted = connection.execute(select(row.code, row.users_with_badge, row.share_active))
        found = {code: (holders, round(float(share or 0), 2)) for code, holders, share in counted}
    assert found["approved_reviews_1"] == (2, 0.67)
    assert found["comparer"] == (1, 0.33)
    assert found["approved_edits_1"] == (0, 0.0)


def test_a_count_that_changes_wildly_raises_an_alarm(
    sqlite_collectors: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    change(
        sqlite_collectors, update(Badge).where(Badge.code == "comparer").values(users_with_badge=99)
    )
    job(sqlite_collectors, "holders", datetime(2026, 3, 11))
    assert "comparer had 99 holders and has 0 now: look why" in caplog.text


def test_the_sweep_grants_what_was_missed(collectors: Flask) -> None:
    contributes(collectors, ADA, "review")
    change(collectors, delete(UserBadge).where(UserBadge.user_id == ADA))
    summaries = [
        job(collectors, "badges_sweep", datetime(2026, 3, 11) + timedelta(days=night))
        for night in range(7)
    ]
    assert "approved_reviews_1" in badges(collectors, ADA)
    assert any("badges granted" in summary for summary in summaries)


# 11 Utilities


def test_a_dry_run_says_what_would_pass_with_values_against_thresholds(collectors: Flask) -> None:
    contributes(collectors, ADA, "review", 4)
    printed = command(
        collectors, "explain", str(ADA), "--event", "review.approved", "--json", at=NOON
    )
    told = {it["badge"]: it for it in json.loads(printed)}
    assert told["approved_reviews_1"]["passed"]
    assert not told["approved_reviews_2"]["passed"]
    [condition] = told["approved_reviews_2"]["conditions"]
    assert (condition["value"], condition["wanted"]) == (4, 5)
    assert "comparer" not in told


def simulated(app: Flask, *options: str) -> list[str]:
    """The badges on the timeline of Ada."""
    printed = command(app, "simulate", str(ADA), "--json", *options, at=NOON)
    return [step["badge"] for step in json.loads(printed)]


def test_a_simulation_overrides_a_metric(collectors: Flask) -> None:
    assert simulated(collectors, "--set", "APPROVED_REVIEWS=25")[:3] == [
        "approved_reviews_1", "approved_reviews_2", "approved_reviews_3",
    ]  # fmt: skip
    assert badges(collectors, ADA) == []


def test_a_simulation_travels_in_time(sqlite_collectors: Flask, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    review = {"event": "review.approved", "context": {"item_id": 1}, "at": "2026-03-03T22:30:00"}
    file.write_text(json.dumps(review) + "\n")
    new = simulated(sqlite_collectors, "--events", str(file))
    assert {"night_owl", "launch_week"} <= set(new)
    file.write_text(json.dumps({**review, "at": "2026-02-10T12:00:00"}) + "\n")
    assert not {"night_owl", "launch_week"} & set(
        simulated(sqlite_collectors, "--events", str(file))
    )


def test_a_simulation_plays_a_sequence_of_events(collectors: Flask, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    item = {"item_id": 1}
    events: list[dict[str, object]] = [
        {"event": "review.approved", "amount": 5, "context": item},
        {"event": "edit.approved", "context": item},
        {"event": "ownership.added", "value": 1, "context": {**item, "brand": "brand1"}},
    ]
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    new = simulated(collectors, "--events", str(file))
    assert (
        new.index("approved_reviews_2") < new.index("approved_edits_1") < new.index("all_rounder")
    )
    assert {"owned_items_1", "brand_fan"} <= set(new)
    assert badges(collectors, ADA) == []


def test_what_was_missed_is_recomputed_for_a_user_a_badge_or_a_trigger(collectors: Flask) -> None:
    contributes(collectors, ADA, "review")
    contributes(collectors, BEN, "review")
    for options in (["--user", str(ADA)], ["--badge", "founder"], ["--trigger", "review.approved"]):
        before = badges(collectors, ADA), badges(collectors, BEN)
        held = (
            UserBadge.badge_id == select(Badge.id).where(Badge.code == "founder").scalar_subquery()
        )
        change(collectors, delete(UserBadge).where(held, UserBadge.user_id == ADA))
        command(collectors, "backfill", *options, at=NOON)
        assert (badges(collectors, ADA), badges(collectors, BEN)) == before
