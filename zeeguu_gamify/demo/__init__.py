"""A small Zeeguu: the host that the demo, the docs and the tests share.

`product.py` makes of it what `make demo` shows.
`flask --app zeeguu_gamify.demo demo init` makes its database, `flask --app zeeguu_gamify.demo run`
serves it. `DEMO_DATABASE_URI` chooses the database; the default is an SQLite file in the instance
folder.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask

from zeeguu_gamify import Catalog, Gamify
from zeeguu_gamify.badges.default_catalog import EXAMPLES, FAMILIES, ONE_OFFS, PRIZES
from zeeguu_gamify.demo.accounts import create_learner
from zeeguu_gamify.demo.cli import demo
from zeeguu_gamify.demo.cors import allow_every_origin
from zeeguu_gamify.demo.database import db, init_database
from zeeguu_gamify.demo.earnings import PAYING
from zeeguu_gamify.demo.endpoints import api
from zeeguu_gamify.demo.endpoints.settings import profile_was_set_up
from zeeguu_gamify.demo.pages import pages

#: The path is relative to the instance folder, which is made when it is needed.
DEFAULT_DATABASE_URI = "sqlite:///demo.db"

CATALOG = Catalog((*FAMILIES, *ONE_OFFS, *EXAMPLES, *PRIZES))


def create_app(catalog: Catalog = CATALOG, **overrides: Any) -> Flask:
    """The demo host with Gamify, and the badges of `catalog`, mounted on it.

    overrides: of `Gamify.init_app`.
    """
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = (
        os.environ.get("DEMO_DATABASE_URI") or DEFAULT_DATABASE_URI
    )
    app.config["GAMIFY_ADMIN"] = True
    init_database(app)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.cli.add_command(demo)
    allow_every_origin(app)
    given: dict[str, Any] = {"events": PAYING, "create_user": create_learner} | overrides
    gamify = Gamify(app, db, catalog=catalog, **given)
    gamify.after("api.user_settings", profile_was_set_up)
    return app
