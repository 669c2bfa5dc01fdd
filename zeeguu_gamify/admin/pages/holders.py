"""The holders: how many hold each badge, how many more each day, and where that ran wild."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zeeguu_gamify import clock
from zeeguu_gamify.admin.charts import Chart
from zeeguu_gamify.admin.lists import Column, Filter, ListPage, add_list, number
from zeeguu_gamify.admin.pages.catalog import CatalogRow, badge_column, families, rows
from zeeguu_gamify.admin.paging import Asked, InMemory
from zeeguu_gamify.badges.award_days import DAYS, SPIKE_RULE, Trend, no_trend, trends


@dataclass(frozen=True, slots=True)
class HoldersRow:
    """A badge and its grants of the last days."""

    of: CatalogRow
    trend: Trend

    @property
    def title(self) -> str:
        """The badge's name."""
        return self.of.title

    @property
    def code(self) -> str:
        """The badge's code."""
        return self.of.code

    @property
    def icon(self) -> str:
        """The URL of the badge's picture."""
        return self.of.icon

    @property
    def url(self) -> str:
        """The badge's page."""
        return self.of.url

    @property
    def chart(self) -> Chart:
        """Its days, drawn."""
        return Chart(self.trend)

    @property
    def wild(self) -> str:
        """The days that ran wild."""
        return ", ".join(f"{day}: {count:,}" for day, count in self.trend.spikes.items())

    def __str__(self) -> str:
        return str(self.trend)


#: What may be shown alone.
_ONLY: dict[str, Callable[[HoldersRow], bool]] = {
    "spikes": lambda row: bool(row.trend.spikes),
    "nobody": lambda row: row.of.holders == 0 and not row.trend.total,
}


def _rows(asked: Asked) -> Sequence[HoldersRow]:
    """Spikes first, then by holders."""
    now = clock.now()
    known, none = trends(asked.session, now), no_trend(now)
    found = [HoldersRow(one, known.get(one.badge.id, none)) for one in rows(asked.mount)]
    family, only = asked.filters.get("family"), _ONLY.get(asked.filters.get("only", ""))
    wanted = [
        row
        for row in found
        if family in (None, row.of.badge.metric) and (only is None or only(row))
    ]
    return sorted(
        wanted, key=lambda row: (not row.trend.spikes, -row.of.badge.users_with_badge, row.title)
    )


add_list(
    ListPage(
        name="holders",
        path="/holders",
        title="Holders",
        about=f"Grants per day in the last {DAYS} days (UTC). A spike is {SPIKE_RULE}.",
        empty="No badge is like that.",
        columns=(
            badge_column(),
            Column("Family", lambda row: row.of.family),
            number("Holders", lambda row: row.of.holders, "as counted last night"),
            Column(
                "Rarity", lambda row: row.of.badge.share_active, "share",
                about="of the active users hold it",
            ),
            number(f"New in {DAYS} days", lambda row: row.trend.total),
            Column("By day", lambda row: row, "chart"),
            Column("Spikes", lambda row: row.wild, "alarm"),
        ),
        filters=(
            Filter("family", "Family", families),
            Filter(
                "only", "Show",
                lambda _: [("spikes", "spikes only"), ("nobody", "not held")],
            ),
        ),
        source=InMemory(_rows),
    )
)  # fmt: skip
