"""`flask gamify award grant | revoke | lift`: badges by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from zeeguu_gamify.badges import moderation
from zeeguu_gamify.badges.moderation import Order
from zeeguu_gamify.cli.people import user_id_of
from zeeguu_gamify.errors import GamifyError
from zeeguu_gamify.mount import current_mount

award = AppGroup("award", help="Badges by hand: give, take away, let come back.")


def _ordered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options of every order."""
    for decorate in (
        click.option("--context", default="", help="For what, where the badge is repeatable."),
        click.option("--by", required=True, help="The moderator (username, e-mail or id)."),
        click.option("--reason", required=True, help="Kept in the award log."),
        click.argument("badge"),
        click.argument("user"),
    ):
        command = decorate(command)
    return command


@award.command("grant")
@_ordered
@click.option("--silent", is_flag=True, help="Do not tell the user.")
def grant_badge(silent: bool, **fields: str) -> None:
    """Give USER the badge BADGE, whatever its rule says."""
    with _order(**fields) as (session, wanted):
        moderation.grant(session, current_mount(), wanted, silent=silent)
    click.echo(f"user {wanted.user_id} has {wanted.badge.code} now.")


@award.command("revoke")
@_ordered
def revoke_badge(**fields: str) -> None:
    """Take BADGE away from USER; no rule grants it again until that is lifted."""
    with _order(**fields) as (session, wanted):
        moderation.revoke(session, wanted)
    click.echo(f"{wanted.badge.code} is revoked from user {wanted.user_id}.")


@award.command("lift")
@_ordered
@click.option("--reopen", is_flag=True, help="Let the rules decide anew, instead of restoring.")
def lift_revocation(reopen: bool, **fields: str) -> None:
    """Take back that BADGE was revoked from USER: it stands again, with its old date."""
    with _order(**fields) as (session, wanted):
        moderation.lift(session, wanted, reopen=reopen)
    outcome = "is open again for" if reopen else "is restored to"
    click.echo(f"{wanted.badge.code} {outcome} user {wanted.user_id}.")


@contextmanager
def _order(
    user: str, badge: str, by: str, reason: str, context: str
) -> Iterator[tuple[Session, Order]]:
    """The order, checked, in a transaction that is committed in the end."""
    mount = current_mount()
    if mount.config.shadow:
        raise GamifyError("In shadow mode the badges are the host's to grant.")
    with Session(mount.db.engine) as session:
        mount.refresh(session)
        user_id, actor = (user_id_of(session, mount, one) for one in (user, by))
        wanted = moderation.order(
            session, mount, user_id, badge, by=actor, reason=reason, context=context
        )
        yield session, wanted
        session.commit()
