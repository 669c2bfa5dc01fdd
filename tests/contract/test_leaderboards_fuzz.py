"""Whatever is asked of a board that there is, the answer is one that the document promises."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from schemathesis.generation import GenerationMode

from tests.contract.hosts import World
from tests.contract.test_openapi_fuzz import FEW, PROMISES


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(GenerationMode.POSITIVE, {200, 400}), (GenerationMode.NEGATIVE, {400})],
)
def test_no_query_breaks_a_promise(
    sqlite_world: World, mode: GenerationMode, expected: set[int]
) -> None:
    ada = sqlite_world.person("Ada")
    schema: Any = schemathesis.openapi.from_wsgi("/gamify/openapi.json", sqlite_world.app)
    operation = schema["/leaderboards/{board}"]["GET"]
    statuses: Counter[int] = Counter()

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        case.path_parameters = {"board": "exp"}
        response = case.call_and_validate(params={"session": ada.uuid}, checks=PROMISES)
        statuses[response.status_code] += 1

    call()
    assert statuses.keys() >= expected
