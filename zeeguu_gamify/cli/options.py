"""Options that several commands have."""

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")
