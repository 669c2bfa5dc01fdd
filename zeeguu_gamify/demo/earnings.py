"""The EXP that the demo gives, as data."""

from __future__ import annotations

from sqlalchemy import select

from zeeguu_gamify import emit
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.models import User

#: Event → EXP for one of it.
EXP = {
    "word.translated": 1,
    "exercise.correct": 2,
    "word.learned": 10,
    "article.read": 20,
    "audio_lesson.completed": 20,
    "quiz.completed": 15,
    "flashcards.completed": 10,
}


def earn(event: str, user_id: int) -> int:
    """Give the learner what `event` is worth, in the learned language; how many EXP. No commit."""
    learned = select(User.learned_language_id).where(User.id == user_id)
    context = {"cause": event, "language_id": db.session.scalar(learned)}
    return emit(db.session(), "exp.gained", user_id=user_id, amount=EXP[event], context=context).exp
