"""Audio lessons: today's, and hearing one (docs/contract.md §5)."""

from __future__ import annotations

from flask import g, jsonify
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy import select, update

from zeeguu_gamify import clock
from zeeguu_gamify.demo import signals
from zeeguu_gamify.demo.answers import Body, received, refuse
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.details import todays_lesson
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user, one_at_a_time
from zeeguu_gamify.demo.idempotency import idempotent
from zeeguu_gamify.demo.models import DailyAudioLesson
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session

ACTIONS = ("play", "pause", "resume", "complete")
SECONDS = 300  #: how long every lesson of the demo is


class State(Body):
    """What the player did."""

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))


# ---------------------------------------------------------------------------
@api.route("/get_todays_lesson", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
def get_todays_lesson() -> ResponseReturnValue:
    """The lesson of this day, made if there is none yet."""
    user = current_user()
    lesson = todays_lesson(user)
    if lesson is None:
        lesson = DailyAudioLesson(
            user_id=user.id,
            language_id=user.learned_language_id,
            created_at=clock.now(),
            duration_seconds=SECONDS,
        )
        db.session.add(lesson)
        db.session.commit()
    return jsonify(_shown(lesson))


# ---------------------------------------------------------------------------
@api.route("/update_lesson_state/<int:lesson_id>", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
@idempotent
def update_lesson_state(lesson_id: int) -> ResponseReturnValue:
    """Note what the player did; a lesson heard to its end counts every time."""
    lesson = own_lesson(lesson_id)
    if received(State(), form=False)["action"] == "complete":
        db.session.execute(
            update(DailyAudioLesson)
            .where(DailyAudioLesson.id == lesson.id)
            .values(
                last_completed_at=clock.now(), listened_count=DailyAudioLesson.listened_count + 1
            )
        )
        signals.tell(signals.audio_lesson_completed, g.user_id)
        db.session.refresh(lesson)
    return jsonify(_shown(lesson))


def own_lesson(lesson_id: int) -> DailyAudioLesson:
    """The caller's lesson; somebody else's is refused."""
    lesson = db.session.scalar(select(DailyAudioLesson).where(DailyAudioLesson.id == lesson_id))
    if lesson is None:
        refuse(404, "No such lesson")
    if lesson.user_id != g.user_id:
        refuse(403, "That is somebody else's lesson")
    return lesson


def _shown(lesson: DailyAudioLesson) -> dict[str, object]:
    return {
        "lesson_id": lesson.id,
        "duration_seconds": lesson.duration_seconds,
        "is_completed": lesson.last_completed_at is not None,
        "listened_count": lesson.listened_count,
    }
