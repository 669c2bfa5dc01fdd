"""Whatever is typed into a form of the panel, the answer is a page that says what is wrong."""

from __future__ import annotations

import re

import pytest

from tests.admin.people import PanelClient
from tests.admin.test_pages import SCRIPT
from tests.contract.hosts import Person
from zeeguu_gamify.admin import pages
from zeeguu_gamify.admin.changes import CHANGES

#: Field → what makes sense in it, so that the nonsense beside it is reached.
SENSE = {
    "user": "root", "badge": "friends_1", "id": "1", "hours": "1", "code": "tea", "title": "Tea",
    "kind": "tea", "amount": "1", "cost": "5", "client": "grader", "events": "article.read",
    "url": "https://example.org/", "since": "2026-11-01T00:00", "until": "2026-11-02T00:00",
    "day": "2026-11-10", "job": "freezes", "redemption": "1", "period": "x",
}  # fmt: skip
NONSENSE = ("", "x", "\0", "-1", "9" * 30, "NaN", "0001-01-01", "0001-01-01T00:00",
            "9999-12-31", "9999-12-31T23:59", "[" * 5000, SCRIPT)  # fmt: skip
FORMS = [*(f"change/{name}" for name in sorted(CHANGES)), "simulate", "rule-change"]


def fields(panel: PanelClient, form: str) -> list[str]:
    """The names of what is to be filled in."""
    page = panel.get(form).text
    found = re.findall(r'<(?:input|textarea|select)[^>]* name="(\w+)"', page[page.find("<main") :])
    return [name for name in found if name not in {"csrf", "agreed", "form_id", "reason", "span"}]


def test_the_panel_has_forms() -> None:
    assert pages.panel is not None
    assert len(FORMS) > 25


@pytest.mark.parametrize("form", FORMS)
def test_nonsense_is_no_error_of_the_server(panel: PanelClient, root: Person, form: str) -> None:
    names = fields(panel, form)
    sense = {name: SENSE[name] for name in names if name in SENSE} | {"csrf": panel.token()}
    for name in names:
        for text in NONSENSE:
            answer = panel.post(form, **(sense | {name: text}))
            assert answer.status_code < 500, (name, text)
            assert SCRIPT not in answer.text
