"""Whatever is sent to our routes, the answer is one that the OpenAPI document promises."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.calls import CALLS
from tests.contract.hosts import Person, World
from tests.contract.test_badges_transport import PATHS

PROMISES = [not_a_server_error, status_code_conformance, response_schema_conformance]
FEW = settings(
    max_examples=15, derandomize=True, database=None, deadline=None, phases=[Phase.generate]
)


@pytest.fixture
def ada(sqlite_world: World) -> Person:
    """A user with a badge, a friend and a stranger."""
    ada, bob, cleo = (sqlite_world.person(name) for name in ("Ada", "Bob", "Cleo"))
    sqlite_world.befriend(ada, bob)
    for person in (ada, bob, cleo):
        sqlite_world.hold(person, "friends_1")
    return ada


@pytest.mark.usefixtures("_streams_end_at_once")
@pytest.mark.parametrize(
    ("mode", "expected"),
    [(GenerationMode.POSITIVE, {200, 403}), (GenerationMode.NEGATIVE, {200, 400, 404})],
)
def test_no_input_breaks_a_promise(
    ada: Person, sqlite_world: World, mode: GenerationMode, expected: set[int]
) -> None:
    schema = schemathesis.openapi.from_wsgi("/gamify/openapi.json", sqlite_world.app)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) == len(PATHS) + len(CALLS) - 1  # not the document itself
    answers = sum((fuzz(operation, mode, ada.uuid) for operation in operations), Counter())
    assert answers.keys() >= expected
    assert 429 not in answers  # or what came after it has shown nothing


def fuzz(operation: Any, mode: GenerationMode, uuid: str) -> Counter[int]:
    """Call `operation` in many ways; how often each status was the answer."""
    statuses: Counter[int] = Counter()

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        response = case.call_and_validate(params={"session": uuid}, checks=PROMISES)
        statuses[response.status_code] += 1

    call()
    return statuses
