"""The streak routes (docs/contract.md §1.11) and the practice calendar, on the demo host."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.contract.people import sign_up, sql, user_id
from zeeguu_gamify import give_freezes, practice
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.testing import SessionClient, statements

NOON = datetime(2026, 11, 20, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON.isoformat() + "Z", tick=False):
        yield


def practise(app: Flask, who: SessionClient, *instants: datetime, code: str = "de") -> None:
    """Let practice happen at each of the instants (UTC)."""
    ((language_id,),) = sql(app, "SELECT id FROM language WHERE code = :code", code=code)
    someone = user_id(app, who)
    for at in instants:
        with (
            time_machine.travel(at.isoformat() + "Z", tick=False),
            app.app_context(),
        ):
            practice(db.session, someone, language_id)
            db.session.commit()


def study(app: Flask, who: SessionClient, code: str, **columns: Any) -> None:
    """Let somebody study a language, with the columns that a host may have written."""
    values = {
        "daily_streak": 0, "max_streak": 0, "last_practiced": None, "max_streak_date": None,
    } | columns  # fmt: skip
    sql(
        app,
        "INSERT INTO user_language (user_id, language_id, daily_streak, max_streak, "
        "last_practiced, max_streak_date) SELECT :someone, id, :daily_streak, :max_streak, "
        ":last_practiced, :max_streak_date FROM language WHERE code = :code",
        someone=user_id(app, who),
        code=code,
        **{name: str(value) if value else value for name, value in values.items()},
    )


def moves_to(app: Flask, who: SessionClient, zone: str) -> None:
    someone = user_id(app, who)
    sql(app, "UPDATE user SET timezone = :zone WHERE id = :someone", zone=zone, someone=someone)


def rows_of_languages(app: Flask) -> list[tuple[Any, ...]]:
    return sql(app, "SELECT * FROM user_language ORDER BY id")


def got(who: SessionClient, path: str, **query: Any) -> Any:
    answer = who.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    return answer.get_json()


ROUTES = ("/daily_streak", "/all_language_streaks", "/language_streak_history")


@pytest.mark.parametrize("path", [*ROUTES, "/friend_language_streak_history/ada"])
def test_nobody_reads_streaks_without_a_session(demo: Flask, path: str) -> None:
    assert demo.test_client().get(path).status_code == 401
    assert demo.test_client().get("/practice_calendar").status_code == 401


def test_the_streak_of_the_language_that_is_learned(demo: Flask, learner: SessionClient) -> None:
    assert got(learner, "/daily_streak") == {"daily_streak": 0}
    practise(demo, learner, NOON - DAY, NOON)
    practise(demo, learner, NOON, code="da")
    assert got(learner, "/daily_streak") == {"daily_streak": 2}


def test_reading_makes_no_row_and_a_row_that_is_missing_is_zero(
    demo: Flask, learner: SessionClient
) -> None:
    sql(demo, "DELETE FROM user_language")
    assert got(learner, "/daily_streak") == {"daily_streak": 0}
    assert got(learner, "/all_language_streaks") == []
    assert got(learner, "/language_streak_history") == []
    assert got(learner, "/practice_calendar")["days"] == []
    assert rows_of_languages(demo) == []
    assert sql(demo, "SELECT * FROM streak") == sql(demo, "SELECT * FROM practice_day") == []


@pytest.mark.parametrize(
    ("later", "streak"), [(0 * DAY, 2), (DAY, 2), (DAY + 11 * HOUR, 2), (DAY + 12 * HOUR, 0)]
)
def test_it_is_zero_once_a_whole_day_was_missed(
    demo: Flask, learner: SessionClient, later: timedelta, streak: int
) -> None:
    practise(demo, learner, NOON - DAY, NOON)
    with time_machine.travel((NOON + later).isoformat() + "Z", tick=False):
        assert got(learner, "/daily_streak") == {"daily_streak": streak}
        (german,) = got(learner, "/all_language_streaks")
        assert german["daily_streak"] == streak
        assert german["practiced_today"] is (later < 12 * HOUR)
        (german,) = got(learner, "/language_streak_history")
        assert (german["daily_streak"], german["max_streak"]) == (streak, 2)


def test_all_languages_but_the_native_one_the_longest_streak_first(
    demo: Flask, learner: SessionClient
) -> None:
    for code in ("da", "fr", "en"):  # English is native
        study(demo, learner, code)
    practise(demo, learner, NOON - DAY)
    practise(demo, learner, NOON - DAY, NOON, code="fr")
    practise(demo, learner, NOON, code="en")
    assert got(learner, "/all_language_streaks") == [
        {"code": "fr", "language": "French", "daily_streak": 2, "practiced_today": True},
        {"code": "de", "language": "German", "daily_streak": 1, "practiced_today": False},
        {"code": "da", "language": "Danish", "daily_streak": 0, "practiced_today": False},
    ]


def test_the_history_has_the_native_one_too_the_longest_ever_first(
    demo: Flask, learner: SessionClient
) -> None:
    study(demo, learner, "en")
    study(demo, learner, "da")
    practise(demo, learner, NOON - 9 * DAY, NOON - 8 * DAY, NOON - 7 * DAY, code="en")
    practise(demo, learner, NOON - DAY, NOON)
    assert got(learner, "/language_streak_history") == [
        {
            "code": "en", "language": "English", "daily_streak": 0, "max_streak": 3,
            "max_streak_date": "2026-11-13",
        },
        {
            "code": "de", "language": "German", "daily_streak": 2, "max_streak": 2,
            "max_streak_date": "2026-11-20",
        },
        {
            "code": "da", "language": "Danish", "daily_streak": 0, "max_streak": 0,
            "max_streak_date": None,
        },
    ]  # fmt: skip


def test_dates_are_those_of_the_user(demo: Flask, learner: SessionClient) -> None:
    moves_to(demo, learner, "Pacific/Auckland")  # where the 21st has begun
    practise(demo, learner, NOON)
    (german,) = got(learner, "/language_streak_history")
    assert german["max_streak_date"] == "2026-11-21"
    (german,) = got(learner, "/all_language_streaks")
    assert german["practiced_today"] is True
    with time_machine.travel("2026-11-21T11:00:00Z", tick=False):  # midnight there
        (german,) = got(learner, "/all_language_streaks")
    assert (german["practiced_today"], german["daily_streak"]) == (False, 1)


def test_a_date_stays_as_it_was_lived_wherever_the_user_is_now(
    demo: Flask, learner: SessionClient
) -> None:
    moves_to(demo, learner, "Pacific/Auckland")
    practise(demo, learner, NOON)
    moves_to(demo, learner, "America/Los_Angeles")
    (german,) = got(learner, "/language_streak_history")
    assert german["max_streak_date"] == "2026-11-21"
    with time_machine.travel("2026-11-21T20:00:00Z", tick=False):  # the 21st, lived again
        (german,) = got(learner, "/all_language_streaks")
    assert german["practiced_today"] is True


def test_what_the_host_had_counted_before_us_is_shown(demo: Flask, learner: SessionClient) -> None:
    sql(demo, "DELETE FROM user_language")
    study(
        demo, learner, "de",
        daily_streak=9, max_streak=12, last_practiced=NOON - DAY, max_streak_date=NOON - 99 * DAY,
    )  # fmt: skip
    study(demo, learner, "da", daily_streak=4, max_streak=4, last_practiced=NOON - 2 * DAY)
    assert got(learner, "/daily_streak") == {"daily_streak": 9}
    german, danish = got(learner, "/language_streak_history")
    assert (german["max_streak"], german["max_streak_date"]) == (12, "2026-08-13")
    assert (danish["daily_streak"], danish["max_streak_date"]) == (0, None)
    practise(demo, learner, NOON)
    assert got(learner, "/daily_streak") == {"daily_streak": 10}
    assert got(learner, "/language_streak_history")[0]["max_streak"] == 12


def test_a_language_that_is_there_twice_is_shown_once_at_its_best(
    demo: Flask, learner: SessionClient
) -> None:
    study(demo, learner, "de", max_streak=7, max_streak_date=NOON - 50 * DAY)
    practise(demo, learner, NOON)
    (german,) = got(learner, "/language_streak_history")
    assert (german["daily_streak"], german["max_streak"]) == (1, 7)
    assert len(got(learner, "/all_language_streaks")) == 1
    assert len(rows_of_languages(demo)) == 2


def befriend(one: SessionClient, other: SessionClient) -> None:
    body = {"receiver_username": name_of(other)}
    assert one.post("/send_friend_request", json=body).status_code == 200
    body = {"sender_username": name_of(one)}
    assert other.post("/accept_friend_request", json=body).status_code == 200


def name_of(who: SessionClient) -> str:
    return str(got(who, "/get_user_details")["username"])


def test_a_friend_sees_the_history_a_stranger_the_languages(
    demo: Flask, learner: SessionClient, stranger: SessionClient
) -> None:
    study(demo, learner, "da")
    practise(demo, learner, NOON - DAY, NOON)
    path = f"/friend_language_streak_history/{name_of(learner)}"
    assert got(stranger, path) == [
        {"code": "de", "language": "German"},
        {"code": "da", "language": "Danish"},
    ]
    befriend(stranger, learner)
    own = got(learner, "/language_streak_history")
    assert got(stranger, path) == got(learner, path) == own
    shouted = name_of(learner).upper()
    assert got(stranger, f"/friend_language_streak_history/{shouted}") == own


def test_a_friends_streak_lapses_in_the_zone_of_the_friend(
    demo: Flask, learner: SessionClient, stranger: SessionClient
) -> None:
    moves_to(demo, learner, "Pacific/Pago_Pago")
    moves_to(demo, stranger, "Pacific/Kiritimati")
    befriend(stranger, learner)
    practise(demo, learner, NOON)  # the 20th, 01:00
    path = f"/friend_language_streak_history/{name_of(learner)}"
    for at, streak in (("2026-11-22T10:59:00Z", 1), ("2026-11-22T11:00:00Z", 0)):
        with time_machine.travel(at, tick=False):
            assert got(stranger, path)[0]["daily_streak"] == streak


def test_of_somebody_unknown_there_is_nothing(learner: SessionClient) -> None:
    assert got(learner, "/friend_language_streak_history/nobody") == []


@pytest.mark.core
def test_the_routes_answer_on_every_backend(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    practise(demo_anywhere, ada, NOON - DAY, NOON)
    with demo_anywhere.app_context():
        engine = db.engine
    for path in ROUTES:
        with statements(engine) as ran:
            got(ada, path)
        assert len(ran) <= 4  # one for the session
    (german,) = got(ada, "/language_streak_history")
    assert german == {
        "code": "de", "language": "German", "daily_streak": 2, "max_streak": 2,
        "max_streak_date": "2026-11-20",
    }  # fmt: skip
    calendar = got(ada, "/practice_calendar")
    assert [day["date"] for day in calendar["days"]] == ["2026-11-19", "2026-11-20"]


def test_the_calendar_shows_the_last_thirty_days(demo: Flask, learner: SessionClient) -> None:
    practise(demo, learner, NOON - 40 * DAY, NOON - 3 * DAY)
    practise(demo, learner, NOON - 3 * DAY, code="da")
    with demo.app_context(), time_machine.travel("2026-11-17T13:00:00Z", tick=False):
        give_freezes(db.session(), user_id(demo, learner), 2, "a present")
        db.session.commit()
    practise(demo, learner, NOON - DAY, code="da")
    assert got(learner, "/practice_calendar") == {
        "from": "2026-10-22",
        "to": "2026-11-20",
        "today": "2026-11-20",
        "streak": 2,
        "at_risk": False,
        "freezes": 1,
        "days": [
            {"date": "2026-11-17", "practised": True, "languages": ["da", "de"], "bridge": None},
            {"date": "2026-11-18", "practised": False, "languages": [], "bridge": "freeze"},
            {"date": "2026-11-19", "practised": True, "languages": ["da"], "bridge": None},
        ],
    }


@pytest.mark.parametrize(
    ("at", "at_risk"),
    [
        ("2026-11-21T10:59:00Z", False),  # 19:59 in Tokyo
        ("2026-11-21T11:00:00Z", True),
        ("2026-11-21T14:59:00Z", True),
        ("2026-11-21T15:00:00Z", False),  # Sunday in Tokyo: it is over
    ],
)
def test_the_calendar_tells_that_the_streak_ends_tonight_where_the_user_is(
    demo: Flask, learner: SessionClient, at: str, at_risk: bool
) -> None:
    moves_to(demo, learner, "Asia/Tokyo")
    practise(demo, learner, NOON)
    month = {"from": "2026-10-01", "to": "2026-10-31"}
    with time_machine.travel(at, tick=False):
        assert got(learner, "/practice_calendar")["at_risk"] is at_risk
        assert got(learner, "/practice_calendar", **month)["at_risk"] is at_risk


def test_nothing_is_at_risk_once_one_has_practised_or_without_a_streak(
    demo: Flask, learner: SessionClient
) -> None:
    late = NOON.replace(hour=22)
    with time_machine.travel(late.isoformat() + "Z", tick=False):
        assert got(learner, "/practice_calendar")["at_risk"] is False
        practise(demo, learner, NOON)
        assert got(learner, "/practice_calendar")["at_risk"] is False


def test_the_calendar_shows_any_year(demo: Flask, learner: SessionClient) -> None:
    practise(demo, learner, NOON - 400 * DAY, NOON - 40 * DAY, NOON)
    found = got(learner, "/practice_calendar", **{"from": "2025-10-16", "to": "2026-10-16"})
    assert [day["date"] for day in found["days"]] == ["2025-10-16", "2026-10-11"]
    (only,) = got(learner, "/practice_calendar", **{"from": "2026-11-20"})["days"]
    assert only["date"] == "2026-11-20"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "from"),
        ({"from": "2025-01-01", "to": "2026-11-01"}, "from"),
        ({"from": "2020-01-01"}, "from"),
        ({"since": "2026-11-01"}, "since"),
    ],
)
def test_a_wrong_calendar_is_refused(
    learner: SessionClient, query: dict[str, str], field: str
) -> None:
    answer = learner.get("/practice_calendar", **query)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(f"{field}:")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "0001-01-01", "to": "0001-01-01"},
        {"to": "0001-01-01"},
        {"from": "9999-12-31"},
        {"to": "9999-12-31"},
    ],
)
def test_a_calendar_at_the_ends_of_time_is_empty(
    learner: SessionClient, query: dict[str, str]
) -> None:
    assert got(learner, "/practice_calendar", **query)["days"] == []
