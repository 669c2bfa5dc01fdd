"""Accounts of the demo host: sign-up, sessions, details, zone (docs/contract.md §0, §1.2, §1.4)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.contract.people import PASSWORD, post_sign_up, sign_up, sql, user_id
from zeeguu_gamify.testing import SessionClient


def test_sign_up_answers_the_uuid_of_a_session_as_plain_text(demo: Flask) -> None:
    answer = post_sign_up(demo, "ada@example.com")

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert re.fullmatch("[0-9a-f]{32}", answer.text)
    assert SessionClient(demo, answer.text).get("/validate").text == "OK"


def test_sign_up_draws_a_username_and_keeps_the_name_to_show(learner: SessionClient) -> None:
    details = learner.get("/get_user_details").get_json()

    assert re.fullmatch(r"[a-z]+_[a-z]+\d*", details["username"])
    assert details["name"] == "Ada"


def test_an_email_address_has_one_account_whatever_its_case(
    demo: Flask, learner: SessionClient
) -> None:
    answer = post_sign_up(demo, "ADA@Example.com")

    assert answer.status_code == 400
    assert answer.get_json() == {"message": "There is already an account for this e-mail address"}


@pytest.mark.parametrize(
    ("email", "form"),
    [
        ("ada@example.com", {"username": ""}),
        ("ada@example.com", {"password": ""}),
        ("ada@example.com", {"learned_language": "xx"}),
        ("ada@example.com", {"native_language": "klingon"}),
        ("ada@example.com", {"timezone": "Mars/Olympus"}),
        ("ada@example.com", {"username": "a" * 256}),
        ("no address", {}),
        ("a" * 250 + "@example.com", {}),
    ],
)
def test_a_wrong_sign_up_makes_no_account(demo: Flask, email: str, form: dict[str, str]) -> None:
    answer = post_sign_up(demo, email, **form)

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]
    assert sql(demo, "SELECT COUNT(*) FROM user") == [(0,)]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json"])
def test_a_sign_up_without_a_form_is_refused(demo: Flask, content_type: str | None) -> None:
    client = demo.test_client()

    answer = client.post("/add_user/ada@example.com", data=b"x", content_type=content_type)

    assert answer.status_code == 400
    assert "message" in answer.get_json()


def test_logging_in_gives_a_new_session(demo: Flask, learner: SessionClient) -> None:
    answer = demo.test_client().post("/session/Ada@example.com", data={"password": PASSWORD})

    assert answer.status_code == 200
    assert list(answer.get_json()) == ["session"]
    assert answer.get_json()["session"] != learner.uuid
    assert SessionClient(demo, answer.get_json()["session"]).get("/validate").status_code == 200


@pytest.mark.parametrize(
    ("email", "form"),
    [
        ("ada@example.com", {"password": "wrong"}),
        ("ada@example.com", {}),
        ("nobody@example.com", {"password": PASSWORD}),
    ],
)
def test_a_wrong_password_is_401_with_a_message(
    demo: Flask, learner: SessionClient, email: str, form: dict[str, str]
) -> None:
    answer = demo.test_client().post(f"/session/{email}", data=form)

    assert answer.status_code == 401
    assert list(answer.get_json()) == ["message"]


def test_passwords_are_not_kept_readable(demo: Flask, learner: SessionClient) -> None:
    ((stored,),) = sql(demo, "SELECT password FROM user")

    assert PASSWORD not in stored


def test_a_session_that_was_logged_out_is_over(demo: Flask, learner: SessionClient) -> None:
    log_in = demo.test_client().post
    other = log_in("/session/ada@example.com", data={"password": PASSWORD}).get_json()

    assert learner.get("/logout_session").text == "OK"

    assert learner.get("/validate").status_code == 401
    assert SessionClient(demo, other["session"]).get("/validate").status_code == 200


@pytest.mark.parametrize("query", ["", "?session=", "?session=unknown"])
def test_without_a_session_every_private_route_answers_401_in_html(demo: Flask, query: str) -> None:
    client = demo.test_client()
    public = {"/ping", "/system_languages", "/", "/gamify/openapi.json"}

    for rule in demo.url_map.iter_rules():
        path = rule.rule
        for argument in rule.arguments:
            path = re.sub(rf"<[^>]*\b{argument}>", "1" if "int:" in path else "reading", path)
        starts = ("/add_user/", "/session/", "/static/", "/demo/", "/gamify/components/")
        if path in public or path.startswith(starts):
            continue
        method = min((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if path == "/logout_session":
            method = "GET"
        answer = client.open(path + query, method=method)
        assert answer.status_code == 401, path
        assert answer.mimetype == "text/html", path


def test_the_cookie_of_the_contract_carries_a_session_too(
    demo: Flask, learner: SessionClient
) -> None:
    client = demo.test_client()
    client.set_cookie("chocolatechip", learner.uuid)

    assert client.get("/validate").status_code == 200
    assert client.get("/logout_session").status_code == 200
    assert learner.get("/validate").status_code == 401


def test_a_session_lives_thirty_days_from_its_last_validation(demo: Flask) -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as now:
        learner = sign_up(demo, "ada")
        now.move_to(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
        assert learner.get("/ping").status_code == 200
        assert learner.get("/validate").status_code == 200
        now.move_to(datetime(2026, 4, 30, 23, 59, tzinfo=UTC))
        assert learner.get("/student_info").status_code == 200
        now.move_to(datetime(2026, 5, 2, tzinfo=UTC))
        assert learner.get("/student_info").status_code == 401
    assert sql(demo, "SELECT COUNT(*) FROM session") == [(0,)]


def test_an_unverified_user_may_only_look_at_the_account(
    demo: Flask, learner: SessionClient
) -> None:
    sql(demo, "UPDATE user SET email_verified = 0")

    refused = learner.get("/student_info")
    assert refused.status_code == 403
    assert refused.get_json() == {"message": "Please verify your email address first"}
    assert learner.get("/validate").status_code == 200
    details = learner.get("/get_user_details").get_json()
    assert details["requires_email_verification"] is True
    assert details["email_verified"] is False
    assert learner.get("/logout_session").status_code == 200


def test_the_details_have_every_field_of_the_contract(learner: SessionClient) -> None:
    details = learner.get("/get_user_details").get_json()

    assert isinstance(details.pop("username"), str)
    assert datetime.fromisoformat(details.pop("created_at")).tzinfo is None
    assert all(details.pop("user_avatar").values())
    assert details == {
        "email": "ada@example.com",
        "name": "Ada",
        "learned_language": "de",
        "native_language": "en",
        "is_teacher": False,
        "is_student": False,
        "is_anonymous": False,
        "email_verified": True,
        "requires_email_verification": False,
        "bookmark_count": 0,
        "daily_audio_status": "available",
        "features": ["gamification"],
        "de_min": None,
        "de_max": None,
        "de_reading": True,
        "de_exercises": True,
        "de_cefr_level": None,
    }


def test_the_details_tell_what_the_user_has_become(demo: Flask, learner: SessionClient) -> None:
    mine = user_id(demo, learner)
    sql(demo, "INSERT INTO cohort (id, name) VALUES (7, 'A class'), (93, 'Visitors')")
    sql(demo, "INSERT INTO user_cohort_map (user_id, cohort_id) VALUES (:id, 7)", id=mine)
    sql(demo, "INSERT INTO teacher (user_id) VALUES (:id)", id=mine)
    avatar = {"image_name": "owl", "character_color": "#6367FF", "background_color": None}
    sql(
        demo,
        "UPDATE user_avatar SET image_name = 'owl', character_color = '#6367FF',"
        " background_color = NULL WHERE user_id = :id",
        id=mine,
    )
    learner.post("/translate_word/de/en", data={"word": "Haus", "context": "Das Haus."})

    details = learner.get("/get_user_details").get_json()

    assert details["is_student"] is True
    assert details["is_teacher"] is True
    assert details["user_avatar"] == avatar
    assert details["bookmark_count"] == 1


def test_visitors_of_a_trial_class_are_no_students(demo: Flask, learner: SessionClient) -> None:
    sql(demo, "INSERT INTO cohort (id, name) VALUES (7, 'A class'), (93, 'Visitors')")
    for cohort in (7, 93):
        sql(
            demo,
            "INSERT INTO user_cohort_map (user_id, cohort_id) VALUES (:id, :cohort)",
            id=user_id(demo, learner),
            cohort=cohort,
        )

    assert learner.get("/get_user_details").get_json()["is_student"] is False


def test_an_anonymous_account_has_no_address_to_verify(demo: Flask, learner: SessionClient) -> None:
    sql(demo, "UPDATE user SET email = 'f00@anon.zeeguu', email_verified = 0")

    details = learner.get("/get_user_details").get_json()

    assert details["is_anonymous"] is True
    assert details["requires_email_verification"] is False


def test_the_account_works_before_our_tables_exist(demo: Flask, learner: SessionClient) -> None:
    sql(demo, "DROP TABLE user_avatar")

    assert learner.get("/get_user_details").get_json()["user_avatar"] is None


def test_the_zone_is_kept(demo: Flask, learner: SessionClient) -> None:
    answer = learner.post("/user_timezone", data={"timezone": "Asia/Kathmandu"})

    assert (answer.status_code, answer.text) == (200, "OK")
    assert sql(demo, "SELECT timezone FROM user") == [("Asia/Kathmandu",)]


@pytest.mark.parametrize(
    "form", [{}, {"timezone": ""}, {"timezone": "Mars/Olympus"}, {"timezone": "../etc/passwd"}]
)
def test_an_unknown_zone_is_refused(
    demo: Flask, learner: SessionClient, form: dict[str, str]
) -> None:
    assert learner.post("/user_timezone", data=form).status_code == 400
    assert sql(demo, "SELECT timezone FROM user") == [(None,)]
