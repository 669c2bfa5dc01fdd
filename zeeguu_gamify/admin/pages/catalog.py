"""The catalog: every badge, with what it asks for, who holds it and how rare it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import url_for

from zeeguu_gamify import clock
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, number
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.components.blueprint import STATIC
from zeeguu_gamify.mount import Mount

VISIBLE, HIDDEN, DEPRECATED, CLOSED, LIMITED = (
    "visible", "hidden", "deprecated", "not open now", "limited",
)  # fmt: skip


#: Where the pictures are, among the components.
ART, ANY_BADGE = "art/badges", "badge.svg"


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """A badge, with what the catalog's code says of it."""

    badge: LiveBadge
    family: str
    triggers: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name, or where it has none, its code."""
        return self.badge.name or self.badge.code

    @property
    def code(self) -> str:
        """Its code."""
        return self.badge.code

    @property
    def test(self) -> str:
        """What it asks for, in words."""
        rule = self.badge.defined.rule if self.badge.defined else None
        return rule or self.badge.test.in_words()

    @property
    def tags(self) -> tuple[str, ...]:
        """Whether it is seen, and can be earned."""
        badge = self.badge
        first = DEPRECATED if badge.deprecated_at else HIDDEN if badge.hidden else VISIBLE
        closed = () if badge.is_open(clock.now()) else (CLOSED,)
        return (first, *closed, *((LIMITED,) if badge.max_holders is not None else ()))

    @property
    def holders(self) -> int | None:
        """How many users hold it; None before the job has counted."""
        counted = self.badge.users_with_badge or self.badge.share_active is not None
        return self.badge.users_with_badge if counted else None

    @property
    def icon(self) -> str:
        """The URL of its picture."""
        return icon_url(self.badge.icon_name)

    @property
    def url(self) -> str:
        """Its own page."""
        return badge_url(self.badge.code)

    def has(self, words: str) -> bool:
        """Whether each word is in one of its texts."""
        badge = self.badge
        texts = (
            badge.code, badge.name, badge.metric, self.family, badge.achieved_description,
            badge.unachieved_description,
        )  # fmt: skip
        where = " ".join(filter(None, texts)).casefold()
        return all(word in where for word in words.casefold().split())


def badge_url(code: str) -> str:
    """The page of a badge."""
    return url_for("gamify_admin.badge", code=code)


@cache
def _is_drawn(icon: str) -> bool:
    """Whether there is such a picture."""
    return Path(icon).name == icon and (STATIC / ART / icon).is_file()


def icon_url(icon: str | None) -> str:
    """The picture of that file name; of those that we do not have, any badge's."""
    name = icon if icon and _is_drawn(icon) else ANY_BADGE
    return url_for("gamify_components.component", name=f"{ART}/{name}")


def rows(mount: Mount) -> list[CatalogRow]:
    """Every badge of the database, family by family."""
    return [row(mount, badge) for family in mount.live.families for badge in family.badges]


def row(mount: Mount, badge: LiveBadge) -> CatalogRow:
    """A badge as the catalog shows it."""
    triggers = mount.catalog.triggers_of(badge.defined, mount.events) if badge.defined else ()
    return CatalogRow(badge, mount.live.by_metric[badge.metric].name, tuple(triggers))


def _rows(asked: Asked) -> Sequence[CatalogRow]:
    wanted = asked.filters
    return [
        one
        for one in rows(asked.mount)
        if wanted.get("family") in (None, one.badge.metric)
        and (wanted.get("trigger") is None or wanted["trigger"] in one.triggers)
        and (wanted.get("visibility") is None or wanted["visibility"] in one.tags)
        and one.has(wanted.get("q", ""))
    ]


def families(asked: Asked) -> Iterable[tuple[str, str]]:
    """The choices of a filter by family; one-offs, families of one, are found by searching."""
    return [(one.metric, one.name) for one in asked.mount.live.families if len(one.badges) > 1]


def triggers(asked: Asked) -> Iterable[tuple[str, str]]:
    """The choices of a filter by trigger."""
    return [(name, name) for name in sorted(asked.mount.catalog.triggers(asked.mount.events))]


def _visibilities(_asked: Asked) -> Iterable[tuple[str, str]]:
    return [(one, one) for one in (VISIBLE, HIDDEN, DEPRECATED, CLOSED, LIMITED)]


def badge_column() -> Column:
    """A column of badges with links, for rows that have `title`, `code`, `icon` and `url`."""
    code = Column("Code", lambda one: one.code, "code")
    return Column(
        "Badge", lambda one: one.title, "strong", lambda one: one.url,
        picture=lambda one: one.icon, below=code,
    )  # fmt: skip


def awarded_column() -> Column:
    """The same for rows that have the `name`, `code` and `icon_name` of a badge."""
    return Column(
        "Badge", lambda row: row.name or row.code, "strong", lambda row: badge_url(row.code),
        picture=lambda row: icon_url(row.icon_name),
        below=Column("Code", lambda row: row.code, "code"),
    )  # fmt: skip


_TRIGGERS = Column("Triggers", lambda one: ", ".join(one.triggers), "code")

add_list(
    ListPage(
        name="catalog",
        path="/catalog",
        title="Catalog",
        about="Every badge of the database, with what it asks for.",
        empty="No badge is like that.",
        columns=(
            badge_column(),
            Column("Family", lambda one: one.family),
            Column("Test", lambda one: one.test, below=_TRIGGERS),
            number("Threshold", lambda one: one.badge.threshold),
            number("Holders", lambda one: one.holders, "as counted last night"),
            Column(
                "Rarity", lambda one: one.badge.share_active, "share",
                about="of the active users hold it",
            ),
            Column("State", lambda one: ", ".join(one.tags), "tags"),
        ),
        filters=(
            Filter("q", "Search", hint="name, code or text"),
            Filter("family", "Family", families),
            Filter("trigger", "Trigger", triggers),
            Filter("visibility", "State", _visibilities),
        ),
        source=InMemory(_rows),
    )
)  # fmt: skip
