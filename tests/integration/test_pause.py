"""The switch for the hour of trouble: events do nothing, pages answer."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.hosts import (
    ADA,
    MakeHost,
    badges,
    db_of,
    engine_of,
    mount_host,
    mount_on,
    progress,
    send,
)
from zeeguu_gamify.badges.by_hand import increment_badge_progress
from zeeguu_gamify.events import Event
from zeeguu_gamify.streaks.practice import practice
from zeeguu_gamify.testing import statements


def run(host: Flask, *command: str) -> str:
    result = host.test_cli_runner().invoke(args=["gamify", *command])
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_while_paused_events_do_nothing_and_cost_nothing(host: Flask) -> None:
    send(host, "word_translated")
    db_of(host).session.commit()
    run(host, "pause", "--reason", "a strange badge")
    session = db_of(host).session()
    mount_on(host).refresh(session)
    with statements(engine_of(host)) as ran:
        send(host, "word_translated", times=12)
        assert increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 50) == []
        assert practice(session, ADA).streak is None
    session.commit()
    assert ran == []
    assert progress(host) == {"TRANSLATED_WORDS": 1}
    assert badges(host) == []


def test_what_was_left_out_is_counted_and_said_when_it_goes_on(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    run(host, "pause")
    send(host, "word_translated", times=3)
    db_of(host).session.commit()
    assert run(host, "resume") == "Events are counted again.\n"
    send(host, "word_translated")
    db_of(host).session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 1}
    assert "3 events were not counted while paused" in caplog.text


def test_another_process_hears_of_the_pause_within_the_seconds_set(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = mount_host(str(engine_of(host).url.render_as_string(hide_password=False)))
    with other.app_context():
        send(other, "word_translated")
        db_of(other).session.commit()
        run(host, "pause")
        present = 10_000.0 + mount_on(other).config.refresh_seconds
        monkeypatch.setattr("zeeguu_gamify.clock.monotonic", lambda: present + 1e6)
        send(other, "word_translated")
        db_of(other).session.commit()
        db_of(other).session.remove()
        engine_of(other).dispose()
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def test_doctor_tells_of_the_pause_and_why(new_host: MakeHost) -> None:
    host = new_host(requires_session=lambda view: view)
    run(host, "pause", "--reason", "a strange badge")
    assert "paused (a strange badge): no event counts → flask gamify resume" in run(host, "doctor")


def test_resuming_what_is_not_paused_says_so(host: Flask) -> None:
    assert run(host, "resume") == "Nothing was paused.\n"


def test_while_paused_what_the_hosts_answers_mean_does_nothing_either(host: Flask) -> None:
    host.add_url_rule("/tap", "tap", lambda: "OK")
    tapped = Event(name="word.translated", user_id=ADA)
    host.extensions["mounted"].after("tap", lambda _response: tapped)
    run(host, "pause")
    host.test_client().get("/tap")
    assert progress(host) == {}
    run(host, "resume")
    host.test_client().get("/tap")
    assert progress(host) == {"TRANSLATED_WORDS": 1}
