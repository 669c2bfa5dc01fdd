"""The pages of the panel, one subject per file; importing them puts them on the blueprint."""

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.pages import (
    amnesties,
    audit,
    awards,
    backfills,
    badge,
    catalog,
    classes,
    clients,
    coverage,
    explain,
    holders,
    jobs,
    moderation,
    overview,
    parked,
    rewards,
    rule_change,
    seasons,
    simulate,
    streaks,
    user,
    users,
    webhooks,
)

__all__ = [
    "amnesties", "audit", "awards", "backfills", "badge", "catalog", "classes", "clients",
    "coverage", "explain", "holders", "jobs", "moderation", "overview", "panel", "parked",
    "rewards", "rule_change", "seasons", "simulate", "streaks", "user", "users", "webhooks",
]  # fmt: skip
