"""`flask gamify texts …`: what is to be translated, and what is not yet."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from flask.cli import AppGroup

from zeeguu_gamify.badges import trees
from zeeguu_gamify.cli.options import as_json
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.inbox import words
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.texts import Message, template

texts = AppGroup("texts", help="The texts of badges, goals and inboxes in other languages.")


def messages(mount: Mount) -> Iterator[Message]:
    """Every text of the catalog, the goals and the inbox that a user may read."""
    for family in mount.catalog.families:
        yield family.name
        if family.tooltip:
            yield family.tooltip
        for badge in family.badges:
            yield from (badge.name, badge.unachieved_description, badge.achieved_description)
            if badge.test is not None:
                yield from trees.texts(badge.test)
    for goal in mount.daily_goals:
        yield from (goal.name, goal.description)
    yield from words.MESSAGES


def untranslated(mount: Mount, language: str) -> list[Message]:
    """Those that `language` lacks; a text that is used twice once."""
    return list(mount.texts.missing(language, dict.fromkeys(messages(mount))))


@texts.command("template")
def print_template() -> None:
    """Print all texts as a .pot, for `pybabel init` and `pybabel update`."""
    click.echo(template(messages(current_mount())), nl=False)


@texts.command("missing")
@click.argument("language", required=False)
@as_json
def print_missing(language: str | None, as_json: bool) -> None:
    """List the texts that LANGUAGE lacks, or any language there is; exit 1 if there are some."""
    mount = current_mount()
    known = mount.texts.languages[1:]
    if language and language not in known:
        raise BadInput(f"language: {language!r} has no catalog; there are {', '.join(known)}")
    found = {one: untranslated(mount, one) for one in ([language] if language else known)}
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for one, lacking in found.items():
            for message in lacking:
                click.echo(f"{one}: {message if isinstance(message, str) else message[1]}")
            click.echo(f"{one}: {len(lacking)} texts are not translated.")
    if any(found.values()):
        raise click.exceptions.Exit(1)
