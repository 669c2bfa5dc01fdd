"""Lists with what can be done above them, and the small forms that such changes share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import render_template
from wtforms import DecimalField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from zeeguu_gamify.admin.blueprint import MAX_ID, panel
from zeeguu_gamify.admin.changes import change_url
from zeeguu_gamify.admin.forms import PanelForm
from zeeguu_gamify.admin.lists import ListPage, add_list, listing

#: (what it says, name of the change).
Actions = Sequence[tuple[str, str]]


class IdForm(PanelForm):
    """Which one, by its id."""

    id = IntegerField("Id", [InputRequired(), NumberRange(1, MAX_ID)])


class OverlapForm(PanelForm):
    """How long an old secret is still good."""

    hours = DecimalField(
        "Hours", [InputRequired(), NumberRange(0, 24 * 30)], default=Decimal(24),
        description="So long the old secret is good too.",
    )  # fmt: skip


def add_acting(page: ListPage, endpoint: str, actions: Actions) -> None:
    """Serve a list with links to changes above it; its CSV has the list's own name."""
    add_list(page)

    def show() -> str:
        links = [(said, change_url(name)) for said, name in actions]
        return render_template(
            "gamify_admin/actions.html", listing=listing(page), title=page.title, actions=links
        )

    panel.add_url_rule(page.path, endpoint, show)
