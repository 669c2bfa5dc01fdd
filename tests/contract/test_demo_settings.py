"""`POST /user_settings` of the demo host (docs/contract.md §1.3)."""

import pytest
from flask import Flask

from tests.contract.people import PASSWORD, sign_up, sql
from zeeguu_gamify.testing import SessionClient


def test_what_is_sent_is_changed_and_the_rest_stays(learner: SessionClient) -> None:
    before = learner.get("/get_user_details").get_json()

    answer = learner.post("/user_settings", data={"name": "Ada L.", "email": ""})

    assert (answer.status_code, answer.text) == (200, "OK")
    assert learner.get("/get_user_details").get_json() == {**before, "name": "Ada L."}


def test_the_client_may_post_all_it_knows_of_the_user(learner: SessionClient) -> None:
    junk = {
        "features[0]": "gamification",
        "user_avatar[image_name]": "owl",
        "is_student": "true",
        "created_at": "2026-01-01T00:00:00",
        "native_language": "",
        "de_cefr_level": "3",
    }

    assert learner.post("/user_settings", data={"name": "Ada", **junk}).status_code == 200
    assert learner.get("/get_user_details").get_json()["user_avatar"] is None


def test_a_language_may_be_taken_up(learner: SessionClient) -> None:
    answer = learner.post("/user_settings", data={"learned_language": "es", "cefr_level": "2"})

    assert answer.status_code == 200
    details = learner.get("/get_user_details").get_json()
    assert details["learned_language"] == "es"
    assert (details["es_reading"], details["es_exercises"]) == (True, True)
    assert details["es_cefr_level"] == 2
    assert (details["de_reading"], details["de_exercises"]) == (False, False)
    assert [each["code"] for each in learner.get("/user_languages").get_json()] == ["de", "es"]


def test_going_back_to_a_language_adds_no_second_row(learner: SessionClient) -> None:
    for code in ("es", "de", "es"):
        assert learner.post("/user_settings", data={"learned_language": code}).status_code == 200

    assert [each["code"] for each in learner.get("/user_languages").get_json()] == ["de", "es"]


def test_a_new_password_and_email_are_what_one_logs_in_with(
    demo: Flask, learner: SessionClient
) -> None:
    form = {"email": " Ada.L@Example.com ", "password": "another"}

    assert learner.post("/user_settings", data=form).status_code == 200

    log_in = demo.test_client().post
    assert log_in("/session/ada.l@example.com", data={"password": "another"}).status_code == 200
    assert log_in("/session/ada.l@example.com", data={"password": PASSWORD}).status_code == 401


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"email": "BEN@example.com"}, "Email already in use"),
        ({"email": "nowhere"}, "That is not an e-mail address"),
        ({"learned_language": "xx"}, "Unknown language: xx"),
        ({"native_language": "xx"}, "Unknown language: xx"),
        ({"cefr_level": "high"}, "cefr_level: Not a valid integer."),
        ({"name": "a" * 256}, "name: Longer than maximum length 255."),
    ],
)
def test_with_one_thing_wrong_nothing_is_changed(
    demo: Flask, learner: SessionClient, form: dict[str, str], message: str
) -> None:
    sign_up(demo, "ben")
    before = learner.get("/get_user_details").get_json()
    good = {"name": "Somebody", "learned_language": "es", "native_language": "da"}

    answer = learner.post("/user_settings", data={**good, **form})

    assert answer.status_code == 400
    assert answer.get_json() == {"message": message}
    assert learner.get("/get_user_details").get_json() == before
    assert sql(demo, "SELECT COUNT(*) FROM user_language") == [(2,)]


def test_nothing_sent_is_nothing_changed(learner: SessionClient) -> None:
    assert learner.post("/user_settings").text == "OK"


def test_saving_the_profile_page_earns_its_badge_once(learner: SessionClient) -> None:
    def held() -> bool:
        families = {each["name"]: each for each in learner.get("/my_badges").get_json()}
        return families["Hello, world"]["badges"][0]["achieved"] is True

    learner.post("/user_settings", data={"name": "Ada", "learned_language": "es"})
    assert not held()

    for _ in range(2):
        learner.post("/user_settings", data={"name": "Ada", "avatar_image_name": "owl"})
        assert held()
    assert learner.get("/badges/count_unseen").get_json() == 1
