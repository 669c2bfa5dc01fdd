"""Explain says why a user holds a badge or does not, what is missing, and writes nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.activity import made_log
from tests.hosts import ADA, BEN, NOBODY, MakeHost, change, db_of, engine_of, mount_on, send
from tests.integration.played import everything, held, play
from zeeguu_gamify import AllOf, AnyOf, AtLeast, Catalog, Not, composite, emit, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES, PRIZES
from zeeguu_gamify.badges.explain import Explanation, Standing, explain
from zeeguu_gamify.badges.rules import BadgeTest, Below
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog, UserBadge
from zeeguu_gamify.read_only import read_only
from zeeguu_gamify.testing import statements

NOW = datetime(2026, 3, 28, 23, 30)


def mixed(code: str, test: BadgeTest) -> Any:
    """A composite."""
    return composite(code, test=test, name=code, unachieved=f"Do {code}.", achieved="Done.")


QUIZ = one_off(
    "quizzed", name="Quizzed", trigger="quiz.completed", unachieved="Finish a quiz.",
    achieved="Done.",
)  # fmt: skip
CATALOG = Catalog(
    (
        *FAMILIES,
        QUIZ,
        mixed("both", AllOf(AtLeast("TRANSLATED_WORDS", 5), AtLeast("READ_ARTICLES", 2))),
        mixed("either", AnyOf(AtLeast("FRIENDS", 1), AtLeast("LEARNED_WORDS", 3))),
        mixed("none", AllOf(AtLeast("TRANSLATED_WORDS", 1), Not(AtLeast("READ_ARTICLES", 1)))),
        mixed("scholar", AllOf(AtLeast("ONE:quizzed", 1), Below("FRIENDS", 3))),
    )
)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """Ada has translated 12 words."""
    host = new_host(catalog=CATALOG)
    with time_machine.travel(NOW, tick=False):
        send(host, "word_translated", times=12)
        db_of(host).session.commit()
    return host


def explained(app: Flask, code: str, user_id: int = ADA, at: datetime = NOW) -> Explanation:
    """How the user stands to a badge."""
    badge = mount_on(app).live.by_code[code]
    [found] = explain(db_of(app).session(), mount_on(app), user_id, [badge], at)
    db_of(app).session.rollback()
    return found


def revoke(app: Flask, code: str, *, lift: bool = False) -> None:
    """Let a moderator take Ada's badge, or give it back."""
    badge_id = mount_on(app).live.by_code[code].id
    mine = UserBadge.__table__.c
    where = (mine.user_id == ADA, mine.badge_id == badge_id)
    change(app, update(UserBadge).where(*where).values(revoked_at=None if lift else NOW))
    row = {
        "user_id": ADA, "badge_id": badge_id, "at": NOW, "actor_id": BEN, "reason": "by mistake",
        "action": AwardAction.LIFTED if lift else AwardAction.REVOKED,
    }  # fmt: skip
    change(app, insert(BadgeAwardLog).values(row))


@pytest.mark.core
def test_a_held_badge_shows_its_certificate(host: Flask) -> None:
    found = explained(host, "translated_words_1")
    assert (found.standing, found.missing) == (Standing.HELD, ())
    [grant] = found.grants
    assert (grant.achieved_at, grant.source, grant.revoked_at) == (NOW, "auto", None)
    assert grant.certificate is not None
    assert (grant.certificate["value"], grant.certificate["threshold"]) == (10, 10)
    assert grant.certificate["rule_version"] == 1
    assert [entry.action for entry in found.history] == [AwardAction.GRANTED]


def test_what_is_missing_is_said_in_words(host: Flask) -> None:
    found = explained(host, "translated_words_2")
    assert found.standing is Standing.OPEN
    assert [(it.metric, it.value, it.wanted) for it in found.verdict.conditions] == [
        ("TRANSLATED_WORDS", 12, 100)
    ]
    assert found.missing == ("88 more of TRANSLATED_WORDS: it is 12 of 100",)


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("both", ("2 more of READ_ARTICLES: it is 0 of 2",)),
        (
            "either",
            ("1 more of FRIENDS: it is 0 of 1 or 3 more of LEARNED_WORDS: it is 0 of 3",),
        ),
        ("quizzed", ("not done yet: Finish a quiz.",)),
        ("scholar", ("not done yet: Finish a quiz.",)),
    ],
)
@pytest.mark.sqlite_only
def test_of_a_composite_only_what_lacks_is_named(
    host: Flask, code: str, missing: tuple[str, ...]
) -> None:
    assert explained(host, code).missing == missing


@pytest.mark.sqlite_only
def test_what_stands_in_the_way_is_named_too(host: Flask) -> None:
    send(host, "article_read", user_id=BEN)
    send(host, "word_translated", user_id=BEN)
    db_of(host).session.commit()
    found = explained(host, "none", BEN)
    assert found.missing == ("not (READ_ARTICLES is at least 1), but it is 1",)


def test_a_revoked_badge_says_so_and_a_lifted_one_too(host: Flask) -> None:
    revoke(host, "translated_words_1")
    found = explained(host, "translated_words_1")
    assert found.standing is Standing.REVOKED
    assert found.missing == (f"it was revoked on {NOW} UTC, and stays so until that is lifted",)
    assert found.history[-1].in_words() == f"revoked on {NOW} UTC by user {BEN}: by mistake"
    revoke(host, "translated_words_1", lift=True)
    found = explained(host, "translated_words_1")
    assert (found.standing, found.missing) == (Standing.HELD, ())
    assert [entry.action.value for entry in found.history] == ["GRANTED", "REVOKED", "LIFTED"]


@pytest.mark.parametrize(
    ("columns", "standing", "missing"),
    [
        ({"hidden": True}, Standing.CLOSED, "it is hidden"),
        ({"deprecated_at": NOW}, Standing.CLOSED, f"it is deprecated since {NOW} UTC"),
        ({"ends_at": NOW}, Standing.CLOSED, f"its time was over on {NOW} UTC"),
        (
            {"starts_at": NOW + timedelta(seconds=1)},
            Standing.OPEN,
            f"its time begins on {NOW + timedelta(seconds=1)} UTC",
        ),
        (
            {"max_holders": 7, "grants_made": 7},
            Standing.CLOSED,
            "all 7 have been given out",
        ),
        ({"threshold": 12}, Standing.EARNED, None),
    ],
)
@pytest.mark.sqlite_only
def test_a_badge_that_cannot_be_earned_says_why(
    host: Flask, columns: dict[str, Any], standing: Standing, missing: str | None
) -> None:
    row = {"threshold": 12, **columns}
    change(host, update(Badge).where(Badge.code == "translated_words_2").values(row))
    change(host, text("UPDATE gamify_setting SET value = value + 1"))
    mount_on(host).forget()
    mount_on(host).refresh(db_of(host).session())
    found = explained(host, "translated_words_2")
    assert found.standing is standing
    assert found.missing == (() if missing is None else (missing,))


def test_nobody_is_not_explained(host: Flask) -> None:
    with pytest.raises(UnknownUser):
        explained(host, "both", NOBODY)


@pytest.mark.core
def test_explaining_every_badge_is_three_selects_and_changes_no_row(host: Flask) -> None:
    before = everything(host)
    mount, session = mount_on(host), db_of(host).session()
    with statements(engine_of(host)) as ran:
        found = explain(session, mount, ADA, mount.live.by_id.values())
    session.commit()
    assert len(found) == len(mount.live.by_id)
    assert len(ran) == 3
    assert all(statement.startswith("SELECT") for statement in ran)
    assert everything(host) == before


@pytest.mark.core
def test_a_read_only_session_cannot_write_and_the_next_one_can(host: Flask) -> None:
    with read_only(engine_of(host)) as session:
        for _ in range(2):
            assert session.execute(select(Badge.id)).first()
            with pytest.raises(DBAPIError):
                session.execute(update(Badge).values(sort_score=1))
            session.rollback()
    emit(db_of(host).session, "word.translated", user_id=ADA)
    db_of(host).session.commit()


@pytest.mark.parametrize("seed", [1, 2])
def test_explain_agrees_with_the_granter_on_every_user_and_badge(
    new_host: MakeHost, seed: int
) -> None:
    host = new_host(catalog=CATALOG)
    users = play(host, made_log(seed, size=250, learners=6))
    mount, session, granted = mount_on(host), db_of(host).session(), held(host)
    codes = mount.live.by_code
    for learner, user_id in users.items():
        for it in explain(session, mount, user_id, codes.values()):
            is_held = (learner, it.badge.code) in granted
            assert (it.standing is Standing.HELD) is is_held, (learner, it.badge.code)
            assert bool(it.grants) is is_held
            assert bool(it.missing) is not is_held
            assert it.standing in (Standing.HELD, Standing.OPEN)
            if it.badge.code != "none":  # which articles read later spoil
                assert it.verdict.passed is is_held, (learner, it.badge.code)
    assert granted


# Prizes

WEEK_OF = "exp:week:2026-11-02"


def award(app: Flask, source: str = "auto", **columns: Any) -> None:
    """Let Ada have the medal of a week, as the job that settles the season gives it."""
    badge_id = mount_on(app).live.by_code["week_gold"].id
    proof = {"season": WEEK_OF, "place": 1, "event": "season.settled"}
    row = {"user_id": ADA, "badge_id": badge_id, "context": WEEK_OF, "achieved_at": NOW}
    change(app, insert(UserBadge).values(row | {"evidence": proof, "source": source} | columns))


@pytest.fixture
def with_medals(new_host: MakeHost) -> Flask:
    host = new_host(catalog=Catalog((*FAMILIES, *PRIZES)))
    mount_on(host).refresh(db_of(host).session())
    db_of(host).session.rollback()
    return host


def test_a_prize_is_won_by_a_place_in_a_season_not_counted(with_medals: Flask) -> None:
    found = explained(with_medals, "week_gold")
    assert found.standing is Standing.OPEN
    [condition] = found.verdict.conditions
    assert (condition.text, condition.metric, condition.value, condition.passed) == (
        "won by a place in a season", None, None, False,
    )  # fmt: skip
    assert found.missing == ("not won yet: Come first on the EXP board in a week.",)


@pytest.mark.parametrize(
    ("source", "said"), [("auto", "won by a place in"), ("manual", "given by hand for")]
)
def test_a_held_prize_says_for_which_season_and_nothing_that_fails(
    with_medals: Flask, source: str, said: str
) -> None:
    award(with_medals, source)
    found = explained(with_medals, "week_gold")
    assert (found.standing, found.missing, found.verdict.passed) == (Standing.HELD, (), True)
    assert [(it.text, it.passed) for it in found.verdict.conditions] == [
        (f"{said} the season {WEEK_OF}", True)
    ]


def test_a_revoked_prize_names_its_season_as_lost(with_medals: Flask) -> None:
    award(with_medals, revoked_at=NOW)
    found = explained(with_medals, "week_gold")
    assert (found.standing, found.verdict.passed) == (Standing.REVOKED, False)
    assert [it.passed for it in found.verdict.conditions] == [False]


@pytest.mark.sqlite_only
def test_the_command_says_of_a_prize_what_it_is(with_medals: Flask) -> None:
    command = ("explain", "ada", "--badge", "week_gold")
    [found] = json.loads(cli(with_medals, *command, "--json"))
    assert found["rule"] == "won by a place in a season"
    award(with_medals)
    printed = cli(with_medals, *command).splitlines()
    assert printed[0] == "✓ week_gold (Gold medal of the week, rule 1): held"
    assert printed[1] == f"    ✓ won by a place in the season {WEEK_OF}"


# The command


def cli(app: Flask, *command: str, fails: bool = False) -> str:
    """What `flask gamify …` prints."""
    result = app.test_cli_runner().invoke(args=["gamify", *command])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def test_the_command_explains_by_name_or_id_and_writes_nothing(host: Flask) -> None:
    before = everything(host)
    printed = cli(host, "explain", "ada", "--badge", "translated_words_2")
    assert printed.splitlines() == [
        "· translated_words_2 (Translation Enthusiast, rule 1): not earned",
        "    ✗ TRANSLATED_WORDS is at least 100 (it is 12)",
        "    missing: 88 more of TRANSLATED_WORDS: it is 12 of 100",
    ]
    assert cli(host, "explain", str(ADA), "--badge", "translated_words_2") == printed
    whole = cli(host, "explain", "ada")
    assert whole.count("): ") == len(mount_on(host).live.by_id)
    assert "certificate: {" in whole
    assert everything(host) == before


@pytest.mark.sqlite_only
def test_the_command_explains_what_listens_to_an_event(host: Flask) -> None:
    found = json.loads(cli(host, "explain", "ada", "--event", "quiz.completed", "--json"))
    assert [(it["badge"], it["standing"]) for it in found] == [
        ("quizzed", "not earned"), ("scholar", "not earned"),
    ]  # fmt: skip
    assert found[0]["missing"] == ["not done yet: Finish a quiz."]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("ada", "--badge", "translated_word_1"), "did you mean 'translated_words_1'?"),
        (("ada", "--event", "quiz.complete"), "did you mean 'quiz.completed'?"),
        (("adda",), "Unknown user: 'adda'"),
    ],
)
@pytest.mark.sqlite_only
def test_the_command_refuses_unknown_names(
    host: Flask, options: tuple[str, ...], message: str
) -> None:
    assert message in cli(host, "explain", *options, fails=True)
