"""Accounts that end, erased without a trace or merged into another, and those that get a name."""

from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.accounts.upgrade import upgraded

__all__ = ["erase", "merge", "upgraded"]
