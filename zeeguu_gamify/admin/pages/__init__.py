"""The pages of the panel, one subject per file; importing them puts them on the blueprint."""

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.pages import (
    audit,
    awards,
    backfills,
    badge,
    catalog,
    coverage,
    explain,
    holders,
    moderation,
    overview,
    rule_change,
    simulate,
    streaks,
    user,
    users,
)

__all__ = [
    "audit", "awards", "backfills", "badge", "catalog", "coverage", "explain", "holders",
    "moderation", "overview", "panel", "rule_change", "simulate", "streaks", "user", "users",
]  # fmt: skip
