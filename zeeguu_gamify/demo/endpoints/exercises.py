"""`POST /report_exercise_outcome` (docs/contract.md §5)."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy import select

from zeeguu_gamify import clock
from zeeguu_gamify.demo import signals, words
from zeeguu_gamify.demo.answers import Body, count, number, received, refuse, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.endpoints.blueprint import api, current_user, one_at_a_time
from zeeguu_gamify.demo.idempotency import idempotent
from zeeguu_gamify.demo.languages import language_of
from zeeguu_gamify.demo.models import (
    Exercise,
    ExerciseOutcome,
    ExerciseSource,
    UserExerciseSession,
    UserWord,
)
from zeeguu_gamify.demo.rows import find_or_create
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session

#: Correct at the first try, after that many translations, or with a hint.
CORRECT = frozenset({"C", "TC", "TTC", "TTTC", "HC"})
#: Its exercises are part of listening and earn nothing.
AUDIO_LESSON_SOURCE = "DAILY_AUDIO_LESSON"


class Report(Body):
    """An exercise that was done: with one of the user's words, or with a word by itself."""

    outcome = text(255, required=True)
    source = text(255, required=True)
    solving_speed = count(load_default=None)  #: milliseconds
    user_word_id = number()
    word = text(255)
    from_lang = fields.String()
    session_id = number(load_default=None)
    other_feedback = text(255, load_default=None)


# ---------------------------------------------------------------------------
@api.route("/report_exercise_outcome", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@one_at_a_time
@idempotent
def report_exercise_outcome() -> ResponseReturnValue:
    """Note the exercise and plan the word's next one."""
    report = received(Report())
    user_word = _word_of(report)
    outcome, _ = find_or_create(ExerciseOutcome, {"outcome": report["outcome"]})
    source, _ = find_or_create(ExerciseSource, {"source": report["source"]})
    db.session.add(
        Exercise(
            outcome_id=outcome.id,
            source_id=source.id,
            solving_speed=report["solving_speed"],
            time=clock.now(),
            feedback=report["other_feedback"],
            session_id=_session_of(report),
            user_word_id=user_word.id,
        )
    )
    is_correct = report["outcome"] in CORRECT
    if is_correct and report["source"] != AUDIO_LESSON_SOURCE:
        signals.tell(signals.exercise_correct, g.user_id)
    words.practised(user_word, is_correct)
    return "OK"


def _word_of(report: dict[str, Any]) -> UserWord:
    """The caller's word, locked; somebody else's is refused."""
    if "user_word_id" in report:
        wanted = select(UserWord).where(UserWord.id == report["user_word_id"]).with_for_update()
        found = db.session.scalar(wanted)
        if found is None:
            refuse(404, "No such word")
        if found.user_id != g.user_id:
            refuse(403, "That is somebody else's word")
        return found
    if "word" not in report:
        refuse(400, "user_word_id or word: Missing data for required field.")
    user = current_user()
    origin = language_of(report["from_lang"]) if "from_lang" in report else user.learned_language
    if origin is None or user.native_language is None:
        refuse(400, "from_lang: Missing data for required field.")
    return words.studied_word(user.id, report["word"], origin, user.native_language)


def _session_of(report: dict[str, Any]) -> int | None:
    """The exercise session named by the report, if it is the caller's."""
    session_id: int | None = report["session_id"]
    if session_id is not None:
        found = db.session.get(UserExerciseSession, session_id)
        if found is None or found.user_id != g.user_id:
            refuse(403, "That is not a session of yours")
    return session_id
