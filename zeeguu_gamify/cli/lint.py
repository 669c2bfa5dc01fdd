"""`flask gamify catalog lint`: every guardrail of the badges in one place, for people and CI."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import lint
from zeeguu_gamify.badges.lint import Remark, Severity
from zeeguu_gamify.badges.simulate.supposed import read_catalog
from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.cli.texts import untranslated
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

_MARK = {Severity.ERROR: ("✗", "red"), Severity.WARNING: ("!", "yellow")}


@click.command("lint")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    help="Look at the database too, and evaluate all badges for so many users. Writes nothing.",
)
@as_json
@with_appcontext
def lint_catalog(file: Path | None, sample: int | None, as_json: bool) -> None:
    """Check the catalog, or the one of the Python file FILE; exit 1 for an error.

    Needs no database without --sample.
    """
    mount = current_mount()
    if file:
        mount = replace(mount, catalog=read_catalog(file))
    remarks = [*lint.of_code(mount), *_of_texts(mount)]
    run = None
    if sample and not _errors(remarks):
        with read_only(mount.db.engine) as session:
            run, more = _of_database(session, mount, sample)
            remarks += more
    if as_json:
        click.echo(json.dumps(_as_json(mount, remarks, run), indent=2))
    else:
        _print_triggers(mount)
        _print_dry_run(run)
        _print_remarks(remarks)
    if _errors(remarks):
        raise click.exceptions.Exit(1)


def _of_database(
    session: Session, mount: Mount, sample: int
) -> tuple[lint.DryRun | None, list[Remark]]:
    """A dry run, and what the database shows; no run when a fact cannot be read."""
    supposed = lint.applied(session, mount)
    remarks = [*lint.of_database(session, mount)]
    if broken := list(lint.of_fields(session, mount)):
        return None, remarks + broken
    run = lint.dry_run(session, supposed, sample)
    return run, [*remarks, *lint.of_dry_run(run, list(supposed.live.by_id.values()))]


def _errors(remarks: Iterable[Remark]) -> bool:
    return any(remark.severity is Severity.ERROR for remark in remarks)


def _of_texts(mount: Mount) -> Iterator[Remark]:
    """What lacks a translation, where there is a catalog of the language at all."""
    for language in mount.texts.languages[1:]:
        if lacking := len(untranslated(mount, language)):
            message = f"{lacking} texts are not translated; see `flask gamify texts missing`"
            yield Remark(Severity.WARNING, language, message)


def _print_triggers(mount: Mount) -> None:
    triggers = mount.catalog.triggers(mount.events)
    for event, count in sorted(triggers.items()):
        click.echo(f"{count:>4}  {event}")
    for event in sorted(mount.events.keys() - triggers.keys()):
        click.echo(f"   -  {event} (no badge listens)")


def _print_dry_run(run: lint.DryRun | None) -> None:
    if run is None:
        return
    click.echo(f"Dry run over {run.users} users: earned, and new among them")
    for code, earned in sorted(run.earned.items()):
        click.echo(f"{earned:>4} {run.new[code]:>4}  {code}")


def _print_remarks(remarks: list[Remark]) -> None:
    for remark in remarks:
        mark, color = _MARK[remark.severity]
        click.secho(f"{mark} {remark.subject}: {remark.message}", fg=color)
    if _errors(remarks):
        click.secho("The catalog is not sound.", fg="red")
    else:
        click.secho("The catalog is sound.", fg="green")


def _as_json(mount: Mount, remarks: list[Remark], run: lint.DryRun | None) -> dict[str, object]:
    triggers = mount.catalog.triggers(mount.events)
    return {
        "remarks": [asdict(remark) for remark in remarks],
        "badges_of_event": {event: triggers[event] for event in sorted(mount.events)},
        "dry_run": run and {"users": run.users, "earned": dict(run.earned), "new": dict(run.new)},
    }
