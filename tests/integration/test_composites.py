"""Composites are granted when the last thing they ask for happens, and cost nothing till then."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    badges,
    change,
    db_of,
    engine_of,
    grants,
    mount_on,
    progress,
    send,
)
from tests.integration.test_snapshot import rows_of
from zeeguu_gamify import (
    AllOf,
    AnyOf,
    AtLeast,
    Below,
    Catalog,
    Event,
    EventWas,
    LocalHours,
    Not,
    composite,
    emit,
    increment_badge_progress,
    update_badge_progress,
)
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS
from zeeguu_gamify.badges.definitions import FamilyDefinition
from zeeguu_gamify.badges.rules import BadgeTest
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.testing import deliver, statements

NIGHT = datetime(2026, 3, 28, 23, 30)  # half past midnight in Berlin


def mixed(code: str, test: BadgeTest, trigger: str = "") -> FamilyDefinition:
    return composite(
        code, test=test, name=code, unachieved="-", achieved="+", trigger=trigger or ()
    )


COMPOSITES = (
    mixed("both", AllOf(AtLeast("TRANSLATED_WORDS", 3), AtLeast("LEARNED_WORDS", 2))),
    mixed("either", AnyOf(AtLeast("READ_ARTICLES", 2), AtLeast("COMPLETED_AUDIO_LESSONS", 2))),
    mixed("lonely", AllOf(AtLeast("CORRECT_EXERCISES", 2), Not(AtLeast("FRIENDS", 3)))),
    mixed("few", AllOf(AtLeast("CORRECT_EXERCISES", 3), Below("FRIENDS", 2))),
    mixed("night", AllOf(EventWas("quiz.completed"), LocalHours(0, 5))),
    mixed("noted", AtLeast("NOTES", 1), trigger="flashcards.completed"),
    mixed("all", AllOf(AtLeast("ONE:both", 1), AtLeast("ONE:either", 1))),
    mixed("welcome", AllOf(AtLeast("ONE:profile_set_up", 1), AtLeast("FRIENDS", 1))),
)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host with composites."""
    catalog = Catalog((*FAMILIES, *ONE_OFFS, *COMPOSITES))
    return new_host(catalog=catalog, snapshot_fields={"NOTES": rows_of})


def mine(app: Flask, user_id: int = ADA) -> list[str]:
    """The composites that the user holds."""
    own = {family.badges[0].code for family in COMPOSITES}
    return [code for code in badges(app, user_id) if code in own]


def happen(app: Flask, *names: str, at: datetime | None = None) -> list[str]:
    """Let events of Ada happen and be committed; the badges that brought."""
    session = db_of(app).session
    new = []
    for name in names:
        new += emit(session, name, user_id=ADA, at=at).new_badges
        session.commit()
    return [badge.code for badge in new]


@pytest.mark.core
@pytest.mark.parametrize("words_first", [True, False])
def test_it_is_granted_by_what_comes_last(host: Flask, words_first: bool) -> None:
    words, learned = ["word.translated"] * 3, ["word.learned"] * 2
    first, last = (words, learned) if words_first else (learned, words)
    assert "both" not in happen(host, *first, *last[:-1])
    assert happen(host, last[-1]) == ["both"]
    assert happen(host, "word.translated", "word.learned") == []
    assert mine(host) == ["both"]
    assert progress(host)["ONE:both"] == 1


def test_its_certificate_says_what_was_asked_for_and_what_there_was(host: Flask) -> None:
    happen(host, *["word.learned"] * 2, *["word.translated"] * 3)
    (row,) = (row for row in grants(host) if row.code == "both")
    assert (row.evidence["event"], row.evidence["metric"]) == ("word.translated", "ONE:both")
    assert [
        (it["text"], it["value"], it["wanted"], it["passed"]) for it in row.evidence["conditions"]
    ] == [
        ("TRANSLATED_WORDS is at least 3", 3, 3, True),
        ("LEARNED_WORDS is at least 2", 2, 2, True),
    ]


@pytest.mark.core
def test_an_event_that_crosses_no_threshold_of_it_is_one_statement(host: Flask) -> None:
    happen(host, "word.translated")
    with statements(engine_of(host)) as ran:
        happen(host, "word.translated")
    assert [statement.split()[0] for statement in ran] == ["UPDATE"]
    with statements(engine_of(host)) as ran:
        happen(host, "word.translated")
    assert [statement.split()[0] for statement in ran] == ["UPDATE", "SELECT", "INSERT"]
    happen(host, *["word.learned"] * 2)
    assert mine(host) == ["both"]


@pytest.mark.core
def test_halves_in_two_transactions_at_once_are_put_together_after_the_commit(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(catalog=Catalog((*FAMILIES, *COMPOSITES[:1])))
    happen(host, *["word.translated"] * 2, "word.learned")
    with Session(engine_of(host)) as one, Session(engine_of(host)) as other:
        for session, name in ((one, "word.translated"), (other, "word.learned")):
            session.execute(text("SELECT * FROM user_badge_progress")).all()  # its snapshot
            assert emit(session, name, user_id=ADA).new_badges == []
        one.commit()
        other.commit()
    assert mine(host) == []
    deliver(host)
    assert mine(host) == ["both"]
    (row,) = (row for row in grants(host) if row.code == "both")
    assert row.evidence["event"] in ("word.translated", "word.learned")


def test_a_half_alone_is_looked_at_again_once_and_no_more(host: Flask) -> None:
    happen(host, *["word.translated"] * 3)
    assert deliver(host) == 1
    assert deliver(host) == 0
    assert mine(host) == []


def test_what_is_known_to_be_done_is_not_tested_again(host: Flask) -> None:
    happen(host, *["word.translated"] * 3, "word.learned", "word.learned")
    change(host, text("UPDATE user_badge_progress SET value = 2 WHERE badge_category_id = 1"))
    with statements(engine_of(host)) as ran:
        happen(host, "word.translated")
    assert [statement.split()[0] for statement in ran] == ["UPDATE"]


def test_a_process_that_does_not_know_that_it_is_done_looks_once(host: Flask) -> None:
    happen(host, *["word.translated"] * 3, "word.learned", "word.learned")
    both = mount_on(host).live.by_metric["ONE:both"].id
    for selects in (1, 0):
        change(host, text("UPDATE user_badge_progress SET value = 2 WHERE badge_category_id = 1"))
        if selects:
            mount_on(host).known.discard((ADA, both))
        with statements(engine_of(host)) as ran:
            happen(host, "word.translated")
        assert [statement.split()[0] for statement in ran] == ["UPDATE", *["SELECT"] * selects]


@pytest.mark.core
def test_a_gauge_that_falls_below_a_threshold_grants_what_asks_for_less(host: Flask) -> None:
    session = db_of(host).session
    update_badge_progress(session, "FRIENDS", ADA, 4)
    session.commit()
    assert happen(host, *["exercise.correct"] * 3) == []
    assert [b.code for b in update_badge_progress(session, "FRIENDS", ADA, 2)] == ["lonely"]
    assert [b.code for b in update_badge_progress(session, "FRIENDS", ADA, 1)] == ["few"]
    session.commit()
    update_badge_progress(session, "FRIENDS", ADA, 9)
    session.commit()
    assert mine(host) == ["few", "lonely"]


def test_a_composite_may_ask_for_others_and_for_one_offs(host: Flask) -> None:
    happen(host, *["word.translated"] * 3, *["word.learned"] * 2, "article.read")
    assert mine(host) == ["both"]
    assert happen(host, "article.read") == ["either", "all"]
    update_badge_progress(db_of(host).session, "FRIENDS", ADA, 1)
    assert "welcome" in happen(host, "profile.completed")


def test_an_event_may_be_asked_for_at_an_hour_of_the_users_own_clock(host: Flask) -> None:
    assert happen(host, "quiz.completed", at=NIGHT.replace(hour=12)) == []
    assert happen(host, "word.translated", at=NIGHT) == []
    assert happen(host, "quiz.completed", at=NIGHT) == ["night"]
    (row,) = grants(host)
    assert row.achieved_at == NIGHT


def test_what_only_the_host_knows_is_looked_at_when_its_trigger_comes(host: Flask) -> None:
    assert happen(host, "flashcards.completed") == []
    change(host, text("INSERT INTO host_row (user_id, note) VALUES (1, 'x')"))
    assert happen(host, "word.translated") == []
    assert happen(host, "flashcards.completed") == ["noted"]


def test_in_a_batch_each_user_is_looked_at_once_whatever_the_number_of_composites(
    host: Flask,
) -> None:
    session = db_of(host).session
    events = [
        Event(name=name, user_id=user_id)
        for user_id in (ADA, BEN)
        for name in ("word.translated", "word.learned", "article.read", "word.translated",
                     "word.learned", "article.read", "word.translated")
    ]  # fmt: skip
    with statements(engine_of(host)) as ran:
        outcomes = emit_batch(session, events)
        session.commit()
    assert mine(host) == mine(host, BEN) == ["all", "both", "either"]
    granted = [[badge.code for badge in outcome.new_badges] for outcome in outcomes]
    assert "either" in granted[5]
    assert "both" in granted[6]
    looks = [s for s in ran if s.startswith("SELECT") and "JOIN user_badge_progress" in s]
    assert len(looks) == 4  # of each user what is due, and then what waited for that


def test_a_test_that_breaks_is_logged_and_the_event_counts(
    new_host: MakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_event: Event) -> bool:
        raise RuntimeError("no such fact")

    test = AllOf(AtLeast("TRANSLATED_WORDS", 1), EventWas("word.learned", broken))
    host = new_host(catalog=Catalog((*FAMILIES, mixed("broken", test))))
    send(host, "word_translated")
    db_of(host).session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 1}
    emit(db_of(host).session, "word.learned", user_id=ADA)
    db_of(host).session.commit()
    assert progress(host)["LEARNED_WORDS"] == 1
    assert "no such fact" in caplog.text


def test_nobody_can_move_a_composite_by_hand(host: Flask) -> None:
    with pytest.raises(BadInput, match="only events bring it about"):
        increment_badge_progress(db_of(host).session, "both", ADA)


@time_machine.travel(NIGHT, tick=False)
def test_a_revoked_composite_does_not_come_back(host: Flask) -> None:
    happen(host, *["word.translated"] * 3, *["word.learned"] * 2)
    change(host, text("UPDATE user_badge SET revoked_at = '2026-03-01'"))
    change(host, text("DELETE FROM user_badge_progress WHERE badge_category_id > 7"))
    change(host, text("UPDATE user_badge_progress SET value = 2 WHERE badge_category_id = 1"))
    known = mount_on(host).known
    known.discard((ADA, mount_on(host).live.by_metric["ONE:both"].id))
    assert happen(host, "word.translated") == []
    (row,) = (row for row in grants(host) if row.code == "both")
    assert row.revoked_at is not None
