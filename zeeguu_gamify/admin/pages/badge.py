"""The page of a badge: its rule, its texts, how it goes, and who holds it."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy import Select, select

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.charts import Chart
from zeeguu_gamify.admin.lists import Column, ListPage, add_list, instant, listing
from zeeguu_gamify.admin.pages.catalog import row
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.badges.award_days import SPIKE_RULE, no_trend, trends
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.models import UserBadge
from zeeguu_gamify.mount import Mount

_GRANT: Any = UserBadge.__table__


def find(mount: Mount, code: str) -> LiveBadge:
    """The badge with that code; raises NotFound."""
    badge = mount.live.by_code.get(code)
    if badge is None:
        raise NotFound(f"There is no badge with the code {code}.")
    return badge


def _holders(asked: Asked) -> Select[Any]:
    user, grant = asked.mount.host.table("user"), _GRANT.c
    return (
        select(
            grant.id, grant.user_id, name_column(asked.mount, user), grant.achieved_at,
            grant.source, grant.context, grant.evidence,
        )
        .join_from(_GRANT, user, user.c.id == grant.user_id)
        .where(grant.revoked_at.is_(None))
    )  # fmt: skip


def _of_badge(asked: Asked) -> Equal:
    return _GRANT.c.badge_id, find(asked.mount, asked.path["code"]).id


def _proof(row: Any) -> str:
    """The event of the certificate, in short."""
    return str((row.evidence or {}).get("event") or "")


HOLDERS = add_list(
    ListPage(
        name="badge_holders",
        path="/badges/<code>/holders",
        title="Holders",
        empty="Nobody holds it yet.",
        columns=(
            person(),
            instant("Since", lambda row: row.achieved_at),
            Column("Source", lambda row: row.source),
            Column("Event", _proof, "code"),
            Column("For", lambda row: row.context),
        ),
        source=BySelect(_holders, keys=(_GRANT.c.id,), within=_of_badge),
        has_page=False,
    )
)


@panel.route("/badges/<code>", endpoint="badge")
def _badge(code: str) -> str:
    """What is to be known of a badge."""
    found = listing(HOLDERS, code=code)
    badge, now = find(found.asked.mount, code), clock.now()
    trend = trends(found.asked.session, now, badge.id).get(badge.id, no_trend(now))
    return render_template(
        "gamify_admin/badge.html",
        row=row(found.asked.mount, badge), badge=badge, listing=found,
        chart=Chart(trend, 640, 140), spike_rule=SPIKE_RULE,
    )  # fmt: skip
