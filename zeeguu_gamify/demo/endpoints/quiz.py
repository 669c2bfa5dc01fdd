"""Quizzes and flashcards: routes that answer with the badges that were just won."""

from __future__ import annotations

from flask import g, jsonify
from flask.typing import ResponseReturnValue

from zeeguu_gamify import emit
from zeeguu_gamify.demo.answers import Body, count, received, text
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.earnings import learned_language
from zeeguu_gamify.demo.endpoints.blueprint import api
from zeeguu_gamify.demo.idempotency import idempotency_key
from zeeguu_gamify.endpoints.wrappers import cross_domain, requires_session


class QuizResult(Body):
    """A quiz that was finished."""

    id = text(100, load_default=None)  #: the client's name for this result
    score = count(load_default=None)
    total = count(load_default=None)


class FlashcardsSession(Body):
    """A session of flashcards that was finished."""

    id = text(100, load_default=None)  #: the client's name for this session
    cards = count(load_default=None)


# ---------------------------------------------------------------------------
@api.route("/api/v1/quiz/result", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def quiz_result() -> ResponseReturnValue:
    """Count the quiz, once for each id or `Idempotency-Key`."""
    return _finish("quiz.completed", received(QuizResult(), form=False))


# ---------------------------------------------------------------------------
@api.route("/api/v1/flashcards/session-complete", methods=["POST"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
def flashcards_session_complete() -> ResponseReturnValue:
    """Count the session, once for each id or `Idempotency-Key`."""
    return _finish("flashcards.completed", received(FlashcardsSession(), form=False))


def _finish(event: str, body: dict[str, object]) -> ResponseReturnValue:
    own_id = body.pop("id")
    key = idempotency_key() or own_id
    outcome = emit(
        db.session(),
        event,
        user_id=g.user_id,
        event_id=f"{event}:{g.user_id}:{key}" if key else None,
        context={**body, "language_id": learned_language(g.user_id)},
    )
    db.session.commit()
    return jsonify(
        new_badges=[badge.code for badge in outcome.new_badges],
        exp=outcome.exp,
        level=outcome.level,
        streak=outcome.streak,
        replayed=outcome.replayed,
    )
