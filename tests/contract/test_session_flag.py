"""Gamification that is on for some users only (docs/contract.md §1.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from blinker import signal

from tests.contract.hosts import Person, World
from tests.contract.test_badges_transport import PATHS
from zeeguu_gamify import Event, emit, increment_badge_progress
from zeeguu_gamify.events import emit_batch


class Switch:
    """Who has gamification."""

    def __init__(self) -> None:
        self.off: set[int] = set()

    def __call__(self, user_id: int) -> bool:
        return user_id not in self.off


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def flagged(build: Callable[..., World], database_url: str, switch: Switch) -> World:
    return build(database_url, is_enabled_for=switch)


@pytest.fixture
def ada(flagged: World, switch: Switch) -> Person:
    """Has no gamification."""
    ada = flagged.person("Ada")
    switch.off.add(ada.id)
    return ada


def translated(person: Person) -> int:
    families = person.get("/my_badges").get_json()
    [value] = [f["current_value"] for f in families if f["name"] == "Translated words"]
    return int(value)


@pytest.mark.parametrize(
    ("path", "method"), [call for call in PATHS.items() if "openapi" not in call[0]]
)
def test_every_page_is_404_for_a_user_without_the_feature(
    ada: Person, path: str, method: str
) -> None:
    answer = ada.call(method, path)
    assert answer.status_code == 404
    assert answer.json == {"message": "Gamification is not switched on for this user."}


def test_others_are_not_affected(flagged: World, ada: Person) -> None:
    assert ada.get("/my_badges").status_code == 404
    assert flagged.person("Bob").get("/my_badges").status_code == 200


def test_no_event_of_such_a_user_counts(flagged: World, ada: Person, switch: Switch) -> None:
    bob = flagged.person("Bob")
    with flagged.app.app_context():
        session = flagged.db.session()
        for person in (ada, bob):
            signal("word_translated").send(None, user_id=person.id, db_session=session)
            emit(session, "word.translated", user_id=person.id)
            increment_badge_progress(session, "TRANSLATED_WORDS", person.id, 10)
        emit_batch(session, [Event(name="word.translated", user_id=p.id) for p in (ada, bob)])
        session.commit()
    switch.off.clear()
    assert (translated(ada), translated(bob)) == (0, 13)
    assert (ada.get("/badges/count_unseen").json, bob.get("/badges/count_unseen").json) == (0, 1)


def test_an_event_that_did_not_count_may_count_once_the_feature_is_on(
    flagged: World, ada: Person, switch: Switch
) -> None:
    for _ in range(2):
        with flagged.app.app_context():
            session = flagged.db.session()
            emit(session, "word.translated", user_id=ada.id, event_id="tap-1")
            session.commit()
        switch.off.clear()
    assert translated(ada) == 1


def test_the_switch_is_looked_at_with_each_request(ada: Person, switch: Switch) -> None:
    assert ada.get("/my_badges").status_code == 404
    switch.off.clear()
    assert ada.get("/my_badges").status_code == 200
