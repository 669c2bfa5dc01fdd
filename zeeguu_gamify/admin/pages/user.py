"""The pages about a user: badges, award log, progress, ledger, friends and purchases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Integer, Select, column, func, null, select, union_all
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
    number,
)
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.pages.catalog import badge_url, icon_url
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal, InMemory
from zeeguu_gamify.admin.people import name_column, person
from zeeguu_gamify.badges.live import LiveFamily
from zeeguu_gamify.economy import statement
from zeeguu_gamify.inbox.messages import with_username
from zeeguu_gamify.inbox.notices import Kind
from zeeguu_gamify.inbox.words import data_of, text_of
from zeeguu_gamify.models import (
    Asset,
    AwardAction,
    Badge,
    BadgeAwardLog,
    FriendRequest,
    Friendship,
    InboxMessage,
    LedgerEntry,
    RedemptionStatus,
    Reward,
    RewardRedemption,
    UserBadge,
    UserBadgeProgress,
)
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.streaks import standing as streaks

_GRANT: Any = UserBadge.__table__
_BADGE: Any = Badge.__table__
_LOG: Any = BadgeAwardLog.__table__
_PROGRESS: Any = UserBadgeProgress.__table__
_ENTRY: Any = LedgerEntry.__table__
_FRIENDSHIP: Any = Friendship.__table__
_REQUEST: Any = FriendRequest.__table__
_REDEMPTION: Any = RewardRedemption.__table__
_REWARD: Any = Reward.__table__
_MESSAGE: Any = InboxMessage.__table__


def _badge_column() -> Column:
    """For rows with the name, code and icon of a badge."""
    return Column(
        "Badge", lambda row: row.name or row.code, "strong", lambda row: badge_url(row.code),
        picture=lambda row: icon_url(row.icon_name),
        below=Column("Code", lambda row: row.code, "code"),
    )  # fmt: skip


# --- badges ------------------------------------------------------------------------------------


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
    if given.get("threshold") is not None:
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
            _badge_column(),
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
    if asked.filters.get("action") in AwardAction.__members__:
        found = found.where(_LOG.c.action == AwardAction[asked.filters["action"]])
    return found


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
            _badge_column(),
            Column("What", lambda row: row.action.value.lower(), "tags"),
            Column(
                "Trigger", lambda row: row.event or "", "code",
                below=Column("For", lambda row: row.context),
            ),
            person("By", "actor_id"),
            Column("Why", lambda row: row.reason or ""),
        ),
        filters=(
            Filter("action", "What", lambda _: [(it.name, it.value.lower()) for it in AwardAction]),
        ),
        source=BySelect(_log, keys=(_LOG.c.id,), within=_of_log),
        has_page=False,
    ),
)  # fmt: skip


# --- progress ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a user is in a family."""

    family: LiveFamily
    value: int
    at: datetime | None

    @property
    def reached(self) -> str:
        """E.g. "2 of 5"."""
        badges = self.family.badges
        return f"{sum(one.threshold <= self.value for one in badges)} of {len(badges)}"

    @property
    def left(self) -> str:
        """What the next badge asks for, and how much is lacking."""
        following = (one for one in self.family.badges if one.threshold > self.value)
        badge = next(following, None)
        if badge is None:
            return "all reached"
        return f"{badge.threshold - self.value} more for {badge.name or badge.code}"


def _progress(asked: Asked) -> Sequence[Progress]:
    """Every family: few, whatever the user has done."""
    wanted = select(_PROGRESS).where(_PROGRESS.c.user_id == asked.path["user_id"])
    known = {row.badge_category_id: row for row in asked.session.execute(wanted)}
    found = [
        Progress(family, row.value if row else 0, row.updated_at if row else None)
        for family in asked.mount.live.families
        for row in (known.get(family.id),)
    ]
    if asked.filters.get("show") != "all":
        found = [one for one in found if one.value]
    return found


users.add_tab(
    "progress",
    ListPage(
        name="user_progress_list",
        path="/users/<int:user_id>/progress",
        title="Progress",
        about="Families of badges that the user has begun.",
        empty="This user has begun nothing.",
        columns=(
            Column(
                "Family", lambda one: one.family.name, "strong",
                lambda one: url_for("gamify_admin.catalog", family=one.family.metric),
                below=Column("Metric", lambda one: one.family.metric, "code"),
            ),
            number("Value", lambda one: one.value),
            Column("Levels", lambda one: one.reached),
            Column("Next", lambda one: one.left),
            instant("Changed", lambda one: one.at),
        ),
        filters=(Filter("show", "Families", lambda _: [("all", "also those not begun")]),),
        source=InMemory(_progress),
        has_page=False,
    ),
)  # fmt: skip


# --- ledger ------------------------------------------------------------------------------------


def _ledger(asked: Asked) -> Select[Any]:
    found = select(_ENTRY)
    if asked.filters.get("asset") in Asset.__members__:
        found = found.where(_ENTRY.c.asset == Asset[asked.filters["asset"]])
    return found


def _of_entry(asked: Asked) -> Equal:
    return _ENTRY.c.user_id, asked.path["user_id"]


users.add_tab(
    "ledger",
    ListPage(
        name="user_entries",
        path="/users/<int:user_id>/ledger",
        title="Ledger",
        empty="Nothing was given or spent.",
        columns=(
            instant("When", lambda row: row.at),
            Column("What", lambda row: row.asset.value.lower(), "tags"),
            number("Amount", lambda row: row.amount),
            Column("Why", lambda row: row.reason),
            Column("Date", lambda row: row.local_date or ""),
            Column("Object", lambda row: row.object_id or "", "code"),
        ),
        filters=(Filter("asset", "What", lambda _: [(it.name, it.value.lower()) for it in Asset]),),
        source=BySelect(_ledger, keys=(_ENTRY.c.id,), within=_of_entry),
        has_page=False,
    ),
)


# --- friends -----------------------------------------------------------------------------------

ENDED, SENT, RECEIVED = "ended", "sent", "received"


def _friends(asked: Asked) -> Select[Any]:
    """Friendships, or what waits for an answer, seen from this user's side."""
    mine, what = asked.path["user_id"], asked.filters.get("what")
    if what == SENT:
        found = _requests(_REQUEST.c.sender_id == mine, _REQUEST.c.receiver_id)
    elif what == RECEIVED:
        found = _requests(_REQUEST.c.receiver_id == mine, _REQUEST.c.sender_id)
    else:
        low, high = _FRIENDSHIP.c.user_a_id, _FRIENDSHIP.c.user_b_id
        found = union_all(
            _friendships(low == mine, high, what == ENDED),
            _friendships(high == mine, low, what == ENDED),
        ).subquery("other")
    user = asked.mount.host.table("user")
    name = name_column(asked.mount, user)
    people = select(found, name).join_from(found, user, user.c.id == found.c.user_id)
    return select(people.subquery("friend"))


def _friendships(mine: Any, other: Any, ended: bool) -> Select[Any]:
    row = _FRIENDSHIP.c
    over = row.deleted_at.is_not(None) if ended else row.deleted_at.is_(None)
    return select(
        row.id, other.label("user_id"), row.created_at, row.deleted_at,
        row.friend_streak.label("streak"),
    ).where(mine, over)  # fmt: skip


def _requests(mine: Any, other: Any) -> Any:
    row = _REQUEST.c
    nothing = (null().label("deleted_at"), null().label("streak"))
    return (
        select(row.id, other.label("user_id"), row.created_at, *nothing)
        .where(mine)
        .subquery("other")
    )


users.add_tab(
    "friends",
    ListPage(
        name="user_friend_list",
        path="/users/<int:user_id>/friends",
        title="Friends",
        empty="This user has no friends yet.",
        columns=(
            person(),
            instant("Since", lambda row: row.created_at),
            number("Friend streak", lambda row: row.streak),
            instant("Ended", lambda row: row.deleted_at),
        ),
        filters=(
            Filter(
                "what", "Show",
                lambda _: [
                    (ENDED, "ended friendships"), (SENT, "requests sent"),
                    (RECEIVED, "requests received"),
                ],
            ),
        ),
        source=BySelect(_friends, keys=(column("id", Integer),)),
        has_page=False,
    ),
)  # fmt: skip


# --- purchases ---------------------------------------------------------------------------------


def _purchases(_asked: Asked) -> Select[Any]:
    return select(_REDEMPTION, _REWARD.c.code, _REWARD.c.name).join_from(
        _REDEMPTION, _REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id
    )


def _of_purchase(asked: Asked) -> Equal:
    return _REDEMPTION.c.user_id, asked.path["user_id"]


def refunding(row: Any) -> list[tuple[str, str]]:
    """What can be done with a purchase."""
    if row.status is not RedemptionStatus.GRANTED:
        return []
    return [("Refund", change_url("redemption.refund", redemption=row.id))]


users.add_tab(
    "purchases",
    ListPage(
        name="user_purchase_list",
        path="/users/<int:user_id>/purchases",
        title="Purchases",
        empty="This user has bought nothing.",
        columns=(
            instant("When", lambda row: row.redeemed_at),
            Column(
                "Reward", lambda row: row.name, below=Column("Code", lambda it: it.code, "code")
            ),
            number("Coins", lambda row: row.cost),
            Column("State", lambda row: row.status.value.lower(), "tags"),
            instant("Refunded", lambda row: row.refunded_at),
            links("Do", refunding),
        ),
        source=BySelect(_purchases, keys=(_REDEMPTION.c.id,), within=_of_purchase),
        has_page=False,
    ),
)


# --- inbox -------------------------------------------------------------------------------------


def _inbox(asked: Asked) -> Select[Any]:
    """Also what was dismissed, or is only for the host to tell."""
    found = with_username(asked.mount)
    if asked.filters.get("kind") in set(Kind):
        found = found.where(_MESSAGE.c.kind == asked.filters["kind"])
    return found


def _of_message(asked: Asked) -> Equal:
    return _MESSAGE.c.user_id, asked.path["user_id"]


def _said(row: Any) -> str:
    """In English, as whoever asks for no other language reads it."""
    texts = current_mount().texts
    return text_of(texts, "en", row.kind, data_of(texts, "en", row))


def _seen(row: Any) -> str:
    if not row.shown:
        return "not shown"
    return "seen" if row.seen_at else "new"


users.add_tab(
    "inbox",
    ListPage(
        name="user_messages",
        path="/users/<int:user_id>/inbox",
        title="Inbox",
        about="What the user was told in the app.",
        empty="This user was told nothing in the app.",
        columns=(
            instant("When", lambda row: row.created_at),
            Column("Kind", lambda row: row.kind, "tags"),
            Column("Text", _said),
            person("About", "about_id", "username"),
            Column("State", _seen, "tags"),
            instant("Seen", lambda row: row.seen_at),
        ),
        filters=(Filter("kind", "Kind", lambda _: [(one.value, one.value) for one in Kind]),),
        source=BySelect(_inbox, keys=(_MESSAGE.c.id,), within=_of_message),
        has_page=False,
    ),
)
