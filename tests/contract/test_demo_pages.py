"""The demo's own pages, without a browser."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from tests.contract.people import sign_up
from zeeguu_gamify import clock
from zeeguu_gamify.demo import product
from zeeguu_gamify.demo.clockwork import FARTHEST, Clockwork, clockwork
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.seed import make_shop, make_tables
from zeeguu_gamify.demo.words import quiz
from zeeguu_gamify.testing import frozen

NOW = datetime(2026, 11, 20, 12)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The product over an empty world, with a clock that stands still until it is moved."""
    monkeypatch.setattr(Clockwork, "_tick", lambda _self: None)
    monkeypatch.setenv("DEMO_DATABASE_URI", f"sqlite:///{tmp_path / 'demo.db'}")
    with frozen(NOW):
        app = product.create_app()
        with app.app_context():
            make_tables()
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_stranger_is_told_kindly(client: FlaskClient) -> None:
    answer = client.get("/demo/as/<b>")

    assert answer.status_code == 404
    assert "Nobody here is called “&lt;b&gt;”" in answer.text


def test_nothing_comes_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/")

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("move", ["", "yesterday", "-1"])
def test_the_clock_is_moved_only_in_ways_that_there_are(client: FlaskClient, move: str) -> None:
    assert client.post("/demo/clock", data={"move": move}).status_code == 400
    assert clock.now() == NOW


def test_other_sites_do_not_move_the_clock(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert client.post("/demo/clock", data={"move": "day"}, headers=headers).status_code == 403
    assert clock.now() == NOW


def test_the_clock_of_a_mere_host_does_not_move(demo: Flask) -> None:
    assert demo.test_client().post("/demo/clock", data={"move": "day"}).status_code == 404


@pytest.mark.parametrize(
    ("move", "by"),
    [("day", timedelta(days=1)), ("week", timedelta(days=7)), ("evening", timedelta(hours=9))],
)
def test_the_clock_moves_for_everybody(client: FlaskClient, move: str, by: timedelta) -> None:
    assert client.post("/demo/clock", data={"move": move}).status_code == 303
    assert clock.now() == NOW + by


def test_evenings_are_those_of_the_learner(client: FlaskClient) -> None:
    client.post("/demo/clock", data={"move": "evening", "as": "chi"})  # it is 21:00 in Tokyo

    assert clock.now() == NOW + timedelta(days=1)


def test_back_in_the_present_nothing_of_the_future_is_left(app: Flask, client: FlaskClient) -> None:
    client.post("/demo/clock", data={"move": "week"})
    with app.app_context():
        make_shop()
    client.post("/demo/clock", data={"move": "now"})

    assert clock.now() == NOW
    assert _rewards(app) == 0


def test_a_future_that_was_left_by_the_process_is_undone_by_the_next(
    app: Flask, client: FlaskClient
) -> None:
    client.post("/demo/clock", data={"move": "week"})
    with app.app_context():
        make_shop()
        db.engine.dispose()
    with frozen(NOW):
        again = product.create_app()
        assert again.test_client().get("/").status_code == 200
        assert _rewards(again) == 0


def test_a_year_is_the_farthest(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        works = clockwork()
    assert works is not None
    works.ahead = FARTHEST

    assert client.post("/demo/clock", data={"move": "day"}).status_code == 400


def test_the_shop_is_filled_once(app: Flask) -> None:
    with app.app_context():
        make_shop()
        make_shop()

    assert _rewards(app) == 3


def test_every_word_of_the_quiz_has_a_meaning_of_its_own() -> None:
    words = quiz()

    assert len(words) > 50
    assert len(set(words.values())) == len(words)


def test_an_element_that_is_not_there_is_404(client: FlaskClient) -> None:
    assert client.get("/demo/elements/nothing").status_code == 404


READER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_an_address_that_nothing_has_leads_home(client: FlaskClient) -> None:
    answer = client.get("/<b>nonsense", headers=READER)

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert '<a class="button" href="/">' in answer.text
    assert "Be Ada" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/nonsense", {}),
        ("/nonsense", {"Accept": "application/json"}),
        ("/gamify/nonsense", READER),
        ("/static/nonsense.js", READER),
    ],
)
def test_programs_hear_the_404_of_any_host(
    app: Flask, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)

    assert answer.status_code == 404
    assert answer.text == NotFound().get_response().get_data(as_text=True)


def test_what_a_route_does_not_find_is_told_by_the_route(app: Flask) -> None:
    form = {"id": 4711, "duration": 1}
    answer = sign_up(app, "zoe").post("/exercise_session_end", data=form, headers=READER)

    assert (answer.status_code, answer.get_json()) == (404, {"message": "No such session"})


def _rewards(app: Flask) -> int:
    with app.app_context():
        count: int = db.session.execute(db.text("SELECT COUNT(*) FROM reward")).scalar_one()
        db.engine.dispose()
    return count
