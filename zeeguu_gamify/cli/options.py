"""Options that several commands have."""

import click

#: What a row may be called by; a larger number is refused before a driver stumbles over it.
ROW_ID = click.IntRange(1, 2**63 - 1)
#: For how many hours an old secret is valid beside the new one.
OVERLAP = click.IntRange(0, 24 * 365)
#: So many rows are shown.
LENGTH = click.IntRange(1, 1_000_000)
#: So many are worked on at a time.
BATCH = click.IntRange(1, 5000)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")
