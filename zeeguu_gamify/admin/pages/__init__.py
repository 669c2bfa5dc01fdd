"""The pages of the panel, one subject per file; importing them puts them on the blueprint."""

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.pages import audit, awards, badge, catalog, coverage, holders, overview

__all__ = ["audit", "awards", "badge", "catalog", "coverage", "holders", "overview", "panel"]
