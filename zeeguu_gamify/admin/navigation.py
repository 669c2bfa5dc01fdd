"""What the menu of the panel shows: a line here for each page that has no other way to it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    page: str  #: the view's endpoint, without the blueprint
    label: str
    within: tuple[str, ...] = ()  #: pages that one reaches from here, e.g. of a single badge

    @property
    def url(self) -> str:
        """Where it leads."""
        return url_for(f"gamify_admin.{self.page}")

    @property
    def is_here(self) -> bool:
        """Whether this page is the entry's own, or within it."""
        here = (request.endpoint or "").removeprefix("gamify_admin.")
        return here in (self.page, *self.within)


#: Heading → entries.
MENU: dict[str, tuple[Entry, ...]] = {
    "Watch": (
        Entry("overview", "Overview"),
        Entry("awards", "Awards"),
        Entry("holders", "Holders"),
    ),
    "Badges": (
        Entry("catalog", "Catalog", within=("badge",)),
        Entry("coverage", "Triggers"),
    ),
    "Record": (Entry("audit", "Audit log", within=("audit_entry",)),),
}


def menu() -> dict[str, tuple[Entry, ...]]:
    """The menu, without pages that are not there."""
    views = current_app.view_functions
    found = {
        heading: tuple(entry for entry in entries if f"gamify_admin.{entry.page}" in views)
        for heading, entries in MENU.items()
    }
    return {heading: entries for heading, entries in found.items() if entries}
