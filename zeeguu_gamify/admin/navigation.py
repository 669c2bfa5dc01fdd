"""What the menu of the panel shows: a line here for each page that has no other way to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request, url_for

from zeeguu_gamify.admin.access import FOR_TEACHERS, panel_path, who
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import current_mount

#: What pages of classes need.
CLASSES = (Group.NAMES, Group.ACTIVITY, Group.COHORT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    page: str  #: the view's endpoint, without the blueprint
    label: str
    within: tuple[str, ...] = ()  #: pages that one reaches from here, e.g. of a single badge
    needs: tuple[Group, ...] = ()  #: what the host must have

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
    "Learners": (
        Entry(
            "users",
            "Users",
            within=(
                "user",
                "user_log",
                "user_changes",
                "user_progress",
                "user_streaks",
                "user_ledger",
                "user_friends",
                "user_purchases",
                "user_inbox",
            ),
        ),
        Entry("explain", "Why (not)?"),
        Entry("simulate", "Simulator"),
        Entry("rule_change", "Rule change"),
    ),
    "Badges": (
        Entry("catalog", "Catalog", within=("badge",)),
        Entry("coverage", "Triggers"),
    ),
    "Work": (
        Entry("backfills", "Backfill", within=("backfill",)),
        Entry("jobs", "Jobs", within=("job",)),
        Entry("parked", "Parked messages"),
        Entry("webhooks", "Webhooks", within=("webhook",)),
        Entry("clients", "Clients"),
        Entry("amnesties", "Amnesties"),
    ),
    "Game": (
        Entry("seasons", "Seasons", within=("season",)),
        Entry("rewards", "Rewards"),
        Entry("redemptions", "Purchases"),
        Entry("classes", "Classes", within=("school_class",), needs=CLASSES),
    ),
    "Record": (Entry("audit", "Audit log", within=("audit_entry",)),),
}


def menu() -> dict[str, tuple[Entry, ...]]:
    """The menu, without pages that this visitor may not see, or the host has nothing for."""
    visitor, host = who(), current_mount().host
    found = {
        heading: tuple(
            entry
            for entry in entries
            if all(map(host.has, entry.needs))
            and visitor is not None
            and (visitor.is_admin or entry.page in FOR_TEACHERS)
        )
        for heading, entries in MENU.items()
    }
    return {heading: entries for heading, entries in found.items() if entries}


def home() -> str:
    """Where "back" leads: the first page that this visitor may see."""
    visitor = who()
    page = "classes" if visitor is not None and not visitor.is_admin else "overview"
    return url_for(f"gamify_admin.{page}")


def whence() -> str:
    """Where "Cancel" leads: the page of the panel from which one came to a change, else `home`.

    A form says it again as `back`. Only a path within the panel counts, whoever says it.
    """
    try:
        url = urlsplit(request.form.get("back") or request.referrer or "")
    except ValueError:
        return home()
    panel = f"{panel_path()}/"
    is_page = url.path.startswith(panel) and ".." not in url.path
    if not is_page or url.path.startswith(f"{panel}change/"):
        return home()
    return f"{url.path}?{url.query}" if url.query else url.path
