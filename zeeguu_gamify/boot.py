"""Checks of code and configuration that refuse to mount; `doctor` has those of the database."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.routing import Rule

from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.mount import EXTENSION_KEY

OUR_ENDPOINTS = "gamify_"


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
    """Raise ConfigError when a route of the host is one of ours: only one could ever answer."""
    paths: dict[tuple[str, str], Rule] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            other = paths.setdefault((method, rule.rule), rule)
            if _is_ours(rule) != _is_ours(other):
                theirs = other if _is_ours(rule) else rule
                raise ConfigError(
                    f"{method} {rule.rule} is answered by the host's {theirs.endpoint!r} already; "
                    "delete that view, or mount with url_prefix=…"
                )


def _is_ours(rule: Rule) -> bool:
    return str(rule.endpoint).startswith(OUR_ENDPOINTS)


def reserved_usernames(app: Flask) -> frozenset[str]:
    """Names that a user must not have, because a route of ours stands where the name would.

    E.g. `count_unseen`: `/badges/count_unseen` is not the page of a user of that name.
    """
    rules = [rule.rule for rule in app.url_map.iter_rules() if _is_ours(rule)]
    prefixes = {rule.removesuffix("<username>") for rule in rules if rule.endswith("/<username>")}
    return frozenset(
        rule.removeprefix(prefix)
        for prefix in prefixes
        for rule in rules
        if rule.startswith(prefix) and "<" not in rule and "/" not in rule.removeprefix(prefix)
    )
