"""Boards: Zeeguu's five over the host's sessions, and those over EXP, with their seasons."""
