"""The badges of a user, with the certificate of each; and what was granted and revoked, by whom."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.changes import change_url
from zeeguu_gamify.admin.lists import (
    Column,
    Filter,
    ListPage,
    add_list,
    instant,
    links,
    listing,
    one_of,
)
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.catalog import awarded_column
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.economy import statement
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog, UserBadge
from zeeguu_gamify.streaks import standing as streaks

_GRANT: Any = UserBadge.__table__
_BADGE: Any = Badge.__table__
_LOG: Any = BadgeAwardLog.__table__


def _grants(asked: Asked) -> Select[Any]:
    found = select(
        _GRANT, _BADGE.c.code, _BADGE.c.name, _BADGE.c.icon_name
    ).join_from(_GRANT, _BADGE, _BADGE.c.id == _GRANT.c.badge_id)  # fmt: skip
    match asked.filters.get("state"):
        case "held":
            return found.where(_GRANT.c.revoked_at.is_(None))
        case "revoked":
            return found.where(_GRANT.c.revoked_at.is_not(None))
    return found


def _of_grant(asked: Asked) -> Equal:
    return _GRANT.c.user_id, asked.path["user_id"]


def certificate(evidence: Any) -> str:
    """A certificate in a line: what was asked for, what there was, and through which event."""
    given = evidence or {}
    parts = []
    if (given.get("threshold") or 1) > 1:  # of a one-off, such as a prize, it says nothing
        parts.append(f"{given.get('value')} of {given['threshold']}")
    if given.get("event"):
        parts.append(f"by {given['event']}")
    if given.get("rule_version") is not None:
        parts.append(f"rule {given['rule_version']}")
    return ", ".join(map(str, parts))


def _state(row: Any) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "held" if row.is_shown else "held, not seen"


def _doing(row: Any) -> list[tuple[str, str]]:
    about = {"user": row.user_id, "badge": row.code, "context": row.context}
    change = ("Lift", "award.lift") if row.revoked_at else ("Revoke", "award.revoke")
    why = url_for("gamify_admin.explain", user=row.user_id, badge=row.code)
    return [("Why?", why), (change[0], change_url(change[1], **about))]


BADGES = add_list(
    ListPage(
        name="user_badges",
        path="/users/<int:user_id>/badges",
        title="Badges",
        empty="This user holds no badge.",
        columns=(
            awarded_column(),
            instant("Since", lambda row: row.achieved_at),
            Column("State", _state, "tags"),
            Column(
                "Certificate", lambda row: certificate(row.evidence),
                below=Column("For", lambda row: row.context),
            ),
            Column("Source", lambda row: row.source),
            links("Do", _doing),
        ),
        filters=(
            Filter("state", "State", lambda _: [("held", "held"), ("revoked", "revoked")]),
        ),
        source=BySelect(_grants, keys=(_GRANT.c.id,), within=_of_grant),
        has_page=False,
    )
)  # fmt: skip


@panel.route("/users/<int:user_id>", endpoint="user")
def _user(user_id: int) -> str:
    """How the user stands, and the badges held."""
    found = listing(BADGES, user_id=user_id)
    session, mount = found.asked.session, found.asked.mount

    def more() -> dict[str, Any]:
        return {
            "has": statement.standing(session, mount, user_id),
            "streak": streaks.look(session, mount, user_id).value(clock.now()),
            "badges": _count(session, user_id),
            "enabled": mount.is_enabled_for(user_id),
        }

    return users.tab_page("", found, "user.html", more)


def _count(session: Session, user_id: int) -> int:
    held = (_GRANT.c.user_id == user_id, _GRANT.c.revoked_at.is_(None))
    return int(session.execute(select(func.count()).select_from(_GRANT).where(*held)).scalar_one())


# --- award log ---------------------------------------------------------------------------------


def _log(asked: Asked) -> Select[Any]:
    user = asked.mount.host.table("user")
    found = (
        select(
            _LOG, _BADGE.c.code, _BADGE.c.name, _BADGE.c.icon_name, name_column(asked.mount, user)
        )
        .join_from(_LOG, _BADGE, _BADGE.c.id == _LOG.c.badge_id)
        .outerjoin(user, user.c.id == _LOG.c.actor_id)
    )
    return asked.narrowed(found, "action", _LOG.c.action, AwardAction)


def _of_log(asked: Asked) -> Equal:
    return _LOG.c.user_id, asked.path["user_id"]


users.add_tab(
    "log",
    ListPage(
        name="user_award_log",
        path="/users/<int:user_id>/log",
        title="Award log",
        empty="Nothing was granted to or revoked from this user.",
        columns=(
            instant("When", lambda row: row.at),
            awarded_column(),
            Column("What", lambda row: row.action.value.lower(), "tags"),
            Column(
                "Trigger", lambda row: row.event or "", "code",
                below=Column("For", lambda row: row.context),
            ),
            person("By", "actor_id"),
            Column("Why", lambda row: row.reason or ""),
        ),
        filters=(one_of("action", "What", AwardAction),),
        source=BySelect(_log, keys=(_LOG.c.at, _LOG.c.id), within=_of_log),
        has_page=False,
    ),
)  # fmt: skip
