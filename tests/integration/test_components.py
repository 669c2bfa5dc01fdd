"""The files of the components over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.hosts import close, mount_host
from zeeguu_gamify.components.blueprint import STATIC

ROOT = "/gamify/components"
FILES = sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())
MIMETYPES = {".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """A host whose database nobody has made: files need none."""
    app = mount_host("sqlite://")
    yield app
    close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def get(client: FlaskClient, name: str, root: str = ROOT, **headers: str) -> TestResponse:
    """The answer; its file is closed."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    answer = client.get(f"{root}/{name}", headers=named)
    answer.get_data()
    answer.close()
    return answer


def test_a_file_has_the_type_that_browsers_want(client: FlaskClient) -> None:
    for name in FILES:
        answer = get(client, name)
        assert (answer.status_code, answer.mimetype) == (200, MIMETYPES[Path(name).suffix])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.data == (STATIC / name).read_bytes()


def test_pages_of_other_origins_may_load_modules(client: FlaskClient) -> None:
    answer = get(client, "base.js", Origin="https://host.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    first = get(client, "base.js")
    assert first.cache_control.public
    assert first.cache_control.max_age == 300
    again = get(client, "base.js", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "name", ["nothing.js", "", "../blueprint.py", "%2e%2e/blueprint.py", "art"]
)
def test_what_is_no_file_of_theirs_is_not_found(name: str, client: FlaskClient) -> None:
    answer = get(client, name)
    assert answer.status_code == 404
    assert b"Blueprint" not in answer.data


def test_a_missing_module_says_so_to_other_origins_too(client: FlaskClient) -> None:
    assert get(client, "nothing.js").headers["Access-Control-Allow-Origin"] == "*"


def test_they_are_mounted_under_the_prefix_of_the_routes() -> None:
    app = mount_host("sqlite://", url_prefix="/api")
    assert get(app.test_client(), "base.js", f"/api{ROOT}").status_code == 200
    close(app)


def test_every_module_that_one_imports_is_there() -> None:
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./(.+?)"', path.read_text()):
            assert (STATIC / name).is_file(), f"{path.name} imports {name}"


def test_nothing_is_loaded_from_elsewhere_and_no_markup_is_made_of_text() -> None:
    for path in STATIC.rglob("*.js"):
        code = path.read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in code, path.name
        urls = set(re.findall(r"https?://[^\s\"'`]+", code))
        assert urls <= {"http://www.w3.org/2000/svg"}, path.name
