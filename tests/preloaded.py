"""What the processes of a test begin with, so that not each of them prepares it anew."""

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import configure_mappers

from tests import routes
from tests.hosts import mount_host
from tests.sql_rules import refuse_newer_than_57

OFTEN_IMPORTED = ["tests.conftest", "tests.integration.test_streak_properties"]

for name in OFTEN_IMPORTED:
    import_module(name)
if find_spec("MySQLdb"):
    import_module("MySQLdb")
routes.share()
mount_host("sqlite://")
configure_mappers()
refuse_newer_than_57("SELECT 1")
