"""What would happen if: other facts, another time, other events, other rules. Never a write."""
