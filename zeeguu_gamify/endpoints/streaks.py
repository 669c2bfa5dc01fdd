"""The streak endpoints (docs/contract.md §1.11) and the practice calendar."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from flask import g
from sqlalchemy import select

from zeeguu_gamify import clock
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import streaks as schemas
from zeeguu_gamify.endpoints.wrappers import (
    cross_domain,
    gated,
    limited,
    needs_tables,
    requires_session,
)
from zeeguu_gamify.friends.blocks import visible_user_id
from zeeguu_gamify.friends.count import are_friends
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.streaks import daily
from zeeguu_gamify.streaks.calendar_page import practice_calendar
from zeeguu_gamify.streaks.reset import is_resting, keep_alive

blueprint = GamifyBlueprint("streaks")


# ---------------------------------------------------------------------------
@blueprint.route("/daily_streak", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("streaks")
@needs_tables
@gives(schemas.DailyStreakSchema())
def daily_streak() -> dict[str, int]:
    """The streak of the language that the user learns; 0 for one never practised."""
    mount = current_mount()
    mount.host.require(Group.LANGUAGE)
    learned, _ = _languages_of(mount, g.user_id)
    return {"daily_streak": _of_language(_streaks_of(mount, g.user_id), learned)}


# ---------------------------------------------------------------------------
@blueprint.route("/all_language_streaks", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("streaks")
@needs_tables
@gives(schemas.CurrentStreakSchema(many=True))
def all_language_streaks() -> list[daily.LanguageStreak]:
    """The streaks of the user's languages but the native one, the longest first."""
    mount = current_mount()
    mount.host.require(Group.LANGUAGE)
    _, native = _languages_of(mount, g.user_id)
    streaks = _streaks_of(mount, g.user_id)
    foreign = [streak for streak in streaks if streak.language_id != native]
    return sorted(foreign, key=attrgetter("daily_streak"), reverse=True)


# ---------------------------------------------------------------------------
@blueprint.route("/language_streak_history", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("streaks")
@needs_tables
@gives(schemas.StreakHistorySchema(many=True))
def language_streak_history() -> list[daily.LanguageStreak]:
    """The longest streaks of all languages of the user, the longest first."""
    mount = current_mount()
    mount.host.require(Group.LANGUAGE)
    return _history(mount, g.user_id)


# ---------------------------------------------------------------------------
@blueprint.route("/friend_language_streak_history/<username>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@needs_tables
@gives(schemas.FriendStreakHistorySchema(many=True))
def friend_language_streak_history(username: str) -> list[Any]:
    """The same of a friend; of a stranger the languages only, of an unknown user nothing."""
    mount = current_mount()
    mount.host.require(Group.LANGUAGE)
    session = mount.db.session
    user_id = visible_user_id(session, mount, g.user_id, username)
    if user_id is None:
        return []
    history = _history(mount, user_id)
    if are_friends(session, g.user_id, user_id):
        return history
    return [{"code": streak.code, "language": streak.language} for streak in history]


# ---------------------------------------------------------------------------
@blueprint.route("/practice_calendar", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.CalendarQuery(), "query")
@gives(schemas.CalendarSchema())
def calendar(query: dict[str, Any]) -> dict[str, Any]:
    """The dates on which the user practised, and those that were bridged."""
    mount = current_mount()
    return practice_calendar(
        mount.db.session, mount, g.user_id, query.get("first"), query.get("last")
    )


def own_streaks(mount: Mount, user_id: int) -> dict[str, Any]:
    """The daily streak and the history at once, as the two routes answer them."""
    mount.host.require(Group.LANGUAGE)
    learned, _ = _languages_of(mount, user_id)
    history = _history(mount, user_id)
    return {"daily_streak": _of_language(history, learned), "languages": history}


def _history(mount: Mount, user_id: int) -> list[daily.LanguageStreak]:
    streaks = _streaks_of(mount, user_id)
    return sorted(streaks, key=attrgetter("max_streak"), reverse=True)


def _of_language(streaks: list[daily.LanguageStreak], language_id: int | None) -> int:
    found = (streak.daily_streak for streak in streaks if streak.language_id == language_id)
    return max(found, default=0)


def _streaks_of(mount: Mount, user_id: int) -> list[daily.LanguageStreak]:
    """A freeze that is due is used by whoever comes first, and that may be a page."""
    session = mount.db.session
    streaks = daily.of_languages(session, mount, user_id)
    if any(streak.may_freeze for streak in streaks) and not is_resting(session(), mount):
        committed(keep_alive, user_id, clock.now())
        streaks = daily.of_languages(session, mount, user_id)
    return streaks


def _languages_of(mount: Mount, user_id: int) -> tuple[int | None, int | None]:
    """The ids of the languages that the user learns and grew up with."""
    user = mount.host.table("user").c
    wanted = select(user.learned_language_id, user.native_language_id).where(user.id == user_id)
    learned, native = mount.db.session.execute(wanted).one()
    return learned, native
