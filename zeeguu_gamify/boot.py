"""Checks of code and configuration that refuse to mount; `doctor` has those of the database."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.routing import Rule

from zeeguu_gamify.endpoints.blueprint import our_rules
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.mount import EXTENSION_KEY

#: How a parameter of a path is called makes no difference to what the path matches.
_PARAMETER_NAME = re.compile(r"<(?:string:|(\w+(?:\(.*?\))?:))?\w+>")


def check_mounting(app: Flask, db: Any) -> None:
    """Raise ConfigError when `app` has a Gamify already or `db` is not Flask-SQLAlchemy's."""
    if EXTENSION_KEY in app.extensions:
        raise ConfigError("Gamify is mounted on this app already; call init_app only once.")
    if not isinstance(db, SQLAlchemy):
        raise ConfigError(
            "Gamify needs the host's Flask-SQLAlchemy object: Gamify(app, db), "
            f"not {type(db).__name__}."
        )


def check_routes(app: Flask) -> None:
    """Raise ConfigError when routes of the host are ours too: only one could ever answer."""
    ours = {what: rule for rule in our_rules(app) for what in _matches(rule)}
    endpoints = {rule.endpoint for rule in ours.values()}
    doubles = [
        f"{method} {rule.rule}: the host's {rule.endpoint!r}, our {ours[method, path].endpoint!r}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in endpoints
        for method, path in sorted(_matches(rule) & ours.keys())
    ]
    if doubles:
        raise ConfigError(
            "Routes that both the host and Gamify have; delete the host's views, or mount with "
            "url_prefix=…\n  " + "\n  ".join(doubles)
        )


def _matches(rule: Rule) -> set[tuple[str, str]]:
    """What `rule` answers: method and path, its parameters without their names."""
    path = _PARAMETER_NAME.sub(r"<\1>", rule.rule)
    return {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def reserved_usernames(app: Flask) -> frozenset[str]:
    """Names that a user must not have, because another route stands where the name would.

    E.g. `count_unseen`: `/badges/count_unseen` is not the page of a user of that name.
    """
    pages = [rule.rule for rule in our_rules(app) if rule.rule.endswith("/<username>")]
    prefixes = {page.removesuffix("<username>") for page in pages}
    return frozenset(
        rule.rule.removeprefix(prefix)
        for prefix in prefixes
        for rule in app.url_map.iter_rules()
        if re.fullmatch(re.escape(prefix) + "[^/<]+", rule.rule)
    )
