"""Mounting the panel on an app, where that is wanted."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from zeeguu_gamify.errors import ConfigError

PATH = "/gamify/admin"


def mount_panel(app: Flask, url_prefix: str | None) -> None:
    """Serve the panel; raises ConfigError when the package it needs is missing."""
    try:
        panel = import_module("zeeguu_gamify.admin.pages").panel
    except ModuleNotFoundError as error:
        if error.name != "wtforms":
            raise
        raise ConfigError(
            "GAMIFY_ADMIN needs WTForms: pip install 'zeeguu-gamify[admin]'."
        ) from error
    app.register_blueprint(panel, url_prefix=f"{url_prefix or ''}{PATH}")
