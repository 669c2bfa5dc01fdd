"""`flask gamify rewards …`: what coins buy, and giving coins back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.cli.options import ROW_ID, as_json
from zeeguu_gamify.economy import redeem
from zeeguu_gamify.economy.rewards import save
from zeeguu_gamify.models import Reward, RewardRedemption
from zeeguu_gamify.mount import current_mount

rewards = AppGroup("rewards", help="What coins buy.")

#: Says of a number that it has no limit.
UNLIMITED = "unlimited"


class _Number(click.ParamType[Any]):
    """A number, or `unlimited`."""

    name = f"number|{UNLIMITED}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """The number, or UNLIMITED as it is."""
        if value == UNLIMITED:
            return UNLIMITED
        return int(click.INT.convert(value, param, ctx))


@rewards.command("list")
@as_json
def list_rewards(as_json: bool) -> None:
    """Show the rewards, and how often each was bought."""
    reward, redemption = Reward.__table__, RewardRedemption.__table__
    wanted = (
        select(reward, func.count(redemption.c.id).label("bought"))
        .outerjoin_from(reward, redemption, redemption.c.reward_id == reward.c.id)
        .group_by(*reward.c)
        .order_by(reward.c.code)
    )
    with Session(current_mount().db.engine) as session:
        rows = list(session.execute(wanted))
    if as_json:
        click.echo(json.dumps([dict(row._mapping) for row in rows], indent=2, default=str))
        return
    for row in rows:
        stock = UNLIMITED if row.stock is None else f"{row.stock} left"
        click.echo(
            f"{row.code}: {row.amount} {row.kind} for {row.cost} coins, {stock}, "
            f"bought {row.bought} times"
        )


@rewards.command("set")
@click.argument("code")
@click.option("--name", help="What users read.")
@click.option("--description", help="What users read below the name.")
@click.option("--kind", help="freezes, or what your own code gives.")
@click.option("--amount", type=int, help="So many of the kind.")
@click.option("--cost", type=int, help="Coins.")
@click.option("--stock", type=_Number(), help="So many are left; 0: none.")
@click.option("--per-user", type=_Number(), help="So many for each user.")
@click.option("--starts-at", type=click.DateTime(), help="UTC; to be had from then on.")
@click.option("--ends-at", type=click.DateTime(), help="UTC; from then on no more.")
def set_reward(code: str, **given: Any) -> None:
    """Make the reward CODE, or change what is named of it. A new one needs name, kind and cost.

    A new CODE has letters, digits and underscores.
    """
    columns: dict[str, int | str | datetime | None] = {
        name: None if value == UNLIMITED else value
        for name, value in given.items()
        if value is not None
    }
    with Session(current_mount().db.engine) as session:
        is_new = save(session, code, **columns)
        session.commit()
    click.echo(f"{code} is {'new' if is_new else 'changed'}.")


@rewards.command("refund")
@click.argument("redemption_id", type=ROW_ID)
def refund(redemption_id: int) -> None:
    """Give the coins of a purchase back, and take what it bought."""
    with Session(current_mount().db.engine) as session:
        given_back = redeem.refund(session, redemption_id)
        session.commit()
    click.echo(f"{given_back.cost} coins are given back for {given_back.reward}.")
