"""The pages about a user, a subject per file; what each has at its top is in `users`."""

from zeeguu_gamify.admin.pages.user import friends, grants, inbox, ledger, progress, streaks

__all__ = ["friends", "grants", "inbox", "ledger", "progress", "streaks"]
