"""The demo host, with an empty world, and learners who sign up through its routes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import copies
from tests.contract.hosts import build, sqlite_world, world  # noqa: F401 (fixtures)
from tests.contract.people import sign_up
from tests.hosts import mount_on
from zeeguu_gamify import Catalog
from zeeguu_gamify.delivery import frames
from zeeguu_gamify.demo import CATALOG, accounts, create_app
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.seed import make_tables
from zeeguu_gamify.testing import SessionClient


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords by the method that is quickest: sign-ups would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "HASH_METHOD", "pbkdf2:sha256:1")
        yield


@pytest.fixture
def _streams_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream says where its client stands, and that is all."""
    monkeypatch.setattr(frames, "LIFETIME", 0.0)


@pytest.fixture(scope="session")
def empty_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the demo's tables; copied, because making them takes longer."""
    path = tmp_path_factory.mktemp("demo") / "empty.db"
    app = demo_app(f"sqlite:///{path}")
    with app.app_context():
        make_tables()
        db.engine.dispose()
    return path


@pytest.fixture
def demo(empty_demo: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo host on an SQLite file of its own."""
    path = shutil.copy(empty_demo, tmp_path / "demo.db")
    app = demo_app(f"sqlite:///{path}")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def demo_anywhere(database_url: str) -> Iterator[Flask]:
    """The demo host on each backend."""
    app = demo_app(database_url)
    with app.app_context():
        copies.fill(mount_on(app), "demo", make_tables)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def learner(demo: Flask) -> SessionClient:
    """Ada, who has just signed up to learn German."""
    return sign_up(demo, "ada")


@pytest.fixture
def stranger(demo: Flask) -> SessionClient:
    """Ben, who has just signed up too."""
    return sign_up(demo, "ben")


def demo_app(url: str, catalog: Catalog = CATALOG) -> Flask:
    """The demo host over the database at `url`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEMO_DATABASE_URI", url)
        return create_app(catalog)
