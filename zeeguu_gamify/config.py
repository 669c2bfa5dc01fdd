"""Every `GAMIFY_*` key once: its type, default, check and meaning, in one frozen object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from typing import Any

from zeeguu_gamify.errors import ConfigError

PREFIX = "GAMIFY_"

Check = Callable[[Any], bool]


def _positive(value: Any) -> bool:
    return bool(value > 0)


def _key(default: Any, meaning: str, check: Check = lambda _: True, must: str = "") -> Any:
    """One config key: its default, what it means, and what its value must satisfy."""
    metadata = {"type": type(default), "meaning": meaning, "check": check, "must": must}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one mounted app; read once in `init_app`, later changes are ignored."""

    session_cookie: str = _key(
        "chocolatechip", "cookie that may carry the session when the query does not"
    )
    session_days: int = _key(
        30, "a session unused for more full days than this is expired", _positive, "be positive"
    )
    verified_since: date = _key(
        date(2026, 2, 17), "users created from this date on must have verified their e-mail"
    )
    anonymous_suffix: str = _key(
        "@anon.zeeguu", "ending of the e-mail addresses of anonymous accounts"
    )
    refresh_seconds: float = _key(
        5.0, "how long a process may trust its copy of the catalog and settings", _positive,
        "be positive",
    )  # fmt: skip
    known_rows: int = _key(
        100_000, "how many progress rows a process remembers to exist", _positive, "be positive"
    )

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any]) -> Config:
        """The `GAMIFY_*` keys of a Flask config.

        Raises ConfigError for a key that does not exist (with the nearest that does), a value of
        the wrong type, or one out of range.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        given = {key: value for key, value in settings.items() if key.startswith(PREFIX)}
        for key in given.keys() - known.keys():
            close = get_close_matches(key, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise ConfigError(f"Unknown setting {key}.{hint}")
        return cls(**{known[key].name: _checked(key, known[key], given[key]) for key in given})


def _checked(key: str, spec: Field[Any], value: Any) -> Any:
    """`value` if it may stand under `key`; an int is taken for a float, a bool never for a number.

    Raises ConfigError.
    """
    wanted: type = spec.metadata["type"]
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ConfigError(f"{key} must be {wanted.__name__}, not {type(value).__name__}.")
    if not spec.metadata["check"](value):
        raise ConfigError(f"{key} must {spec.metadata['must']}, not {value!r}.")
    return value
