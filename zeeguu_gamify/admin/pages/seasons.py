"""Seasons: which are open and closed, who stood where, and closing what is over."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.admin import background, changes
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import Change, Done, Plan, Values
from zeeguu_gamify.admin.lists import (
    Column,
    ListPage,
    add_list,
    instant,
    listing,
    number,
    one_of,
)
from zeeguu_gamify.admin.pages.acting import add_acting
from zeeguu_gamify.admin.pages.catalog import badge_url
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.admin.words import when
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.jobs import orders, schedule
from zeeguu_gamify.jobs.orders import Order
from zeeguu_gamify.leaderboards import seasons
from zeeguu_gamify.models import Season, SeasonStanding, SeasonState
from zeeguu_gamify.mount import Mount

_SEASON: Any = Season.__table__
_STANDING: Any = SeasonStanding.__table__
#: The job that opens and closes seasons.
JOB = "seasons"


def _seasons(asked: Asked) -> Select[Any]:
    return asked.narrowed(select(_SEASON), "state", _SEASON.c.state, SeasonState)


add_acting(
    ListPage(
        name="season_list",
        path="/seasons",
        title="Seasons",
        about="Periods of boards. The scheduler opens and closes them by itself.",
        empty="No season has been opened.",
        columns=(
            Column(
                "Board", lambda row: row.board, "strong",
                lambda row: url_for("gamify_admin.season", season_id=row.id),
            ),
            Column("Period", lambda row: row.period.value.lower()),
            Column("From", lambda row: row.starts),
            Column("Until", lambda row: row.ends),
            Column("State", lambda row: row.state.value.lower(), "tags"),
            instant("Closes", lambda row: row.closes_at),
            instant("Settled", lambda row: row.settled_at),
        ),
        filters=(one_of("state", "State", SeasonState),),
        source=BySelect(_seasons, keys=(_SEASON.c.id,)),
        has_page=False,
    ),
    "seasons",
    [("Close what is over", "seasons.close")],
)  # fmt: skip


def _standings(asked: Asked) -> Select[Any]:
    user = asked.mount.host.table("user")
    return (
        select(_STANDING, name_column(asked.mount, user))
        .join_from(_STANDING, user, user.c.id == _STANDING.c.user_id)
        .where(_STANDING.c.place > 0)
    )


def _of_season(asked: Asked) -> Equal:
    return _STANDING.c.season_id, asked.path["season_id"]


STANDINGS = add_list(
    ListPage(
        name="standings",
        path="/seasons/<int:season_id>",
        title="Standings",
        empty="Nobody stands anywhere yet: standings are written when the season closes.",
        columns=(
            number("Place", lambda row: row.place),
            person(),
            number("Score", lambda row: row.score),
            Column(
                "Prize", lambda row: row.prize or "", "code",
                lambda row: badge_url(row.prize) if row.prize else None,
            ),
            instant("Given", lambda row: row.claimed_at),
        ),
        source=BySelect(
            _standings, keys=(_STANDING.c.place, _STANDING.c.user_id), within=_of_season,
            newest_first=False,
        ),
        has_page=False,
    )
)  # fmt: skip


@panel.route("/seasons/<int:season_id>", endpoint="season")
def _season(season_id: int) -> str:
    """Who stood where."""
    found = listing(STANDINGS, season_id=season_id)
    row = found.asked.session.execute(select(_SEASON).where(_SEASON.c.id == season_id)).first()
    if row is None:
        raise NotFound(f"There is no season {season_id}.")
    facts = {
        "From": row.starts, "Until": row.ends, "State": row.state.value.lower(),
        "Closes": when(row.closes_at), "Settled": when(row.settled_at),
    }  # fmt: skip
    return render_template(
        "gamify_admin/actions.html", listing=found, facts=facts,
        title=f"{row.board}, {row.period.value.lower()}",
        crumbs=("Seasons", url_for("gamify_admin.seasons")),
    )  # fmt: skip


def _plan(session: Session, mount: Mount, _values: Values) -> Plan:
    if schedule.is_idle(session, mount):
        raise BadInput("Events are paused, so seasons wait.")
    due = [seasons.key_of(row) for row in seasons.due(session, clock.now())]
    closing = f"These are over, and close: {', '.join(due)}." if due else "None is over now."
    return Plan(
        (closing, "Seasons that begin are opened; prizes are given."), {"To close": len(due)}
    )


def _close(session: Session, _mount: Mount, _values: Values, _reason: str) -> Done:
    at = clock.now().isoformat()
    orders.place(session, Order(JOB, at, {"at": at}))
    return Done(
        message="Seasons are being closed.", subject=JOB, to=url_for("gamify_admin.seasons")
    )


changes.add(
    Change(
        name="seasons.close", title="Close what is over", button="Close now",
        describe=_plan, apply=_close, after=background.go_on,
    )
)  # fmt: skip
