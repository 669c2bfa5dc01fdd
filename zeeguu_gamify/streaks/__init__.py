"""Streaks: consecutive practice days, in the user's own zone."""
