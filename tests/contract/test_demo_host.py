"""The handles of the demo host: `create_app`, `DEMO_DATABASE_URI`, `demo init [--empty]`."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.contract.conftest import demo_app
from tests.contract.people import sql
from zeeguu_gamify import clock
from zeeguu_gamify.badges.default_catalog import PRIZES
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.demo import create_app
from zeeguu_gamify.demo.accounts import DEMO_PASSWORD, create_learner
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.world import LEARNERS, STUDENTS
from zeeguu_gamify.doctor import Health, examine
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.testing import SessionClient

TABLES = (
    "user", "session", "user_language", "cohort", "user_cohort_map", "teacher", "article",
    "friendship", "friend_request", "user_avatar", "user_badge", "user_badge_progress",
    "badge_award_log", "badge", "badge_category", "language",
)  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Flask:
    """The demo host over a database that does not exist yet."""
    return demo_app(f"sqlite:///{tmp_path / 'fresh.db'}")


def init(app: Flask, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["demo", "init", *options])
    with app.app_context():
        db.engine.dispose()
    assert result.exit_code == 0, result.output
    return result.output


def counts(app: Flask) -> dict[str, int]:
    return {table: sql(app, f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES}


def log_in(app: Flask, username: str) -> SessionClient:
    form = {"password": DEMO_PASSWORD}
    answer = app.test_client().post(f"/session/{username}@example.com", data=form)
    assert answer.status_code == 200
    return SessionClient(app, answer.get_json()["session"])


def test_the_seeded_world_has_learners_with_badges(fresh: Flask) -> None:
    output = init(fresh)

    assert "ada@example.com" in output
    assert DEMO_PASSWORD in output
    ada = log_in(fresh, "ada")
    families = {family["name"]: family for family in ada.get("/my_badges").get_json()}
    assert families["Streak"]["current_value"] == 34
    assert families["Friends"]["current_value"] == 5
    assert families["Translated words"]["current_value"] > 1000
    assert ada.get("/badges/count_unseen").get_json() < 3
    assert log_in(fresh, "chi").get("/student_info").get_json()["cohorts"]


def test_the_boards_of_the_seeded_world_are_not_empty(fresh: Flask) -> None:
    init(fresh)
    vera, ben = log_in(fresh, "vera"), log_in(fresh, "ben")
    (class_id,) = (one["id"] for one in ben.get("/student_info").get_json()["cohorts"])
    for metric in ("reading_time", "read_articles", "exercises_done", "listening_time"):
        for path in ("/friends_leaderboard", f"/cohort_leaderboard/{class_id}"):
            assert ben.get(path, metric=metric).get_json()[0]["value"] > 0
    assert len(vera.get(f"/class_overview/{class_id}").get_json()["students"]) == len(STUDENTS)


def test_who_has_no_streak_in_the_seeded_world_practised_some_days_ago(fresh: Flask) -> None:
    init(fresh)
    vera, emil = log_in(fresh, "vera"), log_in(fresh, "emil")
    (class_id,) = (one["id"] for one in emil.get("/student_info").get_json()["cohorts"])
    overview = vera.get(f"/class_overview/{class_id}").get_json()
    (told,) = (one for one in overview["students"] if one["user"]["username"] == "emil")
    ((last,),) = sql(
        fresh,
        "SELECT MAX(time) FROM exercise JOIN user_word ON user_word.id = user_word_id"
        " JOIN user ON user.id = user_id WHERE username = 'emil'",
    )
    assert (told["current_streak"], told["longest_streak"]) == (0, 2)
    day = clock.local_date(datetime.fromisoformat(last), "America/Nuuk")
    assert told["last_practice"] == day.isoformat()
    assert day <= clock.now().date() - timedelta(days=3)
    assert emil.get("/all_language_streaks").get_json()[0]["daily_streak"] == 0
    assert sql(fresh, "SELECT SUM(daily_streak) FROM user_language WHERE user_id = 5") == [(0,)]


def test_the_seeded_world_has_a_full_board_and_seasons_that_are_over(fresh: Flask) -> None:
    init(fresh)
    ada = log_in(fresh, "ada")
    this_week = ada.get("/leaderboards/exp").get_json()
    assert len(this_week["entries"]) >= 6  # on Sunday evening others have begun the next week
    everybody = ada.get("/leaderboards/exp", period="all").get_json()
    assert len(everybody["entries"]) == len(LEARNERS)
    german = ada.get("/leaderboards/exp", period="all", scope="language", language="de").get_json()
    assert german["entries"] == everybody["entries"]
    seasons = ada.get("/seasons", period="week").get_json()["seasons"]
    assert [season["state"] for season in seasons[-2:]] == ["settled", "settled"]
    assert seasons[0]["state"] == "open"
    standings = ada.get(f"/seasons/{seasons[-1]['id']}").get_json()["standings"]
    assert [one["prize"] for one in standings[:3]] == ["week_gold", "week_silver", "week_bronze"]
    ended = {
        f"exp:{period.lower()}:{starts}".encode(): closes_at[:13]  # to the hour
        for period, starts, closes_at in sql(fresh, "SELECT period, starts, closes_at FROM season")
    }
    for table, when in (("user_badge", "achieved_at"), ("badge_award_log", "at")):
        medals = sql(fresh, f"SELECT context, {when} FROM {table} WHERE context <> X''")
        assert len(medals) >= 6
        assert all(at[:13] == ended[context] for context, at in medals), table


def test_what_is_done_in_the_demo_earns_exp(demo: Flask, learner: SessionClient) -> None:
    for number in range(2):
        learner.post("/translate_word/de/en", data={"word": "Markt", "context": str(number)})
    learner.post("/api/v1/quiz/result", json={"id": "q"})
    learner.post("/api/v1/quiz/result", json={"id": "q"})
    with demo.app_context():
        deliver(current_mount())
    assert learner.get("/leaderboards/exp").get_json()["me"] == {"rank": 1, "score": 52}
    german = learner.get("/leaderboards/exp", scope="language", language="de").get_json()
    assert german["me"] == {"rank": 1, "score": 52}


def test_every_learner_of_the_world_has_a_life_that_badges_agree_with(fresh: Flask) -> None:
    init(fresh)
    prizes = {prize.name for prize in PRIZES}  # they are won, not reached

    for learner in LEARNERS:
        families = log_in(fresh, learner.username).get("/my_badges").get_json()
        for family in (one for one in families if one["name"] not in prizes):
            for badge in family["badges"]:
                reached = family["current_value"] >= badge["threshold"]
                assert badge["achieved"] == reached, (learner.username, badge["name"])


def test_seeding_again_doubles_nothing(fresh: Flask) -> None:
    init(fresh)
    before = counts(fresh)

    assert "already" in init(fresh)

    assert counts(fresh) == before


def test_an_empty_world_has_tables_and_languages_only(fresh: Flask) -> None:
    init(fresh, "--empty")

    found = counts(fresh)
    there = {"language", "badge", "badge_category"}
    assert {table for table, count in found.items() if count} == there

    init(fresh)
    assert counts(fresh)["user"] == len(LEARNERS) + 1  # and the teacher


def test_doctor_finds_nothing_to_mend(demo: Flask) -> None:
    with demo.app_context():
        findings = examine(demo, db.session(), current_mount())

        assert findings
        assert [each for each in findings if each.health is not Health.GOOD] == []


def test_without_a_uri_the_database_is_a_file_in_the_instance_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DEMO_DATABASE_URI", raising=False)
    monkeypatch.setattr("flask.Flask.auto_find_instance_path", lambda _app: str(tmp_path / "made"))

    app = create_app()

    with app.app_context():
        assert db.engine.url.database == str(tmp_path / "made" / "demo.db")
    assert (tmp_path / "made").is_dir()


def test_the_host_makes_learners_for_a_replay(demo: Flask) -> None:
    with demo.app_context():
        learner = create_learner(db.session(), "learner_043", "Asia/Tokyo")
        db.session.commit()

    ((username, zone, code),) = sql(
        demo,
        "SELECT username, timezone, code FROM user"
        " JOIN language ON language.id = learned_language_id WHERE user.id = :id",
        id=learner,
    )
    assert (username, zone, code) == ("learner_043", "Asia/Tokyo", "de")


def test_two_demos_in_one_process_stay_apart(demo: Flask, fresh: Flask) -> None:
    init(fresh)

    assert counts(demo)["user"] == 0
    assert counts(fresh)["user"] == len(LEARNERS) + 1


def test_before_init_the_host_says_that_its_database_is_not_there(fresh: Flask) -> None:
    answer = fresh.test_client().post("/session/ada@example.com", data={"password": "x"})

    assert answer.status_code == 503
    assert list(answer.get_json()) == ["message"]
    with fresh.app_context():
        db.engine.dispose()
