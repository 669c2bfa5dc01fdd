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
    granting,
    holders,
    jobs,
    overview,
    parked,
    purchases,
    repairs,
    rewards,
    rule_change,
    seasons,
    simulate,
    user,
    users,
    webhook_changes,
    webhooks,
)

__all__ = [
    "amnesties", "audit", "awards", "backfills", "badge", "catalog", "classes", "clients",
    "coverage", "explain", "granting", "holders", "jobs", "overview", "panel", "parked",
    "purchases", "repairs", "rewards", "rule_change", "seasons", "simulate", "user", "users",
    "webhook_changes", "webhooks",
]  # fmt: skip
