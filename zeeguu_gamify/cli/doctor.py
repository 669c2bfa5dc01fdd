"""`flask gamify doctor`: is all well?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.doctor import Finding, Health, examine
from zeeguu_gamify.mount import current_mount

_MARK = {Health.GOOD: ("✓", "green"), Health.WARNING: ("!", "yellow"), Health.BAD: ("✗", "red")}


@click.command()
@as_json
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check host, schema, catalog, configuration and services; exit 1 when something is bad."""
    mount = current_mount()
    with Session(mount.db.engine) as session:
        findings = examine(current_app, session, mount)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print_findings(findings)
    if any(finding.health is Health.BAD for finding in findings):
        raise click.exceptions.Exit(1)


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark, color = _MARK[finding.health]
        remedy = f" → {finding.remedy}" if finding.remedy else ""
        click.secho(f"{mark} {finding.subject}: {finding.message}{remedy}", fg=color)
    click.echo(_in_sum(Counter(finding.health for finding in findings)))


def _in_sum(counts: Counter[Health]) -> str:
    if bad := counts[Health.BAD]:
        return f"{bad} to mend."
    if warnings := counts[Health.WARNING]:
        return f"Nothing to mend, {warnings} to look at."
    return "All is well."
