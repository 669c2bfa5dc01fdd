"""Who is at the panel's door, and what an admin does in it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.test import TestResponse

from tests.contract.hosts import World
from zeeguu_gamify.admin.access import COOKIE

PATH = "/gamify/admin"
ROOT = f"{PATH}/"


class PanelClient:
    """A browser without eyes; it keeps cookies."""

    def __init__(self, world: World, uuid: str | None = None) -> None:
        """`uuid`: it has entered with this session."""
        self.client: FlaskClient = world.app.test_client()
        if uuid:
            self.client.set_cookie(COOKIE, uuid, path=PATH)

    def get(self, path: str = ROOT, **query: Any) -> TestResponse:
        """GET a page of the panel, e.g. "catalog"."""
        return self.client.get(_url(path), query_string=query or None)

    def page(self, path: str = ROOT, **query: Any) -> str:
        """What is on a page that answers."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **form: Any) -> TestResponse:
        """POST a form, as it stands."""
        return self.client.post(_url(path), data=form)

    def token(self) -> str:
        """The token that a form of this session has in it."""
        return field(self.page(), "csrf")

    def ask(self, change: str, **values: Any) -> str:
        """The page that says what a change would do."""
        answer = self.post(f"change/{change}", csrf=self.token(), **values)
        assert answer.status_code == 200, answer.text
        return answer.text

    def do(self, change: str, reason: str = "because", **values: Any) -> TestResponse:
        """Ask for a change, and agree."""
        return self.post(f"change/{change}", reason=reason, **self.agree(change, **values))

    def agree(self, change: str, **values: Any) -> dict[str, Any]:
        """What the page that says what a change would do sends back, but for the reason."""
        page = self.ask(change, **values)
        return {name: field(page, name) for name in ("csrf", "agreed", "form_id")} | values


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, page
    return str(Markup(found[1]).unescape())


def words(page: str) -> str:
    """A page without its tags, entities and runs of blanks."""
    main = page[page.index("<main") :] if "<main" in page else page
    return " ".join(Markup(re.sub("<[^>]*>", " ", main)).unescape().split())


def _url(path: str) -> str:
    return path if path.startswith("/") else ROOT + path


def enter(world: World) -> PanelClient:
    """An admin's browser."""
    return PanelClient(world, world.person("root", is_admin=True).uuid)
