"""`flask gamify simulate`: what other facts, times, events or rules would do. Writes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges.simulate import timeline
from zeeguu_gamify.badges.simulate.change import RuleChange
from zeeguu_gamify.badges.simulate.events_file import read_events
from zeeguu_gamify.badges.simulate.facts import read_fact
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.badges.simulate.supposed import read_catalog, suppose
from zeeguu_gamify.badges.simulate.users import count_users
from zeeguu_gamify.cli.options import BATCH
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.cli.tables import as_csv, as_json_list
from zeeguu_gamify.economy.supposed import books_of, books_of_grants
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.read_only import read_only

INSTANT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"))
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
JSON, CSV = "json", "csv"

EFFECT = ("user_id", "username", "badge", "change", "reason", "exp")
STEP = ("at", "user_id", "event", "badge", "context", "exp", "reason")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command."""

    user: str | None
    facts: tuple[str, ...]
    at: datetime | None
    events: Path | None
    window: tuple[datetime, datetime] | None
    catalog: Path | None
    since: datetime | None
    batch: int
    form: str | None

    def check(self) -> None:
        """Raise BadInput for options that do not go together."""
        if self.since and not self.is_change:
            raise BadInput("--since goes with --catalog, for everybody.")
        if self.window and (self.facts or self.at or self.events):
            raise BadInput("--window goes with neither --set, --at nor --events.")
        if self.window and self.window[0] >= self.window[1]:
            raise BadInput("--window: FROM must be before TO.")
        if not self.user and not self.window and not self.catalog:
            raise BadInput("Name a USER, --window FROM TO, or --catalog FILE.")
        if self.is_change and (self.facts or self.events):
            raise BadInput("--set and --events need a USER.")

    @property
    def is_change(self) -> bool:
        """Whether it is about what a change of rules does to everybody."""
        return bool(self.catalog) and not self.user and not self.window


@click.command()
@click.argument("user", required=False)
@click.option(
    "--set", "facts", multiple=True, metavar="NAME=VALUE", help="Suppose this metric or fact."
)
@click.option("--at", type=INSTANT, help="Suppose that it is then (UTC).")
@click.option("--events", type=FILE, help="Play these events: a JSON object in each line.")
@click.option(
    "--window", nargs=2, type=INSTANT, metavar="FROM TO", help="Play what was stored in between."
)
@click.option("--catalog", type=FILE, help="Suppose the Catalog of this Python file is applied.")
@click.option(
    "--since", type=INSTANT, help="With --catalog: count what is new from events since then."
)
@click.option("--batch", type=BATCH, default=500, show_default=True, help="Users per query.")
@click.option("--json", "form", flag_value=JSON, help="Print JSON for a program.")
@click.option("--csv", "form", flag_value=CSV, help="Print CSV.")
@with_appcontext
def simulate(**options: Any) -> None:
    """Say which badges USER (username, e-mail or id) would be granted, when, and why.

    With --window and no USER, everybody. With --catalog alone, what that change of rules does to
    everybody: who gains, and who has not earned by it what they hold (and keep).
    """
    asked, mount = Asked(**options), current_mount()
    asked.check()
    with read_only(mount.db.engine) as session:
        mount.refresh(session)
        after = suppose(mount, read_catalog(asked.catalog)) if asked.catalog else mount
        if asked.is_change:
            present = asked.at or clock.now()
            books = books_of_grants(session, mount)
            change = RuleChange(session, mount, after, present, asked.since, asked.batch, books)
            _show_change(change, asked.form)
        else:
            _show_steps(session, after, asked)


def _show_change(change: RuleChange, form: str | None) -> None:
    with _bar(count_users(change.session, change.before)) as progress:
        rows = (asdict(effect) for effect in change.effects(progress))
        if form == CSV:
            _echo(as_csv(EFFECT, rows))
        elif form == JSON:
            _echo(_change_as_json(change, rows))
        else:
            for _ in rows:
                pass
    if form is None:
        _echo(_table_of(change))
    if form != JSON:
        for code, why in change.untold.items():
            click.secho(f"{code}: nobody can tell, because {why}", fg="yellow", err=True)


def _change_as_json(change: RuleChange, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield '{"effects":'
    yield from as_json_list(rows)
    totals = {code: asdict(it) for code, it in change.totals.items()}
    rest = {"users": change.users, "badges": totals, "untold": change.untold}
    yield "," + json.dumps(rest, indent=2)[1:]


def _table_of(change: RuleChange) -> Iterator[str]:
    yield f"{'badge':<40} {'gain':>8} {'lose':>8} {'EXP':>8} {'notices':>8}"
    for code, it in change.totals.items():
        yield f"{code:<40} {it.gain:>8} {it.lose:>8} {it.exp:>8} {it.notices:>8}"
    yield f"{change.users} users; nothing was written."


def _show_steps(session: Session, mount: Mount, asked: Asked) -> None:
    if asked.form == CSV:
        _echo(as_csv(STEP, map(_as_row, _steps(session, mount, asked))))
    elif asked.form == JSON:
        _echo(as_json_list(map(asdict, _steps(session, mount, asked))))
    else:
        _echo(map(_in_words, _steps(session, mount, asked)))
        click.echo("Nothing was written.")


def _steps(session: Session, mount: Mount, asked: Asked) -> Iterator[Step]:
    user_id = user_id_of(session, mount, asked.user) if asked.user else None
    present = asked.at or clock.now()
    supposed = dict(read_fact(mount, text, "--set") for text in asked.facts)
    if asked.window:
        with _bar(1 if user_id else count_users(session, mount)) as progress:
            since, until = asked.window
            yield from timeline.of_window(
                session, mount, since, until, user_id, batch_size=asked.batch, progress=progress
            )
    elif user_id is not None and asked.events:
        with asked.events.open("rb") as lines:
            told = read_events(lines, user_id, mount.events)
            books = partial(books_of, session, mount)
            yield from timeline.of_events(session, mount, user_id, told, supposed, present, books)
    elif user_id is not None:
        yield from timeline.of_facts(session, mount, user_id, supposed, present)


def _in_words(step: Step) -> str:
    what = f"{step.badge} for {step.context}" if step.context else step.badge or f"{step.exp} EXP"
    by = f" by {step.event}" if step.event else ""
    return f"{step.at}  user {step.user_id}  {what}{by}: {step.reason}"


def _as_row(step: Step) -> dict[str, Any]:
    return asdict(step) | {
        "reason": step.reason,
        "event": step.event or "",
        "badge": step.badge or "",
    }


@contextmanager
def _bar(length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar beside what is printed; where nobody looks, none."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=length, label="users", file=sys.stderr) as bar:
        yield bar.update


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
