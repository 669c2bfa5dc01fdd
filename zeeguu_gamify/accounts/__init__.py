"""Accounts that end: erased without a trace, or merged into another."""

from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge

__all__ = ["erase", "merge"]
