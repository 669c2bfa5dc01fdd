"""The hot path does not know how many badges there are."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.catalogs import thousand_badges
from tests.hosts import ADA, BEN, close, db_of, engine_of, mount_host, mount_on, send
from zeeguu_gamify import emit, update_badge_progress
from zeeguu_gamify.testing import prepare, statements


def costs(host: Flask, user_id: int) -> list[int]:
    """The statements of events: first, warm, with an id, over a threshold, of a gauge."""
    session = db_of(host).session()
    mount_on(host).refresh(session)
    session.commit()
    found = []
    for step in (
        lambda: send(host, "word_translated", user_id),
        lambda: send(host, "word_translated", user_id),
        lambda: emit(session, "word.translated", user_id=user_id, event_id=f"e{user_id}"),
        lambda: emit(session, "word.translated", user_id=user_id, amount=10),
        lambda: update_badge_progress(session, "FRIENDS", user_id, 1),
        lambda: update_badge_progress(session, "FRIENDS", user_id, 2),
        lambda: update_badge_progress(session, "FRIENDS", user_id, 0),
    ):
        with statements(engine_of(host)) as ran:
            step()
            session.commit()
        found.append(len(ran))
    return found


@pytest.mark.core
def test_an_event_costs_the_same_with_35_badges_and_with_1000(host: Flask) -> None:
    with_35 = costs(host, ADA)
    assert len(mount_on(host).live.by_id) == 35
    assert with_35[1] == 1
    url = engine_of(host).url.render_as_string(hide_password=False)
    other = mount_host(url, catalog=thousand_badges())
    with other.app_context():
        prepare(other)
        with_1000 = costs(other, BEN)
        assert len(mount_on(other).live.by_id) == 1000
        close(other)
    assert with_1000 == with_35
