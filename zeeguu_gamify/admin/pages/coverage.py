"""Trigger coverage: which badges listen to each event, and what the lint says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, listing, number
from zeeguu_gamify.admin.pages.catalog import badge_url
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.badges import lint
from zeeguu_gamify.badges.definitions import BadgeDefinition
from zeeguu_gamify.events import EventType

EMPTY = "no badge listens"


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """An event of the dictionary, with the badges that it can bring about."""

    event: EventType
    badges: tuple[BadgeDefinition, ...]

    @property
    def links(self) -> list[tuple[str, str]]:
        """(code, URL) of each badge."""
        return [(badge.code, badge_url(badge.code)) for badge in self.badges]

    def __str__(self) -> str:
        return ", ".join(badge.code for badge in self.badges) or EMPTY


def _rows(asked: Asked) -> Sequence[TriggerRow]:
    index = asked.mount.catalog.trigger_index(asked.mount.events)
    found = [
        TriggerRow(event, tuple(index.get(name, ())))
        for name, event in sorted(asked.mount.events.items())
    ]
    words, only = asked.filters.get("q", "").casefold(), asked.filters.get("badges")
    return [
        row
        for row in found
        if words in f"{row.event.name} {row.event.meaning}".casefold()
        and (only is None or (only == "none") is not bool(row.badges))
    ]


COVERAGE = add_list(
    ListPage(
        name="coverage_list",
        path="/triggers",
        title="Triggers",
        empty="No event is like that.",
        columns=(
            Column("Event", lambda row: row.event.name, "code"),
            Column("What happened", lambda row: row.event.meaning),
            Column("Moves", lambda row: row.event.metric or "", "code"),
            number("EXP", lambda row: row.event.exp or None),
            number("Badges", lambda row: len(row.badges)),
            Column("Which", lambda row: row, "links"),
        ),
        filters=(
            Filter("q", "Search", hint="event or what happened"),
            Filter("badges", "Badges", lambda _: [("none", "none listens"), ("some", "some do")]),
        ),
        source=InMemory(_rows),
        size=200,
        has_page=False,
    )
)


@panel.route("/triggers", endpoint="coverage")
def _coverage() -> str:
    """The events, the empty ones marked, and below what is wrong with the catalog's code."""
    found = listing(COVERAGE)
    return render_template(
        "gamify_admin/coverage.html", listing=found, remarks=list(lint.of_code(found.asked.mount))
    )
