"""Every `GAMIFY_*` key is known, typed and in range, or the app does not start."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from datetime import date, datetime
from typing import Any

import pytest

from zeeguu_gamify.config import Config
from zeeguu_gamify.errors import ConfigError


def test_what_is_not_set_has_a_default() -> None:
    assert Config.from_mapping({}) == Config()


def test_what_is_set_is_taken_and_what_is_the_hosts_is_left() -> None:
    settings = {
        "GAMIFY_SESSION_DAYS": 7,
        "GAMIFY_VERIFIED_SINCE": date(2020, 1, 1),
        "GAMIFY_REFRESH_SECONDS": 0.5,
        "SECRET_KEY": "the host's",
    }
    config = Config.from_mapping(settings)
    assert (config.session_days, config.verified_since, config.refresh_seconds) == (
        7,
        date(2020, 1, 1),
        0.5,
    )


def test_whole_seconds_are_seconds() -> None:
    refresh = Config.from_mapping({"GAMIFY_REFRESH_SECONDS": 3}).refresh_seconds
    assert (refresh, type(refresh)) == (3.0, float)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "GAMIFY_SESION_DAYS",
            "Unknown setting GAMIFY_SESION_DAYS. Did you mean GAMIFY_SESSION_DAYS?",
        ),
        ("GAMIFY_QQQQQQQQQQQQQQ", "Unknown setting GAMIFY_QQQQQQQQQQQQQQ."),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_there_is(key: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config.from_mapping({key: 1})
    assert error.value.message == message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("GAMIFY_SESSION_DAYS", "30", "GAMIFY_SESSION_DAYS must be int, not str."),
        ("GAMIFY_SESSION_DAYS", True, "GAMIFY_SESSION_DAYS must be int, not bool."),
        ("GAMIFY_SESSION_DAYS", 1.5, "GAMIFY_SESSION_DAYS must be int, not float."),
        ("GAMIFY_SESSION_DAYS", None, "GAMIFY_SESSION_DAYS must be int, not NoneType."),
        ("GAMIFY_SESSION_DAYS", 0, "GAMIFY_SESSION_DAYS must be positive, not 0."),
        ("GAMIFY_REFRESH_SECONDS", True, "GAMIFY_REFRESH_SECONDS must be float, not bool."),
        ("GAMIFY_REFRESH_SECONDS", -1, "GAMIFY_REFRESH_SECONDS must be positive, not -1.0."),
        (
            "GAMIFY_REFRESH_SECONDS",
            float("nan"),
            "GAMIFY_REFRESH_SECONDS must be positive, not nan.",
        ),
        ("GAMIFY_KNOWN_ROWS", 0, "GAMIFY_KNOWN_ROWS must be positive, not 0."),
        (
            "GAMIFY_VERIFIED_SINCE",
            datetime(2026, 1, 1),
            "GAMIFY_VERIFIED_SINCE must be date, not datetime.",
        ),
        ("GAMIFY_SESSION_COOKIE", b"x", "GAMIFY_SESSION_COOKIE must be str, not bytes."),
    ],
)
def test_a_wrong_value_is_refused_in_words(key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config.from_mapping({key: value})
    assert error.value.message == message


def test_settings_do_not_change_once_they_are_read() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().session_days = 1  # type: ignore[misc]


def test_every_key_says_what_it_means() -> None:
    assert all(field.metadata["meaning"] for field in fields(Config))
