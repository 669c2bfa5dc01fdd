"""Every `GAMIFY_*` key once: its type, default, check and meaning, in one frozen object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any

from zeeguu_gamify.errors import ConfigError

PREFIX = "GAMIFY_"

Check = Callable[[Any], bool]


def _positive(value: Any) -> bool:
    return bool(value > 0)


def _are_networks(value: Any) -> bool:
    try:
        return all(ip_network(one.strip()) for one in value.split(",") if one.strip())
    except ValueError:
        return False


#: Operation → how often each user may ask for it, by whatever way.
RATE_LIMITS = {
    "userProfile": "200/minute",
    "badges": "100/minute",
    "leaderboard": "100/minute",
    "rewards": "100/minute",
    "redeemReward": "20/minute",
    "streaks": "200/minute",
}

_RATE = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour|day)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def rate(text: str) -> tuple[int, int]:
    """So many, in so many seconds: `200/minute` is (200, 60). Raises ValueError."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a rate, as 200/minute is: {text!r}")
    return int(found[1]), _SECONDS[found[2]]


def _are_rates(value: Any) -> bool:
    try:
        return value.keys() <= RATE_LIMITS.keys() and all(map(rate, value.values()))
    except (TypeError, ValueError):
        return False


def _key(default: Any, meaning: str, check: Check = lambda _: True, must: str = "") -> Any:
    """One config key: its default, what it means, and what its value must satisfy."""
    metadata = {"type": type(default), "meaning": meaning, "check": check, "must": must}
    return field(default_factory=lambda: default, metadata=metadata)


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
    at_risk_hours: float = _key(
        4.0, "so long before local midnight a streak without practice is at risk",
        lambda value: 0 < value <= 24, "be more than 0 and at most 24",
    )  # fmt: skip
    shadow: bool = _key(
        False, "count beside the host's own code, write none of its tables, answer no route"
    )
    streak_owner: str = _key(
        "gamify", "who keeps the streaks of user_language: gamify, or the host as before",
        lambda value: value in ("gamify", "host"), "be gamify or host",
    )  # fmt: skip
    sweep_nights: int = _key(
        7, "in so many nights the sweep compares everybody's counters and badges with the ledgers",
        _positive, "be positive",
    )  # fmt: skip
    active_days: int = _key(
        30, "who moved a metric within so many days counts as active", _positive, "be positive"
    )
    holders_alert: float = _key(
        0.5, "the log warns when the holders of a badge change by more than this part in a night",
        _positive, "be positive",
    )  # fmt: skip
    parked_days: int = _key(
        30, "messages that nobody could deliver are dropped after so many days", _positive,
        "be positive",
    )  # fmt: skip
    inbox_days: int = _key(
        90, "messages of an inbox are dropped so many days after, once they are seen", _positive,
        "be positive",
    )  # fmt: skip
    inbox_limit: int = _key(
        200, "so many messages of a user are kept, the newest, seen or not", _positive,
        "be positive",
    )  # fmt: skip
    receipt_days: int = _key(
        0, "receipts are pruned after so many days, and older events refused; 0: never pruned",
        lambda value: value == 0 or value >= 7, "be 0, or at least 7",
    )  # fmt: skip
    source_language: str = _key("en", "the language in which the catalog's texts are written")
    translate: bool = _key(
        False, "answer Zeeguu's own routes in the reader's language too, as ours always do"
    )
    known_rows: int = _key(
        100_000, "how many progress rows a process remembers to exist", _positive, "be positive"
    )
    redis_url: str = _key(
        "", "where Redis is, e.g. redis://localhost:6379/0; without it SQL does all"
    )
    redis_timeout: float = _key(
        0.1, "so many seconds a request waits for Redis before SQL answers instead", _positive,
        "be positive",
    )  # fmt: skip
    publisher: bool = _key(
        True, "deliver what a commit owes at once, by a thread of this process; else the scheduler"
    )
    stream_limit: int = _key(
        50, "how many live streams a process holds; more are refused with 503", _positive,
        "be positive",
    )  # fmt: skip
    ingestion: bool = _key(False, "take signed events of other services, at /gamify/events")
    admin: bool = _key(False, "serve the panel to the host's admins, at /gamify/admin")
    webhooks: bool = _key(False, "send what happens to the endpoints of `flask gamify webhooks`")
    webhook_allow: str = _key(
        "", "networks, separated by commas, that webhooks may be sent to though they are private",
        _are_networks, "be networks such as 10.1.0.0/16",
    )  # fmt: skip

    graphql: bool = _key(False, "answer GraphQL too, at /gamify/graphql")
    graphql_introspection: bool = _key(
        False, "let anybody with a session ask for the GraphQL schema, as tools do"
    )
    rate_limits: Mapping[str, str] = _key(
        RATE_LIMITS, "how often each user may ask for an operation; one not named has no limit",
        _are_rates, f'be {{operation: "20/minute"}}, of {", ".join(RATE_LIMITS)}',
    )  # fmt: skip

    @property
    def host_owns_streaks(self) -> bool:
        """Whether `user_language` is the host's to write: by choice, and always in shadow mode."""
        return self.shadow or self.streak_owner == "host"

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
    """`value` if it may stand under `key`; an int is taken for a float, 0 and 1 for a switch.

    Raises ConfigError. A bool is never taken for a number.
    """
    wanted: type = spec.metadata["type"]
    if wanted is bool and value in (0, 1, "0", "1"):
        value = bool(int(value))
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ConfigError(f"{key} must be {wanted.__name__}, not {type(value).__name__}.")
    if not spec.metadata["check"](value):
        raise ConfigError(f"{key} must {spec.metadata['must']}, not {value!r}.")
    return value
