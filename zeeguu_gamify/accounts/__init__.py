"""Accounts: how they begin, change, become one with another, and end without a trace."""
