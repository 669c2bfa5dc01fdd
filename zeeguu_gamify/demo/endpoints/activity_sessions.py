"""`{exercise,reading,listening,browsing,watching}_session_{start,update,end}` (§5)."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy import func, select

from zeeguu_gamify import clock
from zeeguu_gamify.demo.answers import Body, count, number, received, refuse
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user
from zeeguu_gamify.demo.endpoints.lessons import own_lesson
from zeeguu_gamify.demo.models import (
    ActivitySession,
    Exercise,
    UserBrowsingSession,
    UserExerciseSession,
    UserListeningSession,
    UserReadingSession,
    UserWatchingSession,
)
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session

KINDS: dict[str, type[ActivitySession]] = {
    "exercise": UserExerciseSession,
    "reading": UserReadingSession,
    "listening": UserListeningSession,
    "browsing": UserBrowsingSession,
    "watching": UserWatchingSession,
}
KIND = f"<any({','.join(KINDS)}):kind>"


class Start(Body):
    """What is done, as far as the kind of activity wants to know."""

    platform = fields.Integer(load_default=None, validate=validate.Range(0, 127))
    article_id = number(load_default=None)
    reading_source = fields.String(load_default=None, validate=validate.OneOf(("extension", "web")))
    lesson_id = number(load_default=None)
    video_id = number(load_default=None)


class Duration(Body):
    """How long it has taken so far."""

    id = number(required=True)
    duration = count(required=True)  #: milliseconds


# ---------------------------------------------------------------------------
@api.route(f"/{KIND}_session_start", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def session_start(kind: str) -> ResponseReturnValue:
    """A new session of the kind: `{"id": …}`."""
    form = received(Start())
    now = clock.now()
    session = KINDS[kind](
        user_id=g.user_id,
        start_time=now,
        last_action_time=now,
        platform=form["platform"],
        **_particulars(kind, form),
    )
    db.session.add(session)
    db.session.commit()
    return jsonify(id=session.id)


def _particulars(kind: str, form: dict[str, Any]) -> dict[str, Any]:
    """What only this kind of session has."""
    if kind == "reading":
        return {key: form[key] for key in ("article_id", "reading_source")}
    if kind == "listening":
        return {"daily_audio_lesson_id": _lesson_id(form)}
    if kind == "watching":
        return {"video_id": form["video_id"]}
    return {"language_id": current_user().learned_language_id}


def _lesson_id(form: dict[str, Any]) -> int | None:
    return own_lesson(form["lesson_id"]).id if form["lesson_id"] else None


# ---------------------------------------------------------------------------
@api.route(f"/{KIND}_session_update", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def session_update(kind: str) -> ResponseReturnValue:
    """Note how long the session has lasted."""
    session = _moved_on(kind)
    db.session.commit()
    return jsonify(id=session.id, duration=session.duration)


# ---------------------------------------------------------------------------
@api.route(f"/{KIND}_session_end", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def session_end(kind: str) -> ResponseReturnValue:
    """Note how long the session lasted; one of exercises without an exercise is forgotten."""
    session = _moved_on(kind)
    answer = jsonify(id=session.id, duration=session.duration) if kind == "watching" else "OK"
    if hasattr(session, "is_active"):
        session.is_active = False
    if kind == "exercise" and _is_empty(session):
        db.session.delete(session)
    db.session.commit()
    return answer


def _moved_on(kind: str) -> ActivitySession:
    """The caller's session with its new duration; somebody else's is refused."""
    form = received(Duration())
    session = db.session.get(KINDS[kind], form["id"])
    if session is None:
        refuse(404, "No such session")
    if session.user_id != g.user_id:
        refuse(403, "That is somebody else's session")
    session.duration = form["duration"]
    session.last_action_time = clock.now()
    return session


def _is_empty(session: ActivitySession) -> bool:
    exercises = select(func.count()).where(Exercise.session_id == session.id)
    return not db.session.scalar(exercises)
