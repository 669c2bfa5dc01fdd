"""Badges: the catalog as data, progress, and the granter, the only writer of user_badge."""
