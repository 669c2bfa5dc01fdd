"""The demo as a site that a browser visits: served by threads of the tests' own process.

So a test may do with it what it does with any app: emit, practise, change rows, freeze the clock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.contract.conftest import demo_app
from tests.hosts import mount_on
from zeeguu_gamify import emit, practice
from zeeguu_gamify.demo.accounts import log_in
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User
from zeeguu_gamify.demo.seed import make_tables, make_world
from zeeguu_gamify.testing import SessionClient

HOST = "127.0.0.1"
#: When the world was made, UTC: a Friday. It is the present of the site and of the windows on it.
NOW = datetime(2026, 11, 20, 12)
POLL_SECONDS = 0.02  #: a server that ends looks so often whether it should
#: What the page of a careful host allows. Components must live with it.
POLICY = "default-src 'self'; connect-src http://localhost:* http://127.0.0.1:*"
PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A host</title>
{scripts}
</head>
<body><main><h1>A host</h1>{body}</main></body>
</html>"""
RIGHT_TO_LEFT = {"ar", "he", "fa"}


@dataclass
class Site:
    """The demo on a port, with the learners of zeeguu_gamify/demo/world.py."""

    app: Flask
    url: str = ""
    _pages: list[str] = field(default_factory=list)

    def page(self, body: str, *, lang: str = "en", modules: tuple[str, ...] = ()) -> str:
        """The URL of a host's page with the HTML `body`, which loads these modules.

        modules: paths, e.g. "/gamify/components/streak.js".
        """
        scripts = "".join(
            f'<script type="module" src="{escape(path)}"></script>' for path in modules
        )
        way = "rtl" if lang in RIGHT_TO_LEFT else "ltr"
        self._pages.append(PAGE.format(lang=lang, dir=way, scripts=scripts, body=body))
        return f"{self.url}/_page/{len(self._pages) - 1}"

    def element(self, name: str, learner: str, lang: str = "en", **attributes: str) -> str:
        """The URL of a host's page with one of our elements, for the learner."""
        said = {"session": self.session(learner), **attributes}
        text = " ".join(f'{key.replace("_", "-")}="{escape(said[key])}"' for key in said)
        module = f"/gamify/components/{name.removeprefix('gamify-')}.js"
        return self.page(f"<{name} {text}></{name}>", lang=lang, modules=(module,))

    def session(self, username: str) -> str:
        """The uuid of a new session of the learner."""
        with self.app.app_context():
            uuid = log_in(self._user(username))
            db.session.commit()
        return uuid

    def client(self, username: str) -> SessionClient:
        """A client that is logged in as the learner, without a browser."""
        return SessionClient(self.app, self.session(username))

    def held(self, username: str) -> str:
        """How many badges of how many the learner holds, as the API tells: "25 of 43"."""
        families: list[dict[str, Any]] = self.client(username).get("/gamify/badges").get_json()
        badges = [badge for family in families for badge in family["badges"]]
        return f"{sum(badge['achieved'] for badge in badges)} of {len(badges)}"

    def user_id(self, username: str) -> int:
        """The learner's id."""
        with self.app.app_context():
            return self._user(username).id

    def rename(self, username: str, name: str) -> None:
        """Let the learner be called something else."""
        with self.app.app_context():
            self._user(username).name = name
            db.session.commit()

    def emit(self, username: str, event: str, amount: int = 1, **more: Any) -> None:
        """Let something happen to the learner, and everybody who listens hear of it."""
        with self.app.app_context():
            emit(db.session(), event, user_id=self._user(username).id, amount=amount, **more)
            db.session.commit()

    def earn(self, username: str, exp: int) -> None:
        """Let the learner gain EXP, and every board of theirs move."""
        with self.app.app_context():
            user = self._user(username)
            context = {"cause": "practice", "language_id": user.learned_language_id}
            emit(db.session(), "exp.gained", user_id=user.id, amount=exp, context=context)
            db.session.commit()

    def practise(self, username: str) -> None:
        """Let the learner practise the language that is learnt."""
        with self.app.app_context():
            practice(db.session, self._user(username).id)
            db.session.commit()

    @property
    def streams(self) -> int:
        """How many windows listen to what happens."""
        return mount_on(self.app).hub.streams

    def _user(self, username: str) -> User:
        return db.session.scalars(select(User).where(User.username == username)).one()

    def _show(self, number: int) -> Response:
        headers = {"Content-Security-Policy": POLICY}
        return Response(self._pages[number], mimetype="text/html", headers=headers)


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_about: object) -> None:
        """What the browser asks for would hide what is logged."""


def make_seeded(path: Path) -> None:
    """Make an SQLite file with the demo's world; it takes a second, and copying it does not."""
    with running(demo_app(f"sqlite:///{path}")) as site, site.app.app_context():
        make_tables()
        make_world()


@contextmanager
def running(app: Flask) -> Iterator[Site]:
    """Serve `app` on a free port."""
    site = Site(app)
    app.add_url_rule("/_page/<int:number>", view_func=site._show, endpoint="_page")
    app.add_url_rule("/favicon.ico", view_func=lambda: ("", 204), endpoint="_icon")
    with _serving(app) as port:
        site.url = f"http://{HOST}:{port}"
        yield site
    if publisher := mount_on(app).publisher:
        publisher.end()
    with app.app_context():
        db.engine.dispose()


@contextmanager
def _serving(app: Flask) -> Iterator[int]:
    server = make_server(HOST, 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
