"""What a host imports from the package, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import zeeguu_gamify


@pytest.mark.parametrize("name", zeeguu_gamify.__all__)
def test_every_public_name_is_there_and_described(name: str) -> None:
    assert getattr(zeeguu_gamify, name).__doc__
    assert name in dir(zeeguu_gamify)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Gamification'"):
        _ = zeeguu_gamify.Gamification


def test_a_name_is_imported_when_it_is_first_used() -> None:
    program = (
        "import sys, zeeguu_gamify\n"
        "assert not {'sqlalchemy', 'flask', 'alembic'} & set(sys.modules)\n"
        "from zeeguu_gamify import GamifyError\n"
        "assert 'sqlalchemy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", ["flask_admin", "celery", "strawberry", "redis", "MySQLdb"])
def test_mounting_imports_no_extra(name: str) -> None:
    program = f"import sys, zeeguu_gamify.extension\nassert {name!r} not in sys.modules\n"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_types_are_shipped() -> None:
    package = import_module("importlib.resources").files("zeeguu_gamify")
    assert (package / "py.typed").is_file()
