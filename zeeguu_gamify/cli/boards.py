"""`flask gamify boards …`: boards by hand."""

from __future__ import annotations

import json
from collections import Counter

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.leaderboards import drift, upkeep
from zeeguu_gamify.leaderboards.boards import BOARDS, board_called
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.mount import current_mount

boards = AppGroup("boards", help="Boards by hand: make anew, check, repair.")

board_option = click.option("--board", help="Only the copies of this board; default: of all.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what is wrong; mend nothing.")

KINDS = ("scores", "copies", "entries")


@boards.command()
@board_option
@as_json
@dry_run
def rebuild(board: str | None, as_json: bool, dry_run: bool) -> None:
    """Make scores equal to the ledger, and every copy in Redis anew. Requests go on meanwhile.

    A new copy takes the place of the old one when it is whole. May be interrupted and run again.
    """
    _run(board, as_json, mend=not dry_run, anew=True)


@boards.command()
@board_option
@as_json
def check(board: str | None, as_json: bool) -> None:
    """Compare scores with the ledger, and copies in Redis with the scores; exit 1 if any differ."""
    if _run(board, as_json, mend=False):
        raise click.exceptions.Exit(1)


@boards.command()
@board_option
@as_json
@dry_run
def repair(board: str | None, as_json: bool, dry_run: bool) -> None:
    """Correct what differs, and nothing else."""
    _run(board, as_json, mend=not dry_run)


def _run(board: str | None, as_json: bool, *, mend: bool, anew: bool = False) -> int:
    """Look at everything, and mend it; how much was wrong."""
    mount = current_mount()
    chosen = list(BOARDS) if board is None else [board_called(board).code]
    with Session(mount.db.engine) as session:
        mount.refresh(session)
        users = upkeep.everybody(session, mount)
        lists = len(upkeep.kept_keys(session)) if mount.redis else 0
    wrong: Counter[tuple[str, Key | None]] = Counter()
    count = users.last - users.first + 1
    seen: set[Key | None] = {None}
    with click.progressbar(length=count * (1 + lists), label="boards", hidden=as_json) as bar:
        for found in drift.look_at(mount, users, chosen, mend=mend, anew=anew):
            wrong[found.what, found.key] += found.wrong
            bar.update(0 if found.key else found.looked_at)
            if found.key not in seen:
                seen.add(found.key)
                bar.update(count)
    _tell(+wrong, as_json, mend=mend, with_redis=mount.redis is not None)
    return wrong.total()


def _tell(
    wrong: Counter[tuple[str, Key | None]], as_json: bool, *, mend: bool, with_redis: bool
) -> None:
    sums = {kind: sum(n for (what, _), n in wrong.items() if what == kind) for kind in KINDS}
    lines = [(what, _name(key), count) for (what, key), count in wrong.items() if key]
    if as_json:
        lists = [{"list": name, "what": what, "count": count} for what, name, count in lines]
        report = {"mended": mend, "redis": with_redis, **sums, "lists": lists}
        click.echo(json.dumps(report, indent=2))
        return
    for what, name, count in lines:
        click.echo(f"{count:>8} {what:<8} {name}")
    total = ", ".join(f"{count} {kind}" for kind, count in sums.items())
    click.echo(f"{total} {'mended' if mend else 'wrong'}.")
    if not with_redis:
        click.echo("There is no Redis here: SQL does all.")


def _name(key: Key) -> str:
    language = f" of language {key.language_id}" if key.language_id else ""
    return f"{key.board} {key.period.value.lower()} {key.starts}{language}"
