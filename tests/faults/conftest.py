"""The hosts of the integration tests, to be put under faults."""

from tests.integration.conftest import (  # noqa: F401 (fixtures)
    host,
    new_host,
    new_server_host,
    new_sqlite_host,
    server_host,
    sqlite_host,
)
